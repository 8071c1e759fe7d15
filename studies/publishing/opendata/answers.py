"""Records of what people say in answers, for the files of open data: published conclusions, certainty, safety notes.

And of the two tables behind answers, which are part of the exchange format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from studies.learning import published_texts
from studies.learning.published_texts import (
    PublishedCertainty,
    PublishedConclusion,
    PublishedSafetyNote,
    Signature,
)
from studies.models import Baseline, PriorityOutcome, Study
from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.json_fields import read_day, whole_number_reader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _
from studies.store.exchange import answers


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRecord(Record):
    """Base of a published text: who stands for it, since when."""

    version: Annotated[int, Field(_("versión del texto"), whole_number_reader(32_767))]
    author: Annotated[str, Field(_("quién lo escribió"))]
    reviewer: Annotated[str, Field(_("quién lo revisó"))]
    reviewed_on: Annotated[str, Field(_("cuándo se revisó"), read_day)]
    to_review_since: Annotated[
        str | None, Field(_("día desde el que está por revisar, porque cambió un estudio en el que se apoya"), read_day)
    ] = None


@dataclass(frozen=True, slots=True)
class SentenceRecord(Record):
    """A sentence of a conclusion."""

    _always_written = frozenset({"studies"})

    text_es: Annotated[str, Field(_("oración en español"))]
    text_en: Annotated[str, Field(_("oración en inglés"))]
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios que la sustentan"))] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConclusionRecord(SignedRecord):
    """What people conclude on an intervention, a theme or a policy question."""

    about: Annotated[str, Field(_("de qué trata: interventions:código, themes:código o questions:identificador"))]
    sentences: Annotated[tuple[SentenceRecord, ...], Field(_("oraciones"))] = ()


@dataclass(frozen=True, slots=True)
class ReasonRecord(Record):
    """A reason of a judgement of certainty."""

    domain: Annotated[str, Field(_("dominio de GRADE, u other"))]
    text_es: Annotated[str, Field(_("razón en español"))]
    text_en: Annotated[str | None, Field(_("razón en inglés"))] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyRecord(SignedRecord):
    """How certain people are of the effect of an intervention on an outcome."""

    _always_written = frozenset({"studies"})

    intervention: Annotated[str, Field(_("código de la intervención"))]
    outcome: Annotated[str, Field(_("código del resultado"))]
    comparison: Annotated[str | None, Field(_("tipo de comparación; vacío: cualquiera"))] = None
    level: Annotated[str, Field(_("certeza según GRADE: high, moderate, low, very-low"))]
    reasons: Annotated[tuple[ReasonRecord, ...], Field(_("razones"))] = ()
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios que se juzgaron"))] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyNoteRecord(SignedRecord):
    """What whoever carries out an intervention has to mind."""

    _always_written = frozenset({"studies"})

    intervention: Annotated[str, Field(_("código de la intervención"))]
    text_es: Annotated[str, Field(_("nota en español"))]
    text_en: Annotated[str, Field(_("nota en inglés"))]
    studies: Annotated[tuple[str, ...], Field(_("identificadores de los estudios en los que se apoya"))] = ()


def iterate_conclusions() -> Iterator[ConclusionRecord]:
    """Yield the published conclusions."""
    return map(conclusion_to_record, published_texts.list_conclusions())


def iterate_certainties() -> Iterator[CertaintyRecord]:
    """Yield the published judgements of certainty."""
    return map(certainty_to_record, published_texts.list_certainties())


def iterate_safety_notes() -> Iterator[SafetyNoteRecord]:
    """Yield the published safety notes."""
    return map(safety_note_to_record, published_texts.list_safety_notes())


def conclusion_to_record(text: PublishedConclusion) -> ConclusionRecord:
    """Convert a conclusion: no query."""
    sentences = (SentenceRecord(one.text_es, one.text_en, _slugs(one.studies)) for one in text.sentences)
    return ConclusionRecord(**_sign(text.signature), about=text.about, sentences=tuple(sentences))


def certainty_to_record(text: PublishedCertainty) -> CertaintyRecord:
    """Convert a judgement of certainty: no query."""
    in_english = dict(text.reasons_en)
    return CertaintyRecord(
        **_sign(text.signature),
        intervention=text.intervention,
        outcome=text.outcome,
        comparison=text.comparison or None,
        level=text.level,
        reasons=tuple(ReasonRecord(domain, reason, in_english.get(domain)) for domain, reason in text.reasons_es),
        studies=_slugs(text.studies),
    )


def safety_note_to_record(text: PublishedSafetyNote) -> SafetyNoteRecord:
    """Convert a safety note: no query."""
    return SafetyNoteRecord(
        **_sign(text.signature),
        intervention=text.intervention,
        text_es=text.text_es,
        text_en=text.text_en,
        studies=_slugs(text.studies),
    )


def iterate_priorities() -> Iterator[PriorityRecord]:
    """Yield the priority outcomes in use: one query."""
    rows = PriorityOutcome.objects.filter(is_retired=False, outcome__is_retired=False).exclude(theme__is_retired=True)
    for row in rows.select_related("outcome", "theme").order_by("theme__position", "position", "pk"):
        yield answers.priority_to_record(row)


def iterate_baselines() -> Iterator[BaselineRecord]:
    """Yield the baselines in use: one query."""
    rows = Baseline.objects.filter(is_retired=False, outcome__is_retired=False)
    for row in rows.select_related("outcome").order_by("slug"):
        yield answers.baseline_to_record(row)


def _sign(signature: Signature) -> Mapping[str, Any]:
    since = signature.to_review_since
    return {
        "version": signature.version,
        "author": signature.author_name,
        "reviewer": signature.reviewer_name,
        "reviewed_on": signature.reviewed_on.isoformat(),
        "to_review_since": since.isoformat() if since else None,
    }


def _slugs(studies: Iterable[Study]) -> tuple[str, ...]:
    return tuple(sorted(study.slug for study in studies))
