"""Plain builders of evidence for tests of syntheses: made-up studies of the record factory, and the real bank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from studies.citations.names import format_short_authors
from studies.records.study import DESCRIBED, EvaluationRecord, StudyRecord
from studies.synthesis.evaluations import COUNTED_FAMILIES, REVIEW_FAMILY
from studies.synthesis.evidence import Evidence, StudyEvidence, Taxonomy, build_evidence, list_claims
from studies.synthesis.nearness import find_nearest_step
from studies.synthesis.plots import Measure
from studies.synthesis.study_details import StudyDetails, author_key
from tests.studies.records_factory import complete_record, fixture_json, fixture_studies

_TERMS = fixture_json("taxonomy")
TAXONOMY = Taxonomy(
    families=tuple(term["code"] for term in _TERMS["design_families"]),
    family_of_design={term["code"]: term["family"] for term in _TERMS["designs"]},
    group_of_outcome={term["code"]: term["group"] for term in _TERMS["outcomes"]},
    region_of_country={term["code"]: term["region"] for term in _TERMS["countries"]},
)
MEASURES = {
    term["code"]: Measure(term["code"], term["null"], term["scale"], term["kind"]) for term in _TERMS["measures"]
}
OUTCOMES = tuple(term["code"] for term in _TERMS["outcomes"])
_PLACES = {term["code"]: (term["region"], term["income"]) for term in _TERMS["countries"]}


def study(id: str = "a", **changes: Any) -> StudyEvidence:
    """Build a randomised evaluation of work with men that found less physical violence; `changes` replace fields."""
    return as_evidence(complete_record(id=id, **changes))


def group(*studies: str, kind: str = "trial", id: str = "un-ensayo") -> EvaluationRecord:
    return EvaluationRecord(id=id, kind=kind, name_es="Un ensayo", name_en="A trial", studies=studies)


def evidence_of(studies: Sequence[StudyEvidence], groups: Iterable[EvaluationRecord] = ()) -> Evidence:
    return build_evidence(studies, groups, TAXONOMY)


def as_evidence(record: StudyRecord, key: int | None = None) -> StudyEvidence:
    family = TAXONOMY.family_of_design[record.designs[0]] if record.designs else ""
    return StudyEvidence(
        key=key if key is not None else sum(ord(letter) << 8 * place for place, letter in enumerate(record.id)),
        id=record.id,
        year=record.year or 0,
        status=record.status,
        themes=record.themes,
        interventions=tuple(each.code for each in record.interventions if each.role is not None),
        tested=record.tested,
        described=record.with_roles({DESCRIBED}),
        exposures=record.exposures,
        data_sources=record.data_sources,
        outcomes=record.outcomes,
        designs=record.designs,
        populations=record.populations,
        settings=record.settings,
        countries=record.countries,
        nearness=find_nearest_step(_PLACES[code] for code in record.countries),
        programme=record.programme,
        has_costs=bool(record.costs),
        details=as_details(record),
        claims=list_claims(
            record.interventions,
            record.outcomes,
            record.findings,
            is_review=family == REVIEW_FAMILY,
            is_counted=record.status == "completed" and family in COUNTED_FAMILIES,
        ),
    )


def as_details(record: StudyRecord) -> StudyDetails:
    return StudyDetails(
        id=record.id,
        author_names=(format_short_authors(record.authors, "es"), format_short_authors(record.authors, "en")),
        authors=frozenset(author_key(each.family, each.given, each.literal) for each in record.authors),
        sample_size=record.sample_size,
        sample_unit=record.sample_unit,
        harms=record.harms,
        harms_es=record.harms_es,
        harms_en=record.harms_en,
        harms_about=tuple(sorted(record.harms_about)),
        costs=record.costs,
        registration=record.registration,
        delivery_es=record.delivery_es,
        delivery_en=record.delivery_en,
        published_appraisals=len(record.appraisals),
        own_appraisals=len(record.own_appraisals),
        includes=record.includes,
    )


@cache
def the_bank() -> tuple[tuple[StudyEvidence, ...], Evidence]:
    """Give the real studies, and their evidence."""
    studies = tuple(as_evidence(record, number) for number, record in enumerate(fixture_studies()))
    return studies, evidence_of(studies, [EvaluationRecord.from_json(each) for each in fixture_json("evaluations")])
