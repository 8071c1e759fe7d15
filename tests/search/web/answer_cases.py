"""Made-up evaluations and their summary, and writers of both languages, for the tests of answers in words."""

from __future__ import annotations

from typing import Any

from search.web.evidence.answer_facts_text import FactsWriter
from search.web.evidence.answer_text import AnswerWriter
from search.web.evidence.effect_words import EffectWords
from studies.records.finding import FindingRecord
from studies.records.study import StudyRecord
from studies.store import vocabularies
from studies.synthesis.comparators import KIND_BY_CODE
from studies.synthesis.evidence import Scope
from studies.synthesis.summary_of_findings import SummaryInput, SummaryRow, build_summary
from tests.studies.evidence_factory import MEASURES, OUTCOMES, TAXONOMY, as_details, as_evidence, evidence_of
from tests.studies.records_factory import complete_record, finding

NAMES_OF_KINDS = {code: code for code in KIND_BY_CODE}
PRIORITY = tuple(code for code in OUTCOMES if TAXONOMY.group_of_outcome[code] in ("partner-violence", "other-violence"))


def told(**changes: Any) -> FindingRecord:
    """Build a finding by women against nothing, without follow-up unless told."""
    usual = {
        "comparator": "nothing",
        "reporter": "women",
        "higher_is": "worse",
        "follow_up": None,
        "follow_up_months": None,
    }
    return finding(**{**usual, **changes})


def bare(**changes: Any) -> FindingRecord:
    """Build a finding without any number."""
    return told(**{"measure": None, "value": None, "ci_low": None, "ci_high": None, "ci_level": None, **changes})


def record(id: str, *findings: FindingRecord, **changes: Any) -> StudyRecord:
    return complete_record(id=id, findings=findings or (told(),), **{"sample_unit": "women", **changes})


def given(*records: StudyRecord, scope: Scope | None = None, **changes: Any) -> SummaryInput:
    """Build the input of a summary of made-up records; `changes` replace its fields."""
    studies = [as_evidence(each) for each in records]
    values: dict[str, Any] = {
        "studies": studies,
        "evidence": evidence_of(studies),
        "scope": scope or Scope(),
        "measures": MEASURES,
        "outcomes": OUTCOMES,
        "priority": PRIORITY,
        "details": {each.id: as_details(each) for each in records},
    }
    return SummaryInput(**{**values, **changes})


def only_row(*records: StudyRecord, **options: Any) -> SummaryRow:
    (group,) = build_summary(given(*records, **options))
    (row,) = group.rows
    return row


def words(language: str) -> EffectWords:
    """Build the words of a language, which must be active; the name of a study is its id in capitals."""
    return EffectWords(vocabularies.current(), TAXONOMY, language, str.upper)


def writer(language: str) -> AnswerWriter:
    return AnswerWriter(words(language), "/".join, NAMES_OF_KINDS, MEASURES)


def facts_writer(language: str, *records: StudyRecord) -> FactsWriter:
    details = {each.id: as_details(each) for each in records}
    return FactsWriter(words(language), "/".join, details)
