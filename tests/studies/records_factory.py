"""Plain builders of records for tests: a complete study, changed by keyword, and its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from studies.records.finding import FindingRecord
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import AuthorRecord, InterventionRecord, SourceRecord, StudyRecord

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def author(family: str = "Quispe", given: str | None = "Ana María", **changes: Any) -> AuthorRecord:
    return AuthorRecord(family=family, given=given, **changes)


def institution(literal: str = "Ministerio de la Mujer y Poblaciones Vulnerables") -> AuthorRecord:
    return AuthorRecord(literal=literal)


def source(
    url: str = "https://example.org/estudio", supports: Sequence[str] = ("bibliography", "findings")
) -> SourceRecord:
    return SourceRecord(url=url, supports=tuple(supports))


def finding(**changes: Any) -> FindingRecord:
    """Build a favourable finding on physical partner violence with a risk ratio and its interval."""
    values: dict[str, Any] = {
        "outcome": "ipv-physical",
        "effect": "favourable",
        "statement_es": "La violencia física de pareja bajó.",
        "statement_en": "Physical partner violence fell.",
        "measure": "risk ratio",
        "value": 0.7,
        "ci_low": 0.5,
        "ci_high": 0.9,
        "ci_level": 95,
        "follow_up": "24 months",
        "follow_up_months": 24,
    }
    return FindingRecord(**{**values, **changes})


def published_appraisal(**changes: Any) -> PublishedAppraisalRecord:
    """Build a judgement of bias that a review published, which has no code in the facet unless told."""
    values: dict[str, Any] = {
        "instrument": "RoB 1",
        "judges": "bias",
        "overall": "Unclear",
        "by": "Kiani, 2021",
        "url": "https://example.org/revision",
    }
    return PublishedAppraisalRecord(**{**values, **changes})


def complete_record(**changes: Any) -> StudyRecord:
    """Build a study that is publishable, with one author, one finding and one source; `changes` replace fields.

    Of interventions codes alone stand for such that the study evaluates.
    """
    values: dict[str, Any] = {
        "id": "quispe-2021-hogares",
        "title": "Trabajo con hombres en hogares rurales del Perú",
        "language": "es",
        "title_es": "Trabajo con hombres en hogares rurales del Perú",
        "title_en": "Work with men in rural households of Peru",
        "authors": (author(),),
        "year": 2021,
        "type": "article-journal",
        "container_title": "Revista de Prueba",
        "volume": "12",
        "issue": "3",
        "pages": "45-67",
        "doi": "10.1234/prueba.2021.1",
        "url": "https://doi.org/10.1234/prueba.2021.1",
        "open_access": True,
        "status": "completed",
        "themes": ("prevention",),
        "interventions": ("engaging-men",),
        "outcomes": ("ipv-physical",),
        "populations": ("women", "men"),
        "settings": ("rural",),
        "designs": ("rct",),
        "countries": ("PE",),
        "sample_size": 1200,
        "sample_unit": "couples",
        "period": "2018-2020",
        "key_finding_es": "Las sesiones con hombres redujeron la violencia física de pareja en hogares rurales",
        "key_finding_en": "Sessions with men reduced physical partner violence in rural households",
        "summary_es": "Un ensayo con parejas de hogares rurales comparó sesiones para hombres con la atención usual.",
        "summary_en": "A trial with couples of rural households compared sessions for men with usual services.",
        "findings": (finding(),),
        "sources": (source(),),
    }
    values |= changes
    values["interventions"] = evaluated(*values["interventions"])
    return StudyRecord(**values)


def evaluated(*interventions: str | InterventionRecord) -> tuple[InterventionRecord, ...]:
    """Return the interventions, those without a role as evaluated."""
    return tuple(InterventionRecord(each, "evaluated") if isinstance(each, str) else each for each in interventions)


@cache
def fixture_lines() -> tuple[str, ...]:
    return tuple((FIXTURES / "studies.jsonl").read_text(encoding="utf-8").splitlines())


@cache
def fixture_studies() -> tuple[StudyRecord, ...]:
    """Read all real studies, once per run of the tests."""
    return tuple(StudyRecord.from_json(json.loads(line)) for line in fixture_lines())


@cache
def fixture_json(name: str) -> Any:
    """Read `taxonomy`, `evaluations`, `programmes` or `thesaurus`."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
