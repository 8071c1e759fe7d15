"""Pages of the published policy questions: their list, and each with its answer, searches, studies and programmes."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from studies.learning.published_texts import PublishedConclusion, find_conclusion_on_question
from studies.models import PolicyQuestion, Study
from studies.store import vocabularies
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.language import page_language
from studies.web.shared import queries
from studies.web.shared.components import (
    ProgrammeLine,
    RichText,
    StudyLine,
    programme_line,
    question_line,
    rich_text,
    study_line,
)
from studies.web.shared.links import Link, SourceLink, breadcrumbs, page_links
from studies.web.shared.responses import mark_not_public, may_see_drafts
from studies.web.shared.signatures import name_signers, tell_review


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence with the studies that support it, by their titles."""

    text: str
    studies: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class SignedConclusion:
    """What two people conclude on a question. `to_review` says since when it is to be reviewed; "" for never."""

    sentences: tuple[CitedSentence, ...]
    signed: str
    to_review: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """What the page of a question prints."""

    row: PolicyQuestion
    conclusion: SignedConclusion | None
    crumbs: tuple[Link, ...]
    question: LocalizedText | None
    answer: RichText | None
    studies: tuple[StudyLine, ...]
    programmes: tuple[ProgrammeLine, ...]
    sources: tuple[SourceLink, ...]


@require_safe
def question_index(request: HttpRequest) -> HttpResponse:
    """List the published questions, the last reviewed first: one query beside those of every page."""
    language = page_language()
    lines = [question_line(row, language) for row in queries.published_questions()]
    context = {"crumbs": breadcrumbs(Link(_("Preguntas de política"))), "questions": lines}
    return render(request, "studies/question_list.html", context)


@require_safe
def question(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a question: nine queries, or thirteen with a conclusion, beside those of every page.

    One that is not published is 404 for the public.
    """
    found = queries.question_for_page(slug)
    if found is None or not (found.is_published or may_see_drafts(request)):
        raise Http404
    conclusion = find_conclusion_on_question(found.pk)
    page = question_page(found, conclusion, vocabularies.current(), page_language())
    response = render(request, "studies/question.html", {"question": page})
    return response if found.is_published else mark_not_public(response)


def question_page(
    found: PolicyQuestion, conclusion: PublishedConclusion | None, vocabulary: Vocabularies, language: str
) -> QuestionPage:
    """Return the view model of a question, read by `queries.question_for_page`: no query."""
    text = choose_text(found.question_es, found.question_en, language)
    here = Link(text.text if text else found.slug)
    return QuestionPage(
        row=found,
        conclusion=_sign(conclusion, language) if conclusion else None,
        crumbs=breadcrumbs(Link(_("Preguntas de política"), reverse("questions")), here),
        question=text,
        answer=rich_text(found.answer_es, found.answer_en, language),
        studies=tuple(study_line(study, vocabulary, language) for study in found.studies.all()),
        programmes=tuple(programme_line(row, vocabulary, language) for row in found.programmes.all()),
        sources=page_links(found.sources),
    )


def _sign(conclusion: PublishedConclusion, language: str) -> SignedConclusion:
    return SignedConclusion(
        sentences=tuple(
            CitedSentence(each.text(language), tuple(_name_study(study, language) for study in each.studies))
            for each in conclusion.sentences
        ),
        signed=name_signers(conclusion.signature),
        to_review=tell_review(conclusion.signature),
    )


def _name_study(study: Study, language: str) -> Link:
    title = choose_text(study.title_es, study.title_en, language)
    text = title.text if title else study.title
    return Link(f"{text}, {study.year}" if study.year else text, study.get_absolute_url())
