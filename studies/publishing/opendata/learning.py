"""Records of policy questions, decisions and the learning cycle of programmes, for the files of open data.

Only published rows, and only published rows that they name. Reading all of them costs eleven queries, whatever their
number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from django.db.models import Prefetch

from studies.learning import programmes as learning_programmes
from studies.models import Decision, Evaluation, PolicyQuestion, Programme, QuestionSearch, Study
from studies.records.json_fields import list_reader, read_day, read_slug, read_text, whole_number_reader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _
from studies.text.richtext import clean_html

_MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class QuestionSearchRecord(Record):
    """A search that was made for a question: in this bank by `criteria`, or `elsewhere`."""

    made_on: Annotated[str, Field(_("día en que se hizo"), read_day)]
    found: Annotated[int, Field(_("cuántos estudios halló ese día"), whole_number_reader(_MAX_INTEGER))]
    criteria: Annotated[
        str | None,
        Field(_("criterios de la lista de este banco; vacío: todos los estudios, o una búsqueda hecha en otro sitio")),
    ] = None
    elsewhere: Annotated[str | None, Field(_("dónde y cómo se hizo, si no fue en este banco"))] = None
    change_no: Annotated[
        int | None,
        Field(
            _("versión del banco en la que se contó; vacío: el número se escribió a mano"),
            whole_number_reader(_MAX_INTEGER),
        ),
    ] = None
    vocabulary_no: Annotated[
        int | None,
        Field(_("versión de los vocabularios y sinónimos con la que se contó"), whole_number_reader(_MAX_INTEGER)),
    ] = None


@dataclass(frozen=True, slots=True)
class QuestionRecord(Record):
    """A policy question with its answer as cleaned HTML."""

    _always_written = frozenset({"studies", "programmes", "searches", "sources"})

    id: Annotated[str, Field(_("identificador, parte de la dirección de la página"), read_slug)]
    question_es: Annotated[str, Field(_("la pregunta, en español"))]
    question_en: Annotated[str | None, Field(_("la pregunta, en inglés"))] = None
    answer_es: Annotated[str | None, Field(_("respuesta del banco en HTML simple, en español"))] = None
    answer_en: Annotated[str | None, Field(_("respuesta del banco en HTML simple, en inglés"))] = None
    reviewed_by: Annotated[str | None, Field(_("quién revisó la respuesta"))] = None
    reviewed_on: Annotated[str | None, Field(_("cuándo se revisó"), read_day)] = None
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios en los que se apoya"))] = ()
    programmes: Annotated[tuple[str, ...], Field(_("identificadores de los programas que responden a ella"))] = ()
    searches: Annotated[tuple[QuestionSearchRecord, ...], Field(_("búsquedas que se hicieron"))] = ()
    sources: Annotated[
        tuple[str, ...],
        Field(
            _("páginas donde se pidió o se publicó la respuesta, o en las que se apoya además"), list_reader(read_text)
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class DecisionRecord(Record):
    """What was decided on a programme."""

    _always_written = frozenset({"studies"})

    programme: Annotated[str, Field(_("identificador del programa"), read_slug)]
    decided_on: Annotated[str, Field(_("fecha de la decisión"), read_day)]
    text_es: Annotated[str, Field(_("qué se decidió, en español"))]
    text_en: Annotated[str | None, Field(_("qué se decidió, en inglés"))] = None
    document_title: Annotated[str | None, Field(_("nombre del documento que lo dice"))] = None
    document_url: Annotated[str | None, Field(_("dirección del documento"))] = None
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios en los que se apoya"))] = ()


@dataclass(frozen=True, slots=True)
class CycleRecord(Record):
    """A programme in the learning cycle: its questions, studies, evaluations and lineage."""

    _always_written = frozenset({"questions", "rests_on", "evaluations", "lineage"})

    programme: Annotated[str, Field(_("identificador del programa"), read_slug)]
    stage: Annotated[str, Field(_("lugar en el ciclo de aprendizaje"))]
    question_es: Annotated[str | None, Field(_("pregunta que se propone responder, en español"))] = None
    question_en: Annotated[str | None, Field(_("pregunta que se propone responder, en inglés"))] = None
    questions: Annotated[
        tuple[str, ...], Field(_("identificadores de las preguntas de política a las que responde"))
    ] = ()
    rests_on: Annotated[
        tuple[str, ...], Field(_("identificadores de los estudios en los que se apoya, además de los suyos"))
    ] = ()
    evaluations: Annotated[tuple[str, ...], Field(_("identificadores de las evaluaciones que lo ponen a prueba"))] = ()
    lineage: Annotated[
        tuple[str, ...], Field(_("identificadores de los programas de los que viene, el origen primero"))
    ] = ()


def iterate_questions() -> Iterator[QuestionRecord]:
    """Yield the published policy questions."""
    public = Prefetch("programmes", Programme.objects.public().order_by("slug"))
    rows = PolicyQuestion.objects.filter(is_published=True).prefetch_related("searches", _published_studies(), public)
    for row in rows.order_by("slug"):
        yield QuestionRecord(
            id=row.slug,
            question_es=row.question_es,
            question_en=row.question_en or None,
            answer_es=str(clean_html(row.answer_es)) or None,
            answer_en=str(clean_html(row.answer_en)) or None,
            reviewed_by=row.reviewed_by or None,
            reviewed_on=row.reviewed_on.isoformat() if row.reviewed_on else None,
            studies=_slugs(row.studies.all()),
            programmes=_slugs(row.programmes.all()),
            searches=tuple(map(_search, row.searches.all())),
            sources=tuple(row.sources),
        )


def iterate_decisions() -> Iterator[DecisionRecord]:
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


def iterate_cycle() -> Iterator[CycleRecord]:
    """Yield the programmes that have a page, with their questions, studies, evaluations and lineage."""
    kin = learning_programmes.read_lineages()
    questions = Prefetch("policy_questions", PolicyQuestion.objects.filter(is_published=True).order_by("slug"))
    # Only those in the edition: a trial whose studies are all drafts is in no file.
    trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL, studies__in=Study.objects.published()).distinct()
    evaluations = Prefetch("evaluations", trials.order_by("slug"))
    rows = Programme.objects.public().prefetch_related(questions, evaluations, _published_studies("rests_on"))
    for row in rows.order_by("slug"):
        yield CycleRecord(
            programme=row.slug,
            stage=row.stage,
            question_es=row.question_es or None,
            question_en=row.question_en or None,
            questions=_slugs(row.policy_questions.all()),
            rests_on=_slugs(row.rests_on.all()),
            evaluations=_slugs(row.evaluations.all()),
            lineage=tuple(each.slug for each in learning_programmes.list_ancestors(row.pk, kin) if each.is_public),
        )


def compute_fingerprint() -> str:
    """Return a hash of these records, whose changes raise no number of the bank."""
    written = hashlib.sha256()
    for records in (iterate_questions(), iterate_decisions(), iterate_cycle()):
        for record in records:
            written.update(json.dumps(record.to_json(), ensure_ascii=False).encode() + b"\n")
    return written.hexdigest()[:32]


def _search(row: QuestionSearch) -> QuestionSearchRecord:
    return QuestionSearchRecord(
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
