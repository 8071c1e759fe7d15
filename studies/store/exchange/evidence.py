"""Converts programmes and evaluations between rows and records."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from studies.models import Evaluation, EvaluationStudy, Programme, ProgrammeStudy, Study, Term, Vocabulary
from studies.records.study import EvaluationRecord, ProgrammeRecord
from studies.store.exchange.errors import UnknownTerm

PROGRAMME_PARTS = ("countries", "themes", "programme_studies__study", "adapted_from")
"""What to prefetch of programmes, so that converting any number of them asks nothing."""
EVALUATION_PARTS = ("evaluation_studies__study", "programme")


def programme_to_record(programme: Programme) -> ProgrammeRecord:
    """Convert a programme: four queries, none with PROGRAMME_PARTS prefetched."""
    return ProgrammeRecord(
        id=programme.slug,
        name=programme.name,
        name_es=programme.name_es,
        name_en=programme.name_en,
        aliases=tuple(programme.aliases),
        organisation=programme.organisation or None,
        country=_codes(programme.countries.all()),
        theme=_codes(programme.themes.all()),
        stage=programme.stage,
        registration=programme.registration or None,
        expected_results=programme.expected_results or None,
        adapted_from=programme.adapted_from.slug if programme.adapted_from else None,
        studies=tuple(link.study.slug for link in programme.programme_studies.all()),
        description_es=programme.description_es or None,
        description_en=programme.description_en or None,
        sources=tuple(programme.sources),
    )


def save_programme(record: ProgrammeRecord, programme: Programme | None = None) -> Programme:
    """Write a programme without its studies, which may not be there yet. Raises UnknownTerm.

    A new programme with a source is published. Fields that the exchange format lacks are left as they are.
    Call it inside `changes.vocabulary_change`, because the search knows programmes by name.
    """
    programme = programme if programme is not None else Programme(slug=record.id)
    programme.name = record.name
    programme.name_es = record.name_es
    programme.name_en = record.name_en
    programme.aliases = list(record.aliases)
    programme.organisation = record.organisation or ""
    programme.stage = record.stage
    programme.registration = record.registration or ""
    programme.expected_results = record.expected_results or ""
    programme.adapted_from = Programme.objects.filter(slug=record.adapted_from).first() if record.adapted_from else None
    if record.adapted_from and programme.adapted_from is None:
        raise UnknownTerm(f"{record.id}.adapted_from", record.adapted_from)
    programme.description_es = record.description_es or ""
    programme.description_en = record.description_en or ""
    programme.sources = list(record.sources)
    programme.is_published = bool(record.sources) and (programme.pk is None or programme.is_published)
    programme.save()
    programme.countries.set(_find_terms(Vocabulary.COUNTRIES, record.country, f"{record.id}.country"))
    programme.themes.set(_find_terms(Vocabulary.THEMES, record.theme, f"{record.id}.theme"))
    return programme


def save_programme_studies(record: ProgrammeRecord, programme: Programme) -> None:
    """Replace the studies of a programme, in order. Raises UnknownTerm for a study that the bank does not have."""
    programme.programme_studies.all().delete()
    ProgrammeStudy.objects.bulk_create(
        ProgrammeStudy(programme=programme, study=study, position=position)
        for position, study in enumerate(_find_studies(record.studies, f"{record.id}.studies"))
    )


def evaluation_to_record(evaluation: Evaluation) -> EvaluationRecord:
    """Convert an evaluation: a query for each of its studies and one more, none with EVALUATION_PARTS prefetched."""
    return EvaluationRecord(
        id=evaluation.slug,
        kind=evaluation.kind,
        name_es=evaluation.name_es,
        name_en=evaluation.name_en,
        programme=evaluation.programme.name if evaluation.programme else None,
        studies=tuple(link.study.slug for link in evaluation.evaluation_studies.all()),
        registration=evaluation.registration or None,
    )


def save_evaluation(record: EvaluationRecord, evaluation: Evaluation | None = None) -> Evaluation:
    """Write an evaluation with its studies. Raises UnknownTerm for a study or programme that the bank does not have."""
    evaluation = evaluation if evaluation is not None else Evaluation(slug=record.id)
    evaluation.kind = record.kind
    evaluation.name_es = record.name_es
    evaluation.name_en = record.name_en
    evaluation.programme = Programme.objects.filter(name=record.programme).first() if record.programme else None
    if record.programme and evaluation.programme is None:
        raise UnknownTerm(f"{record.id}.programme", record.programme)
    evaluation.registration = record.registration or ""
    evaluation.save()
    evaluation.evaluation_studies.all().delete()
    EvaluationStudy.objects.bulk_create(
        EvaluationStudy(evaluation=evaluation, study=study, position=position)
        for position, study in enumerate(_find_studies(record.studies, f"{record.id}.studies"))
    )
    return evaluation


def _codes(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(term.code for term in sorted(terms, key=attrgetter("position")))


def _find_terms(vocabulary: str, codes: Iterable[str], path: str) -> list[Term]:
    found = {term.code: term for term in Term.objects.filter(vocabulary=vocabulary, code__in=list(codes))}
    for code in codes:
        if code not in found:
            raise UnknownTerm(path, code)
    return list(found.values())


def _find_studies(slugs: tuple[str, ...], path: str) -> list[Study]:
    found = {study.slug: study for study in Study.objects.filter(slug__in=slugs)}
    for slug in slugs:
        if slug not in found:
            raise UnknownTerm(path, slug)
    return [found[slug] for slug in slugs]
