"""What is under way in appraising a study, and who may do what about it. The use cases are in `views`.

The permissions are in `moves`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from studies.curation.moves import APPRAISE, DECIDE_APPRAISAL, find_refusal, is_own_work, is_team_of_one
from studies.models import Assessment, Instrument, Study
from studies.records.appraisal import InstrumentRecord
from studies.store.exchange import appraisal

if TYPE_CHECKING:
    import datetime

    from django.contrib.auth.models import User

MOST_APPRAISERS = 2


class Round:
    """The open assessments of one study with one instrument: what is under way. Three queries with its people."""

    def __init__(self, study: Study, instrument: Instrument, rows: Iterable[Assessment] | None = None) -> None:
        self.study = study
        self.instrument = instrument
        if rows is None:
            found = Assessment.objects.filter(study=study, instrument=instrument, closed_at__isnull=True)
            rows = found.select_related("by").prefetch_related("seen_by")
        rows = list(rows)
        self.own = [row for row in rows if row.kind == Assessment.Kind.OWN]
        self.consensus = next((row for row in rows if row.kind == Assessment.Kind.CONSENSUS), None)

    @cached_property
    def record(self) -> InstrumentRecord:
        return appraisal.instrument_record(self.instrument)

    @property
    def done(self) -> list[Assessment]:
        return [row for row in self.own if row.is_done]

    @property
    def is_compared(self) -> bool:
        """Say whether there are two finished assessments: their consensus is what comes next."""
        return len(self.done) >= MOST_APPRAISERS

    def of(self, user: User) -> Assessment | None:
        """Return the person's own assessment."""
        return next((row for row in self.own if row.by_id == user.pk), None)

    def others(self, user: User) -> list[Assessment]:
        """Return the finished assessments of other people."""
        return [row for row in self.done if row.by_id != user.pk]

    def has_seen(self, user: User) -> bool:
        """Say whether the person has looked at every finished assessment of the others."""
        return all(user in row.seen_by.all() for row in self.others(user))

    def may_begin(self, user: User) -> bool:
        """Say whether the person may judge: there is room, and nothing of the others' has been seen."""
        if not may_appraise(self.study, user) or self.instrument.is_retired or self.of(user) or self.consensus:
            return False
        has_looked = any(user in row.seen_by.all() for row in self.own)
        return len(self.own) < MOST_APPRAISERS and (not has_looked or is_team_of_one())

    def may_look(self, user: User) -> bool:
        """Say whether the person may see what others finished: appraisers once they are done, and reviewers."""
        own = self.of(user)
        if not self.done or not may_appraise(self.study, user):
            return False
        return own.is_done if own else user.has_perm(DECIDE_APPRAISAL.permission)

    def may_reopen(self, user: User) -> bool:
        """Say whether the person may still change what they finished: nothing of the others' has been seen."""
        own = self.of(user)
        if own is None or not own.is_done or self.consensus is not None or not may_appraise(self.study, user):
            return False
        return not any(user in row.seen_by.all() for row in self.others(user))

    def may_decide(self, user: User) -> bool:
        """Say whether the person alone may make it final: a reviewer who is not among the appraisers."""
        is_own = is_own_work(user, self.own)
        return (
            may_appraise(self.study, user) and find_refusal(DECIDE_APPRAISAL, self.study, user, is_own=is_own) is None
        )

    def may_confirm(self, user: User) -> bool:
        """Say whether the person may make the only assessment final."""
        return len(self.own) == len(self.done) == 1 and self.may_decide(user)

    def may_write_consensus(self, user: User) -> bool:
        return self.is_compared and (self.may_decide(user) or self._is_appraiser(user)) and self.has_seen(user)

    def may_agree(self, user: User) -> bool:
        """Say whether a proposed consensus waits for this person: the appraiser who did not propose it."""
        proposed = self.consensus is not None and self.consensus.is_done and self.consensus.by_id != user.pk
        return proposed and self.is_compared and (self._is_appraiser(user) or self.may_decide(user))

    def _is_appraiser(self, user: User) -> bool:
        return self.of(user) is not None and may_appraise(self.study, user)


def may_appraise(study: Study, user: User) -> bool:
    """Say whether `user` may take part in appraising `study` at its stage."""
    return find_refusal(APPRAISE, study, user) is None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something under way, as the list shows it: no judgement, only who and since when.

    `state` is "own" (the reader's, unfinished), "others" (somebody else's, unfinished), "second" (one is finished),
    "consensus" (both are) or "agreement" (a consensus was proposed).
    """

    round: Round
    state: str
    since: datetime.datetime
    people: tuple[str, ...]


def waiting(user: User) -> list[Waiting]:
    """Return all that is under way, the oldest first: two queries, whatever their number."""
    rows = (
        Assessment.objects.filter(closed_at__isnull=True, study__stage__in=APPRAISE.starts)
        .select_related("study", "instrument", "by")
        .prefetch_related("seen_by")
    )
    grouped: dict[tuple[int, int], list[Assessment]] = {}
    for row in rows:
        grouped.setdefault((row.study_id, row.instrument_id), []).append(row)
    rounds = [Round(group[0].study, group[0].instrument, group) for group in grouped.values()]
    return sorted((_waiting(one, user) for one in rounds), key=lambda entry: entry.since)


def _waiting(now: Round, user: User) -> Waiting:
    people = tuple(str(row.by) for row in now.own)
    own = now.of(user)
    if own is not None and not own.is_done:
        return Waiting(now, "own", own.saved_at, people)
    if now.consensus is not None and now.consensus.done_at is not None:
        return Waiting(now, "agreement", now.consensus.done_at, people)
    dates = [row.done_at for row in now.own if row.done_at is not None]
    if now.is_compared:
        return Waiting(now, "consensus", max(dates), people)
    if len(dates) == len(now.own):
        return Waiting(now, "second", dates[0], people)
    return Waiting(now, "others", min(row.started_at for row in now.own), people)
