"""Which findings of a study the criteria of a list ask for: a workbook of the list has no others."""

from __future__ import annotations

from search.contract import NOT_STATED, Filters
from studies.exports.options import KeepFinding, keep_every_finding
from studies.records.finding import FindingRecord
from studies.records.study import StudyRecord

_FIELDS = ("outcome", "effect", "reporter")


def finding_filter(filters: Filters) -> KeepFinding:
    """Return the filter of findings by outcome, effect, reporter and the interventions that they are about.

    An effect is asked of the findings on what the study tests or reviews, as the list asks it.
    """
    wanted = {field: filters.chosen[field] for field in _FIELDS if filters.chosen.get(field)}
    interventions = filters.chosen.get("intervention", frozenset())
    if not wanted and not interventions:
        return keep_every_finding

    def keep(record: StudyRecord, finding: FindingRecord) -> bool:
        if any((getattr(finding, field) or NOT_STATED) not in codes for field, codes in wanted.items()):
            return False
        if "effect" in wanted and finding not in record.findings_on_subject:
            return False
        about = record.interventions_of(finding) or (NOT_STATED,)
        return not interventions or not interventions.isdisjoint(about)

    return keep
