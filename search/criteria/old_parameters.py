"""Parameters and codes of earlier versions, and what stands for them today: in old addresses and in stored lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import QueryDict

_RENAMED = {"appraisal": "risk_of_bias", "certainty": "risk_of_bias"}

RETIRED_INTERVENTIONS = {"economic-context": ("income-shock", "unemployment", "women-work")}
"""Interventions that no study carries any more, each with the exposures that took its place."""


def update_parameters(given: QueryDict) -> QueryDict | None:
    """Return the parameters of today, in their order; None if nothing in them is old.

    Exposures take the place of a retired intervention that stands alone. Beside other interventions it is dropped: an
    exposure would narrow the list to studies that have both.
    """
    retired = find_retired(given)
    if not retired and not any(name in given for name in _RENAMED):
        return None
    updated = given.copy()
    for old, new in _RENAMED.items():
        for code in updated.pop(old, []):
            updated.appendlist(new, code)
    if retired:
        kept = [code for code in given.getlist("intervention") if code not in retired]
        updated.setlist("intervention", kept)
        if not kept:
            updated.pop("intervention")
            for code in (exposure for each in retired for exposure in RETIRED_INTERVENTIONS[each]):
                updated.appendlist("exposure", code)
    return updated


def find_retired(given: QueryDict) -> list[str]:
    """Return the retired interventions among the parameters."""
    return [code for code in dict.fromkeys(given.getlist("intervention")) if code in RETIRED_INTERVENTIONS]
