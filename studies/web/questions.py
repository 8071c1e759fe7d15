"""Policy questions: their list, and each with its answer, its searches and what it rests on. Published ones only."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from studies.models import PolicyQuestion, QuestionSearch
from studies.store import vocabularies
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import Text, choose
from studies.text.language import page_language
from studies.text.richtext import clean
from studies.web.shared import queries
from studies.web.shared.components import (
    Link,
    ProgrammeLine,
    SourceLink,
    StudyLine,
    host,
    programme_line,
    question_line,
    study_line,
)
from studies.web.shared.responses import not_public


@dataclass(frozen=True, slots=True)
class MadeSearch:
    """A search that was made for a question, and how many studies it found then.

    In the bank: `url` leads to its list, `change_no` says at which change of the bank it was counted, if it was.
    `elsewhere` says where else it was made.
    """

    on: datetime.date
    criteria: str
    elsewhere: str
    url: str
    found: int
    change_no: int | None
    vocabulary_no: int | None


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """All that the page of a question prints. `answer` is cleaned HTML in `answer_language`."""

    crumbs: tuple[Link, ...]
    is_draft: bool
    question: Text | None
    answer: SafeString | None
    answer_language: str
    reviewed_by: str
    reviewed_on: datetime.date | None
    searches: tuple[MadeSearch, ...]
    studies: tuple[StudyLine, ...]
    programmes: tuple[ProgrammeLine, ...]
    sources: tuple[SourceLink, ...]


@require_safe
def question_index(request: HttpRequest) -> HttpResponse:
    """List the published questions, the last reviewed first: one query beside the frame's."""
    language = page_language()
    lines = [question_line(row, language) for row in queries.published_questions()]
    crumbs = (Link(_("Inicio"), reverse("home")), Link(_("Preguntas de política")))
    return render(request, "studies/question_list.html", {"crumbs": crumbs, "questions": lines})


@require_safe
def question(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a question: eight queries beside the frame's. One that is not published is 404 for the public."""
    found = queries.question_for_page(slug)
    if found is None or not (found.is_published or _may_see_drafts(request)):
        raise Http404
    page = question_page(found, vocabularies.current(), page_language())
    response = render(request, "studies/question.html", {"question": page})
    return response if found.is_published else not_public(response)


def question_page(found: PolicyQuestion, vocabulary: Vocabularies, language: str) -> QuestionPage:
    """Put the page together from a row of `queries.question_for_page`: no query."""
    text = choose(found.question_es, found.question_en, language)
    answer = choose(found.answer_es, found.answer_en, language)
    trail = (Link(_("Inicio"), reverse("home")), Link(_("Preguntas de política"), reverse("questions")))
    return QuestionPage(
        crumbs=(*trail, Link(text.text if text else found.slug)),
        is_draft=not found.is_published,
        question=text,
        answer=clean(answer.text) if answer else None,
        answer_language=answer.language if answer else "",
        reviewed_by=found.reviewed_by,
        reviewed_on=found.reviewed_on,
        searches=tuple(map(_made_search, found.searches.all())),
        studies=tuple(study_line(study, vocabulary, language) for study in found.studies.all()),
        programmes=tuple(programme_line(row, vocabulary, language) for row in found.programmes.all()),
        sources=tuple(SourceLink(url, host(url)) for url in found.sources),
    )


def _made_search(row: QuestionSearch) -> MadeSearch:
    return MadeSearch(
        on=row.made_on,
        criteria=row.criteria,
        elsewhere=row.elsewhere,
        url="" if row.elsewhere else reverse("search") + (f"?{row.criteria}" if row.criteria else ""),
        found=row.found,
        change_no=row.change_no,
        vocabulary_no=row.vocabulary_no,
    )


def _may_see_drafts(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_staff", False) and request.user.has_perm("studies.view_programme"))
