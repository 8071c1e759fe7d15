"""What studies have to do with an intervention without being an evaluation of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from studies.synthesis.evaluations import is_test
from studies.synthesis.evidence import StudyEvidence

RECORDS_OF: Mapping[str, tuple[str, ...]] = {
    "helpline": ("helpline-calls",),
    "police-response": ("police-records",),
    "justice-response": ("court-records",),
}
"""The sources of data that a service leaves behind. A study that only reads them says nothing of the service.

"Service records" are not among them: they are of any service, from savings groups to home visits, and no record says of
which.
"""

SERVICE_RECORDS = "service-records"
KEEPS_SERVICE_RECORDS = frozenset({"womens-centre", "shelter"})
"""Interventions whose files are among the "service records"."""


class Use(StrEnum):
    """How a study deals with an intervention that it does not put to the test, in the order in which pages tell it."""

    ONGOING = "ongoing"
    """It will evaluate it; no result is public."""
    UNCOUNTED = "uncounted"
    """It estimates an effect, and its design is none that counts as an evaluation."""
    DESCRIBED = "described"
    """It describes it."""
    REVIEWED = "reviewed"
    """It is a review of studies of it."""
    RECORDS = "records"
    """It takes its data from the records of the service."""


def group_by_use(
    intervention: str, studies: Iterable[StudyEvidence], family_of_design: Mapping[str, str]
) -> dict[Use, list[StudyEvidence]]:
    """Return the studies around an intervention that are no evaluation of it, each once; a use without any is left out.

    Studies nearest to Peru come first, then the newest.
    """
    sources = frozenset(RECORDS_OF.get(intervention, ()))
    found: dict[Use, list[StudyEvidence]] = {use: [] for use in Use}
    for study in studies:
        if intervention in study.tested:
            if not is_test(study, family_of_design):
                found[Use.ONGOING if study.status == "ongoing" else Use.UNCOUNTED].append(study)
        elif intervention in study.described:
            found[Use.DESCRIBED].append(study)
        elif intervention in study.interventions:
            found[Use.REVIEWED].append(study)
        elif not sources.isdisjoint(study.data_sources):
            found[Use.RECORDS].append(study)
    for own in found.values():
        own.sort(key=lambda study: (study.nearness, -study.year, study.id))
    return {use: own for use, own in found.items() if own}
