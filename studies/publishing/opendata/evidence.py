"""Records of evaluations, programmes and the thesaurus as the public may have them, for open data and the API.

Of all of them only what published studies bear out, and only published studies are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from studies.models import Concept, Evaluation, Programme, Study
from studies.records.study import ConceptRecord, EvaluationRecord, ProgrammeRecord
from studies.store.exchange import evidence
from studies.store.exchange.vocabulary import concept_to_record


def iterate_evaluations() -> Iterator[EvaluationRecord]:
    """Yield the evaluations with a published study, by id: six queries. Of the programme only a public name is told."""
    published = _published_slugs()
    named = frozenset(Programme.objects.public_or_named().values_list("name", flat=True))
    for row in Evaluation.objects.prefetch_related(*evidence.EVALUATION_PARTS).order_by("slug"):
        record = _keep_published(evidence.evaluation_to_record(row), published)
        if record.studies:
            yield record if record.programme in named else replace(record, programme=None)


def iterate_programmes() -> Iterator[ProgrammeRecord]:
    """Yield the programmes that are public or that a published study names, by id: seven queries."""
    published = _published_slugs()
    rows = list(
        Programme.objects.public_or_named().prefetch_related(*evidence.PROGRAMME_PARTS).order_by("slug"),
    )
    slugs = {row.slug for row in rows}
    for row in rows:
        record = _keep_published(evidence.programme_to_record(row), published)
        yield record if record.adapted_from in slugs else replace(record, adapted_from=None)


def iterate_concepts() -> Iterator[ConceptRecord]:
    """Yield the concepts of the thesaurus, by their names: two queries."""
    rows = Concept.objects.select_related("broader").prefetch_related("terms").order_by("slug")
    return map(concept_to_record, rows)


def _published_slugs() -> frozenset[str]:
    return frozenset(Study.objects.published().values_list("slug", flat=True))


def _keep_published(record: Any, published: frozenset[str]) -> Any:
    return replace(record, studies=tuple(slug for slug in record.studies if slug in published))
