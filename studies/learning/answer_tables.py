"""The two tables behind answers that curators keep: the order of outcomes, and how frequent violence is."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q

from studies.models import Baseline, PriorityOutcome
from studies.synthesis.absolute_effect import Baseline as UsedBaseline


@dataclass(frozen=True, slots=True)
class BaselineView:
    """A share of those asked, in per cent, who lived an outcome in a window; `form` "" is the outcome's own.

    `window` and `form` are codes of Baseline.Window and Baseline.Form. `is_from_press`: read in an article, not in the
    table of the survey.
    """

    outcome: str
    form: str
    window: str
    percent: float
    year: int
    asked_es: str
    asked_en: str
    source_name: str
    url: str
    is_from_press: bool
    note_es: str
    note_en: str

    def asked(self, language: str) -> str:
        """Return who was asked, in "es" or "en"."""
        return self.asked_en if language == "en" else self.asked_es

    def note(self, language: str) -> str:
        """Return the note in "es" or "en", possibly empty."""
        return self.note_en if language == "en" else self.note_es


def list_priority_outcomes(theme: str | None = None) -> tuple[str, ...]:
    """Return the codes of the outcomes that come first: those of all themes, then those of `theme`, a code. One query.

    Every other outcome comes after them. What authors declare primary has no part in it.
    """
    wanted = Q(theme__isnull=True) | Q(theme__code=theme) if theme else Q(theme__isnull=True)
    rows = PriorityOutcome.objects.filter(wanted, is_retired=False, outcome__is_retired=False)
    ordered = rows.order_by(F("theme").asc(nulls_first=True), "position", "pk")
    return tuple(dict.fromkeys(ordered.values_list("outcome__code", flat=True)))


def read_baselines() -> dict[tuple[str, str, str], BaselineView]:
    """Return the latest baseline by (outcome, window, form), all as codes: one query.

    An outcome that joins several forms of violence has none under the form "": which ones it joins has to be known.
    """
    rows = Baseline.objects.filter(is_retired=False).select_related("outcome").order_by("year", "slug")
    return {
        (row.outcome.code, row.window, row.form): BaselineView(
            outcome=row.outcome.code,
            form=row.form,
            window=row.window,
            percent=row.percent,
            year=row.year,
            asked_es=row.asked_es,
            asked_en=row.asked_en,
            source_name=row.source_name,
            url=row.url,
            is_from_press=row.is_from_press,
            note_es=row.note_es,
            note_en=row.note_en,
        )
        for row in rows
    }


def list_used_baselines() -> tuple[UsedBaseline, ...]:
    """Return the latest baselines as absolute effects are computed with them: one query."""
    return tuple(
        UsedBaseline(
            outcome=each.outcome,
            window=each.window,
            percent=each.percent,
            year=each.year,
            source_name=each.source_name,
            url=each.url,
            form=each.form,
            is_from_press=each.is_from_press,
        )
        for each in read_baselines().values()
    )
