"""What a study is about, in words: interventions by their role, exposures, harms and costs.

It reads the record and makes no query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from studies.records.study import COMPONENT, DESCRIBED, EVALUATED, REVIEWED, CostRecord, StudyRecord
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.normalize import lower_first
from studies.text.numbers import format_number
from studies.web.shared.links import Fact, PageTerms


@dataclass(frozen=True, slots=True)
class HarmsView:
    """Whether somebody looked for harms, in a sentence, and what the source says more. `about` is "" where not told."""

    heading: str
    sentence: str
    text: LocalizedText | None
    about: str


@dataclass(frozen=True, slots=True)
class CostView:
    """A cost as the source states it: the amount with its currency, a sentence, and the year of the prices."""

    amount: str
    statement: LocalizedText | None
    unit: LocalizedText | None
    year: int | None


def subject_facts(record: StudyRecord, terms: PageTerms) -> Iterator[Fact]:
    """Yield the interventions by their role, then the exposures; a fact without values for what is not there."""
    headings = {
        EVALUATED: _("Qué evalúa"),
        COMPONENT: _("Como parte de un paquete"),
        DESCRIBED: _("Qué describe"),
        REVIEWED: _("Qué revisa"),
        None: _("Papel sin decidir"),
    }
    for role, heading in headings.items():
        codes = [each.code for each in record.interventions if each.role == role]
        yield Fact(heading, terms.lists("interventions", "intervention", codes))
    yield Fact(_("Qué factor estudia"), terms.lists("exposures", "exposure", record.exposures))


def harms_view(record: StudyRecord, terms: PageTerms) -> HarmsView | None:
    """Return what is known of harms; None for a record without interventions that says nothing of them.

    Silence of the record is not silence of the source: it says that nobody of the bank has looked.
    """
    if record.harms is None:
        if not record.interventions:
            return None
        sentence = _("En el banco, nadie ha leído aún si la fuente habla de daños.")
        return HarmsView(_("Aún sin revisar"), sentence, None, "")
    meaning = terms.meaning("harms", record.harms)
    about = (lower_first(label) for label in terms.labels("interventions", record.harms_about))
    return HarmsView(
        heading=meaning.label,
        sentence=meaning.definition,
        text=choose_text(record.harms_es, record.harms_en, terms.language),
        about="; ".join(about),
    )


def cost_views(record: StudyRecord, language: str) -> tuple[CostView, ...]:
    """Return the costs of a record, in its order."""
    return tuple(_cost(cost, language) for cost in record.costs)


def _cost(cost: CostRecord, language: str) -> CostView:
    return CostView(
        amount=f"{format_number(cost.amount, language)} {cost.currency}",
        statement=choose_text(cost.statement_es, cost.statement_en, language),
        # The record has it in English alone.
        unit=choose_text(None, cost.per, language),
        year=cost.year,
    )
