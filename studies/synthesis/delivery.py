"""How what was evaluated was delivered, as far as the records say: the text of each evaluation, settings, programmes.

Pure. Who did what, how often and with how many people is one text of the record; nothing is read out of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from studies.synthesis.evidence import Evidence, Scope, StudyEvidence
from studies.synthesis.study_details import StudyDetails
from studies.synthesis.tables import WorkGroup, group_by_work, tally_claims


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of evaluations, and the ids of the studies that say what is counted; of `untold` all their studies."""

    evaluations: int
    studies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the records of a body of evaluations say of how it was delivered.

    `told` are the studies whose record has a text, the newest first, one for each text of an evaluation. `settings` and
    `programmes` are by code and slug, those of most evaluations first; an evaluation may have several settings.
    """

    told: tuple[str, ...]
    told_evaluations: int
    untold: Counted
    settings: Mapping[str, Counted]
    without_setting: Counted
    programmes: Mapping[str, Counted]

    @property
    def evaluations(self) -> int:
        return self.told_evaluations + self.untold.evaluations


def describe_delivery(
    studies: Iterable[StudyEvidence], evidence: Evidence, scope: Scope, details: Mapping[str, StudyDetails]
) -> Delivery:
    """Return what the records of the evaluations of these studies say; each evaluation counts once."""
    found = group_by_work(tally_claims(studies, evidence, scope), evidence)
    groups = [each for each in found if each.is_evaluation]
    # A companion paper that only describes what its trial did says how that was delivered as well as the trial's own.
    members: defaultdict[str, list[StudyEvidence]] = defaultdict(list)
    for each in found:
        members[each.work.id] += each.studies
    told: dict[tuple[str, str], StudyEvidence] = {}
    untold = []
    for group in groups:
        texts = {text: study for study in members[group.work.id] if (text := _text(study, details))}
        told |= {(group.work.id, text): study for text, study in texts.items()}
        if not texts:
            untold.append(group)
    settings, without = _by_code(groups, lambda study: study.settings)
    programmes, _without = _by_code(groups, lambda study: (study.programme,) if study.programme else ())
    newest_first = sorted(told.values(), key=lambda study: (-study.year, study.id))
    return Delivery(
        told=tuple(dict.fromkeys(study.id for study in newest_first)),
        told_evaluations=len(groups) - len(untold),
        untold=_count(untold),
        settings=settings,
        without_setting=without,
        programmes=programmes,
    )


def _text(study: StudyEvidence, details: Mapping[str, StudyDetails]) -> str:
    known = details.get(study.id)
    return (known.delivery_es or known.delivery_en or "") if known is not None else ""


def _by_code(
    groups: Iterable[WorkGroup], codes_of: Callable[[StudyEvidence], tuple[str, ...]]
) -> tuple[Mapping[str, Counted], Counted]:
    """Return the evaluations by code, those of most first, and those without any code."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    without = []
    for group in groups:
        has_any = False
        for study in group.studies:
            for code in codes_of(study):
                has_any = True
                found[code].setdefault(group.work.id, []).append(study.id)
        if not has_any:
            without.append(group)
    counted = {
        code: Counted(len(own), tuple(dict.fromkeys(id_ for ids in own.values() for id_ in ids)))
        for code, own in found.items()
    }
    ordered = sorted(counted.items(), key=lambda each: (-each[1].evaluations, each[0]))
    return dict(ordered), _count(without)


def _count(groups: Iterable[WorkGroup]) -> Counted:
    groups = list(groups)
    return Counted(len(groups), tuple(dict.fromkeys(study.id for group in groups for study in group.studies)))
