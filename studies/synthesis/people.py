"""How many people stand behind findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studies.synthesis.chosen_estimate import Candidate
from studies.synthesis.study_details import StudyDetails

UNITS_OF_PEOPLE = frozenset(
    {
        "adolescent girls",
        "adolescent mothers",
        "adolescents",
        "carers",
        "fathers",
        "key informants",
        "male athletes",
        "men",
        "mothers",
        "participants",
        "passengers",
        "patients",
        "people",
        "professionals",
        "staff",
        "students",
        "survivors",
        "suspects",
        "women",
        "workers",
        "young adults",
        "young people",
    }
)
"""The units of samples that are people. Couples and families are not: nobody says how many people they are."""


def count_people(candidates: Iterable[Candidate], details: Mapping[str, StudyDetails]) -> int | None:
    """Return the people behind these findings of one evaluation, None if the records do not say.

    The largest number that any of the findings gives, since several findings of one evaluation are of the same people:
    its `n`, else the sum of the `n` of all its arms, else the sample of its study. A number counts only where the
    study names a unit of people, or `n` is given and the study names no other unit.
    """
    found = [people for each in candidates if (people := _people(each, details.get(each.study.id))) is not None]
    return max(found, default=None)


def _people(candidate: Candidate, study: StudyDetails | None) -> int | None:
    unit = study.sample_unit if study else None
    if unit is not None and unit not in UNITS_OF_PEOPLE:
        return None
    finding = candidate.finding
    if finding.n is not None:
        return finding.n
    counts = [arm.n for arm in finding.arms]
    if len(counts) > 1 and all(count is not None for count in counts):
        return sum(count for count in counts if count is not None)
    return study.sample_size if study and unit is not None else None
