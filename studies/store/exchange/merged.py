"""Replaces the codes of merged terms in records that come from outside, such as the fixtures (R4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from studies.models import Term, Vocabulary
from studies.models.vocabulary import PARENT_OF
from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.appraisal import InstrumentRecord
from studies.records.finding import FindingRecord
from studies.records.study import ConceptRecord, InterventionRecord, ProgrammeRecord, StudyRecord, TermRecord
from studies.store.exchange.study import CODES_OF_FINDING, LISTS, SINGLE_CODES
from studies.store.exchange.vocabulary import PARENT_KEY


@dataclass(frozen=True, slots=True)
class MergedCodes:
    """The codes of merged terms, and the codes that replaced them.

    Each `replace_in_…` returns the record with today's codes, each once, or as it is where it names no merged term.
    """

    leads_to: Mapping[tuple[str, str], str]

    @classmethod
    def read(cls) -> Self:
        """Read the merged terms: one query."""
        merged = Term.objects.filter(merged_into__isnull=False)
        return cls(
            {(kind, old): new for kind, old, new in merged.values_list("vocabulary", "code", "merged_into__code")}
        )

    def replace_in_study(self, record: StudyRecord) -> StudyRecord:
        if not self.leads_to:
            return record
        changes: dict[str, Any] = {
            name: self._replace_codes(kind, getattr(record, name)) for name, kind in LISTS.items()
        }
        changes |= {name: self._replace_code(kind, getattr(record, name)) for name, kind in SINGLE_CODES.items()}
        interventions = {
            self.leads_to.get((Vocabulary.INTERVENTIONS, each.code), each.code): each.role
            for each in reversed(record.interventions)
        }
        return replace(
            record,
            **changes,
            interventions=tuple(InterventionRecord(code, role) for code, role in reversed(interventions.items())),
            harms_about=self._replace_codes(Vocabulary.INTERVENTIONS, record.harms_about),
            findings=tuple(map(self._replace_in_finding, record.findings)),
        )

    def replace_in_concept(self, record: ConceptRecord) -> ConceptRecord:
        pairs = (path.partition(":") for path in record.terms)
        terms = dict.fromkeys(f"{kind}:{self._replace_code(kind, code)}" for kind, _colon, code in pairs)
        return replace(record, terms=tuple(terms))

    def replace_in_programme(self, record: ProgrammeRecord) -> ProgrammeRecord:
        return replace(
            record,
            country=self._replace_codes(Vocabulary.COUNTRIES, record.country),
            theme=self._replace_codes(Vocabulary.THEMES, record.theme),
        )

    def replace_in_term(self, vocabulary: Vocabulary, record: TermRecord) -> TermRecord:
        key = PARENT_KEY.get(vocabulary)
        if key is None or key not in record.attributes:
            return record
        parent = self._replace_code(PARENT_OF[vocabulary], record.attributes[key])
        return replace(record, attributes={**record.attributes, key: parent})

    def replace_in_instrument(self, record: InstrumentRecord) -> InstrumentRecord:
        return replace(record, designs=self._replace_codes(Vocabulary.DESIGNS, record.designs))

    def replace_in_priority(self, record: PriorityRecord) -> PriorityRecord:
        outcome = self.leads_to.get((Vocabulary.OUTCOMES, record.outcome), record.outcome)
        return replace(record, outcome=outcome, theme=self._replace_code(Vocabulary.THEMES, record.theme))

    def replace_in_baseline(self, record: BaselineRecord) -> BaselineRecord:
        return replace(record, outcome=self.leads_to.get((Vocabulary.OUTCOMES, record.outcome), record.outcome))

    def _replace_in_finding(self, finding: FindingRecord) -> FindingRecord:
        changes: dict[str, Any] = {
            name: self._replace_code(kind, getattr(finding, name)) for name, kind in CODES_OF_FINDING.items()
        }
        about = None if finding.about is None else self._replace_codes(Vocabulary.INTERVENTIONS, finding.about)
        return replace(finding, **changes, about=about)

    def _replace_code(self, kind: str, code: str | None) -> str | None:
        return self.leads_to.get((str(kind), code), code) if code is not None else code

    def _replace_codes(self, kind: str, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.leads_to.get((str(kind), code), code) for code in codes))
