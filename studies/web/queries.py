"""What the pages of this package read beside one study: each function says its number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects

from studies import exchange
from studies.models import Evaluation, EvaluationStudy, Instrument, Programme, Study, StudyTerm
from studies.records import InstrumentRecord


def published_count() -> int:
    """Count the published studies: one query."""
    return Study.objects.published().count()


def newest(number: int) -> list[Study]:
    """Return the newest published studies as cards need them: four queries."""
    return list(Study.objects.for_results().order_by("-year", "slug")[:number])


def published_statuses() -> Iterable[tuple[int, str, int | None]]:
    """Give (study, slug, term of its status) of all published studies: one query."""
    return Study.objects.published().order_by("slug").values_list("id", "slug", "status_id")


def terms_of_published() -> Iterable[tuple[int, int]]:
    """Give (study, term) of all published studies, main designs first: one query."""
    rows = StudyTerm.objects.filter(study__stage="published").order_by("position", "id")
    return rows.values_list("study_id", "term_id")


def trials_of_published() -> Iterable[tuple[str, str]]:
    """Give (evaluation, study), by slugs, of every published study that reports a trial: one query."""
    rows = EvaluationStudy.objects.filter(evaluation__kind=Evaluation.Kind.TRIAL, study__stage="published")
    return rows.order_by("evaluation__slug", "position", "id").values_list("evaluation__slug", "study__slug")


def programmes_under_evaluation(country: str) -> list[Programme]:
    """Return the programmes of a country whose evaluation is under way: one query."""
    stage = Programme.Stage.EVALUATION
    found: Any = Programme.objects.filter(stage=stage, countries__vocabulary="countries", countries__code=country)
    return list(found.order_by("name").distinct())


def studies_of_evaluations(evaluations: Iterable[Evaluation]) -> dict[int, list[Study]]:
    """Return the published studies of each evaluation, main one first: five queries, none without evaluations."""
    ids = [evaluation.pk for evaluation in evaluations]
    if not ids:
        return {}
    places = list(EvaluationStudy.objects.filter(evaluation__in=ids).order_by("position", "id"))
    found = Study.objects.for_results().in_bulk({place.study_id for place in places})
    grouped: dict[int, list[Study]] = {pk: [] for pk in ids}
    for place in places:
        if place.study_id in found:
            grouped[place.evaluation_id].append(found[place.study_id])
    return grouped


def offered_instruments() -> list[Instrument]:
    """Return the instruments that studies are appraised with: one query."""
    return list(Instrument.objects.filter(is_retired=False))


def instruments_of(study: Study) -> dict[str, InstrumentRecord]:
    """Return the instruments of a study's appraisals, by their codes: four queries, none without appraisals."""
    rows = [appraisal.instrument for appraisal in study.appraisals.all()]
    prefetch_related_objects(rows, *exchange.INSTRUMENT_PARTS)
    return {row.slug: exchange.instrument_record(row) for row in rows}


def evaluation_names(slugs: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the names of evaluations in Spanish and English, by slug: one query."""
    rows = Evaluation.objects.filter(slug__in=list(slugs)).values_list("slug", "name_es", "name_en")
    return {slug: (name_es, name_en) for slug, name_es, name_en in rows}
