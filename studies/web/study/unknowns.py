"""What is not known of a study: the limitations that its source names, and what its record leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studies.records.study import StudyRecord
from studies.synthesis.evaluations import COUNTED_FAMILIES
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.numbers import format_number
from studies.web.shared.findings import follow_up_text
from studies.web.shared.links import PageTerms

_COSTS = "cost-effectiveness"
"""The outcome of which a record has costs instead of findings."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that is not known. `from_source`: the source itself says so; else it follows from the record."""

    text: LocalizedText
    from_source: bool = False


def unknowns(record: StudyRecord, terms: PageTerms) -> Iterator[Unknown]:
    """Yield the limitations that the source names, then the gaps of the record."""
    limitation = choose_text(record.limitations_es, record.limitations_en, terms.language)
    if limitation:
        yield Unknown(limitation, from_source=True)
    yield from (Unknown(terms.own(gap)) for gap in _gaps(record, terms))


def _gaps(record: StudyRecord, terms: PageTerms) -> Iterator[str]:
    if record.status == "ongoing":
        yield _("Los resultados: el estudio está en curso.")
    tests = _estimates_effect(record, terms)
    if latest := _latest_follow_up(record, terms.language):
        yield _("El registro no trae resultados después de %(time)s.") % {"time": latest}
    elif record.findings and tests:
        yield _("Cuánto dura lo encontrado: el registro no dice cuándo se midió.")
    if record.findings and tests and not any(finding.comparator for finding in record.findings):
        yield _("Con qué se comparó: el registro no lo dice.")
    found = {finding.outcome for finding in record.findings} | ({_COSTS} if record.costs else set())
    for outcome in terms.labels("outcomes", (code for code in record.outcomes if code not in found)):
        yield _("%(outcome)s: el estudio lo midió; el registro no trae el hallazgo.") % {"outcome": outcome}
    has_figures = any(finding.value is not None for finding in record.findings)
    if has_figures and not any(finding.has_interval for finding in record.findings):
        yield _("Qué tan precisas son las cifras: el registro no trae ningún intervalo.")


def _latest_follow_up(record: StudyRecord, language: str) -> str:
    """Return the latest time at which a finding was measured, as its source tells it; of a range the end, in months."""
    measured = [finding for finding in record.findings if finding.follow_up_months is not None]
    if not measured:
        return ""
    last = max(measured, key=lambda finding: finding.follow_up_months or 0)
    if last.follow_up and "-" not in last.follow_up:
        return follow_up_text(last.follow_up)
    # Months may be a fraction, of which ngettext cannot tell the plural.
    text = ngettext("%(months)s mes", "%(months)s meses", 1 if last.follow_up_months == 1 else 2)
    return text % {"months": format_number(last.follow_up_months or 0, language)}


def _estimates_effect(record: StudyRecord, terms: PageTerms) -> bool:
    """Return True if a study compares to find an effect. What a survey describes has neither duration nor control."""
    families = {terms.vocabulary.term("designs", code).parent for code in record.designs[:1]}
    return bool(families & COUNTED_FAMILIES)
