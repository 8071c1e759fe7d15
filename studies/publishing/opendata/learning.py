"""What follows from studies, as the public sees it: policy questions, decisions, programmes in the learning cycle.

Published rows only, and of what they name only what is published. All of it together costs eleven queries, whatever
its size.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Prefetch

from studies.learning import programmes as learning_programmes
from studies.models import Decision, Evaluation, PolicyQuestion, Programme, QuestionSearch, Study
from studies.records.json_fields import day, list_of, slug, text, whole_number
from studies.records.json_record import Record, codes, texts
from studies.text.richtext import clean

_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SearchRecord(Record):
    """A search that was made for a question: of this bank by its criteria, or `elsewhere`."""

    made_on: str
    found: int
    criteria: str | None = None
    elsewhere: str | None = None
    change_no: int | None = None
    vocabulary_no: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionRecord(Record):
    """A policy question with its answer as cleaned HTML."""

    id: str
    question_es: str
    question_en: str | None = None
    answer_es: str | None = None
    answer_en: str | None = None
    reviewed_by: str | None = None
    reviewed_on: str | None = None
    studies: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    searches: tuple[SearchRecord, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionRecord(Record):
    """What was decided on a programme."""

    programme: str
    decided_on: str
    text_es: str
    text_en: str | None = None
    document_title: str | None = None
    document_url: str | None = None
    studies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CycleRecord(Record):
    """What a programme answers, rests on, is tested by and comes from."""

    programme: str
    stage: str
    question_es: str | None = None
    question_en: str | None = None
    questions: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    evaluations: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()


def questions() -> Iterator[QuestionRecord]:
    """Yield the published policy questions."""
    public = Prefetch("programmes", Programme.objects.public().order_by("slug"))
    rows = PolicyQuestion.objects.filter(is_published=True).prefetch_related("searches", _published_studies(), public)
    for row in rows.order_by("slug"):
        yield QuestionRecord(
            id=row.slug,
            question_es=row.question_es,
            question_en=row.question_en or None,
            answer_es=str(clean(row.answer_es)) or None,
            answer_en=str(clean(row.answer_en)) or None,
            reviewed_by=row.reviewed_by or None,
            reviewed_on=row.reviewed_on.isoformat() if row.reviewed_on else None,
            studies=_slugs(row.studies.all()),
            programmes=_slugs(row.programmes.all()),
            searches=tuple(map(_search, row.searches.all())),
            sources=tuple(row.sources),
        )


def decisions() -> Iterator[DecisionRecord]:
    """Yield the published decisions on programmes that have a page."""
    rows = Decision.objects.filter(is_published=True, programme__is_published=True).select_related("programme")
    for row in rows.prefetch_related(_published_studies()).order_by("programme__slug", "decided_on", "pk"):
        yield DecisionRecord(
            programme=row.programme.slug,
            decided_on=row.decided_on.isoformat(),
            text_es=row.text_es,
            text_en=row.text_en or None,
            document_title=row.document_title or None,
            document_url=row.document_url or None,
            studies=_slugs(row.studies.all()),
        )


def cycle() -> Iterator[CycleRecord]:
    """Yield the programmes that have a page: what they answer, rest on, are tested by, and come from."""
    kin = learning_programmes.all_kin()
    asked = Prefetch("policy_questions", PolicyQuestion.objects.filter(is_published=True).order_by("slug"))
    # Those that the edition holds: a trial of drafts alone is in no file.
    trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL, studies__in=Study.objects.published()).distinct()
    tested = Prefetch("evaluations", trials.order_by("slug"))
    rows = Programme.objects.public().prefetch_related(asked, tested, _published_studies("rests_on"))
    for row in rows.order_by("slug"):
        yield CycleRecord(
            programme=row.slug,
            stage=row.stage,
            question_es=row.question_es or None,
            question_en=row.question_en or None,
            questions=_slugs(row.policy_questions.all()),
            rests_on=_slugs(row.rests_on.all()),
            evaluations=_slugs(row.evaluations.all()),
            lineage=tuple(each.slug for each in learning_programmes.ancestors(row.pk, kin) if each.is_public),
        )


def fingerprint() -> str:
    """Hash all of it: changes of these rows raise no number of the bank."""
    written = hashlib.sha256()
    for records in (questions(), decisions(), cycle()):
        for record in records:
            written.update(json.dumps(record.to_json(), ensure_ascii=False).encode() + b"\n")
    return written.hexdigest()[:32]


def _search(row: QuestionSearch) -> SearchRecord:
    return SearchRecord(
        made_on=row.made_on.isoformat(),
        found=row.found,
        criteria=None if row.elsewhere else row.criteria,
        elsewhere=row.elsewhere or None,
        change_no=row.change_no,
        vocabulary_no=row.vocabulary_no,
    )


def _published_studies(name: str = "studies") -> Prefetch[str]:
    return Prefetch(name, Study.objects.published().only("slug").order_by("slug"))


def _slugs(rows: Iterable[Study | Programme | PolicyQuestion | Evaluation]) -> tuple[str, ...]:
    return tuple(row.slug for row in rows)


SearchRecord._shape = {
    "made_on": day,
    "found": whole_number(_MOST),
    **texts(("criteria", "elsewhere")),
    "change_no": whole_number(_MOST),
    "vocabulary_no": whole_number(_MOST),
}
SearchRecord._required = frozenset({"made_on", "found"})

QuestionRecord._shape = {
    "id": slug,
    **texts(("question_es", "question_en", "answer_es", "answer_en", "reviewed_by")),
    "reviewed_on": day,
    "studies": codes,
    "programmes": codes,
    "searches": list_of(SearchRecord._read),
    "sources": list_of(text),
}
QuestionRecord._required = frozenset({"id", "question_es"})
QuestionRecord._always_written = frozenset({"studies", "programmes", "searches", "sources"})

DecisionRecord._shape = {
    "programme": slug,
    "decided_on": day,
    **texts(("text_es", "text_en", "document_title", "document_url")),
    "studies": codes,
}
DecisionRecord._required = frozenset({"programme", "decided_on", "text_es"})
DecisionRecord._always_written = frozenset({"studies"})

CycleRecord._shape = {
    "programme": slug,
    **texts(("stage", "question_es", "question_en")),
    **dict.fromkeys(("questions", "rests_on", "evaluations", "lineage"), codes),
}
CycleRecord._required = frozenset({"programme", "stage"})
CycleRecord._always_written = frozenset({"questions", "rests_on", "evaluations", "lineage"})
