"""The open assessments of a study, and who may do what with them. It only reads.

The use cases are in `workflow`, the permissions in `studies.curation.moves`.
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


class AppraisalRound:
    """The open assessments of one study with one instrument: three queries, or none if `rows` are given."""

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
        return appraisal.instrument_to_record(self.instrument)

    @property
    def done(self) -> list[Assessment]:
        return [row for row in self.own if row.is_done]

    @property
    def is_compared(self) -> bool:
        """Return True if two assessments are finished, so that their consensus comes next."""
        return len(self.done) >= MOST_APPRAISERS

    def find_own(self, user: User) -> Assessment | None:
        """Return the person's own assessment, or None."""
        return next((row for row in self.own if row.by_id == user.pk), None)

    def list_others(self, user: User) -> list[Assessment]:
        """Return the finished assessments of other people."""
        return [row for row in self.done if row.by_id != user.pk]

    def has_seen(self, user: User) -> bool:
        """Return True if the person has seen every finished assessment of the others."""
        return all(user in row.seen_by.all() for row in self.list_others(user))

    def may_begin(self, user: User) -> bool:
        """Return True if the person may begin: fewer than two have begun, and they have not seen another assessment.

        A team of one may also begin after it has looked.
        """
        if not may_appraise(self.study, user) or self.instrument.is_retired or self.find_own(user) or self.consensus:
            return False
        has_looked = any(user in row.seen_by.all() for row in self.own)
        return len(self.own) < MOST_APPRAISERS and (not has_looked or is_team_of_one())

    def may_look(self, user: User) -> bool:
        """Return True if the person may see finished assessments: appraisers after their own, and reviewers."""
        own = self.find_own(user)
        if not self.done or not may_appraise(self.study, user):
            return False
        return own.is_done if own else user.has_perm(DECIDE_APPRAISAL.permission)

    def may_reopen(self, user: User) -> bool:
        """Return True if the person may change what they finished: they have not seen another assessment."""
        own = self.find_own(user)
        if own is None or not own.is_done or self.consensus is not None or not may_appraise(self.study, user):
            return False
        return not any(user in row.seen_by.all() for row in self.list_others(user))

    def may_decide(self, user: User) -> bool:
        """Return True if the person alone may make it final: a reviewer who is not among the appraisers."""
        is_own = is_own_work(user, self.own)
        return (
            may_appraise(self.study, user) and find_refusal(DECIDE_APPRAISAL, self.study, user, is_own=is_own) is None
        )

    def may_confirm(self, user: User) -> bool:
        """Return True if the person may make the only assessment final."""
        return len(self.own) == len(self.done) == 1 and self.may_decide(user)

    def may_write_consensus(self, user: User) -> bool:
        return self.is_compared and (self.may_decide(user) or self._is_appraiser(user)) and self.has_seen(user)

    def may_agree(self, user: User) -> bool:
        """Return True if a proposed consensus waits for this person: the other appraiser, or a reviewer."""
        proposed = self.consensus is not None and self.consensus.is_done and self.consensus.by_id != user.pk
        return proposed and self.is_compared and (self._is_appraiser(user) or self.may_decide(user))

    def _is_appraiser(self, user: User) -> bool:
        return self.find_own(user) is not None and may_appraise(self.study, user)


def may_appraise(study: Study, user: User) -> bool:
    """Return True if `user` may take part in appraising `study` at its stage."""
    return find_refusal(APPRAISE, study, user) is None


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """The state of a round, as a list shows it: who takes part and since when, but no judgement.

    `state` is "own" (the reader's, unfinished), "others" (somebody else's, unfinished), "second" (one is finished),
    "consensus" (both are) or "agreement" (a consensus was proposed).
    """

    round: AppraisalRound
    state: str
    since: datetime.datetime
    people: tuple[str, ...]


def list_rounds(user: User) -> list[RoundStatus]:
    """Return all open rounds, the oldest first: two queries, whatever their number."""
    rows = (
        Assessment.objects.filter(closed_at__isnull=True, study__stage__in=APPRAISE.starts)
        .select_related("study", "instrument", "by")
        .prefetch_related("seen_by")
    )
    grouped: dict[tuple[int, int], list[Assessment]] = {}
    for row in rows:
        grouped.setdefault((row.study_id, row.instrument_id), []).append(row)
    rounds = [AppraisalRound(group[0].study, group[0].instrument, group) for group in grouped.values()]
    return sorted((_make_status(one, user) for one in rounds), key=lambda entry: entry.since)


def _make_status(now: AppraisalRound, user: User) -> RoundStatus:
    people = tuple(str(row.by) for row in now.own)
    own = now.find_own(user)
    if own is not None and not own.is_done:
        return RoundStatus(now, "own", own.saved_at, people)
    if now.consensus is not None and now.consensus.done_at is not None:
        return RoundStatus(now, "agreement", now.consensus.done_at, people)
    dates = [row.done_at for row in now.own if row.done_at is not None]
    if now.is_compared:
        return RoundStatus(now, "consensus", max(dates), people)
    if len(dates) == len(now.own):
        return RoundStatus(now, "second", dates[0], people)
    return RoundStatus(now, "others", min(row.started_at for row in now.own), people)
