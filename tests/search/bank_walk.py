"""A walk at random through all that people may do with studies, beside a model of what must be true after each step.

Not a test: `test_bank_walk` takes it on both engines. A walk is made by its seed alone, so that a failure comes again.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count
from django.test import Client

from search.index import indexing
from studies.curation import editing, history, proposals
from studies.curation import stages as curation_stages
from studies.curation.moves import MOVES
from studies.curation.proposals import SeenVersion
from studies.curation.stages import CurationError
from studies.duplicates import merging
from studies.models import Merge, Proposal, Revision, Stage, Study
from studies.records.diff import MergeSide
from studies.records.study import StudyRecord, fingerprint
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record
from tests.factories import user_with_role
from tests.studies.records_factory import author, complete_record, finding, source

ROLES = ("Curaduría", "Curaduría", "Revisión", "Revisión", "Administración")
MOST_STUDIES = 6
"""Beside those that were merged: few, so that they meet."""
_DOIS = (None, "10.1234/a", "10.1234/b", "10.1234/c", "10.1234/d")
_ALREADY_PUBLIC = (Stage.PUBLISHED, Stage.WITHDRAWN, Stage.MERGED)

_EDITS: tuple[Callable[[random.Random], dict[str, Any]], ...] = (
    lambda chance: {"title_es": f"Título {chance.randrange(10**6)}"},
    lambda chance: {"doi": chance.choice(_DOIS)},
    lambda chance: {"summary_es": chance.choice([None, *(f"Resumen {n}." for n in range(5))])},
    lambda chance: {"authors": tuple(author(name) for name in chance.sample(["Quispe", "Mamani", "Rojas"], 2))},
    lambda chance: {"findings": tuple(finding(value=chance.choice([0.6, 0.7])) for _ in range(chance.randrange(3)))},
    lambda chance: {"sources": tuple(source(f"https://example.org/{n}") for n in range(chance.randrange(1, 4)))},
    lambda chance: {"countries": tuple(chance.sample(["PE", "BO", "CO", "EC"], chance.randrange(4)))},
    lambda chance: {"designs": tuple(chance.sample(["rct", "qualitative"], chance.randrange(1, 3)))},
    lambda chance: {"year": chance.randrange(1995, 2025), "sample_size": None, "sample_unit": None},
)


class NotNow(Exception):
    """There is nothing with which this step could be tried."""


@dataclass(frozen=True, slots=True)
class Held:
    """Where a study is, beside its record: what a refused step must leave as it is."""

    slug: str
    stage: str
    stage_note: str
    merged_into: int | None
    changed_no: int
    revisions: int


class BankWalk:
    """Takes one step after another; `taken` and `refused` count them by name. Any falsehood is an AssertionError."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people = [user_with_role(role) for role in ROLES]
        self.anybody = Client()
        self.taken: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.log: list[str] = []
        self.studies: list[int] = []
        self.stages: dict[int, str] = {}
        """The model: each study's stage, as the table of stages tells it."""
        self.public_addresses: dict[int, set[str]] = {}
        """The model: where a study was ever read by anybody."""
        self.past: dict[Any, Any] = {}
        """Every revision as it was written, by study and change number."""
        self._looked_at: dict[int, int] = {}
        self.steps: dict[str, Callable[[], None]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def walk(self, steps: int) -> None:
        """Take `steps` steps, each checked; one that is refused must have changed nothing."""
        while self.taken.total() + self.refused.total() < steps:
            name = self._next()
            before = self._all_held()
            try:
                self.steps[name]()
            except NotNow:
                continue
            except CurationError as refusal:
                self._say(f"refused: {refusal.message}")
                self.refused[name] += 1
                assert self._all_held() == before, self._told("what was refused changed something")
                self._check_history(self._rows())
            else:
                self.taken[name] += 1
                self.check()

    def check(self) -> None:
        """Compare database, index, addresses and history with the model."""
        bank_state.clear_cache()
        assert indexing.catch_up()
        rows = self._rows()
        assert {pk: rows[pk].stage for pk in self.studies} == self.stages, self._told("stages")
        vocabulary = vocabularies.current()
        published = {
            pk: fingerprint(to_record(rows[pk], vocabulary))
            for pk in self.studies
            if self.stages[pk] == Stage.PUBLISHED
        }
        held = indexing.get_engine().fingerprints()
        assert {pk: held[pk] for pk in held if pk in rows} == published, self._told("index and published studies")
        assert len(held) == Study.objects.published().count(), self._told("strangers in the index")
        for pk, study in rows.items():
            # What nobody touched answers as before; where a merged one leads depends on others.
            if self._looked_at.get(pk) != study.changed_no or study.stage == Stage.MERGED:
                self._check_address(study)
            self._looked_at[pk] = study.changed_no
            if study.stage == Stage.PUBLISHED:
                assert curation_stages.find_problems(study) == (), self._told(
                    f"{study.slug} is public and lacks something"
                )
        self._check_history(rows)

    # --- Writing ---------------------------------------------------------------------------------------------------

    def _do_create(self) -> None:
        if sum(stage != Stage.MERGED for stage in self.stages.values()) >= MOST_STUDIES:
            raise NotNow
        number = len(self.studies)
        record = complete_record(
            id=f"caminata-{self.chance.randrange(10**9)}", title=f"Estudio {number}", doi=self.chance.choice(_DOIS)
        )
        study = editing.create(record, by=self._who())
        self.studies.append(study.pk)
        self.stages[study.pk] = Stage.DRAFT
        self.public_addresses[study.pk] = set()
        self._say(f"create {study.slug}")

    def _do_edit(self) -> None:
        study, by = self._any(), self._who()
        wanted = self._changed(study)
        self._say(f"edit {study.slug} ({study.stage}) by {by}")
        is_written = editing.save(study, wanted, seen_no=study.changed_no, by=by)
        assert is_written == (fingerprint(to_record(study)) != fingerprint(wanted))
        assert fingerprint(to_record(self._fresh(study.pk))) == fingerprint(wanted)

    def _do_edit_of_a_draft(self) -> None:
        """A draft's slug is not yet an address."""
        study, by = self._any(Stage.DRAFT), self._who()
        wanted = replace(to_record(study), id=f"caminata-{self.chance.randrange(10**9)}")
        self._say(f"rename {study.slug}")
        editing.save(study, wanted, seen_no=study.changed_no, by=by)

    def _do_edit_unaware(self) -> None:
        """Two write at once: the second is told, unless both say the same."""
        study = self._any()
        first, second = self._changed(study), self._changed(study)
        editor = self.people[-1]
        self._say(f"two edits of {study.slug} ({study.stage})")
        if not editing.save(study, first, seen_no=study.changed_no, by=editor) or first == second:
            raise NotNow
        now = self._all_held()
        try:
            editing.save(study, second, seen_no=study.changed_no, by=editor)
        except editing.EditConflict:
            assert self._all_held() == now
            joined = editing.merge_with_study(self._fresh(study.pk), second, study.changed_no, {})
            assert {one.field for one in joined.conflicts} <= {one.field for one in joined.mine}
        else:
            assert fingerprint(first) == fingerprint(second), self._told("a later save took an earlier one's place")

    def _do_restore_an_earlier_record(self) -> None:
        study, by = self._any(), self._who()
        revision = self.chance.choice(list(study.revisions.all()))
        wanted = fingerprint(replace(StudyRecord.from_json(revision.record), id=study.slug))
        self._say(f"restore change {revision.change_no} of {study.slug} ({study.stage}) by {by}")
        done = history.restore(study, revision, seen_no=study.changed_no, by=by)
        if isinstance(done, Proposal):
            assert fingerprint(StudyRecord.from_json(done.record)) == wanted
        else:
            now = to_record(self._fresh(study.pk))
            is_draft = study.published_at is None
            assert fingerprint(replace(now, id=study.slug) if is_draft else now) == wanted, self._told("not restored")

    # --- Stages ----------------------------------------------------------------------------------------------------

    def _do_send(self) -> None:
        self._move("send", "Curaduría", Stage.DRAFT)

    def _do_publish(self) -> None:
        self._move("publish", "Revisión", Stage.IN_REVIEW)

    def _do_return(self) -> None:
        self._move("return", "Revisión", Stage.IN_REVIEW)

    def _do_withdraw(self) -> None:
        self._move("withdraw", "Administración", Stage.PUBLISHED)

    def _do_put_back(self) -> None:
        self._move("restore", "Administración", Stage.WITHDRAWN)

    def _do_any_move(self) -> None:
        """A move from wherever the study is: mostly refused."""
        self._move(self.chance.choice(list(MOVES)), "Revisión", *Stage)

    # --- Proposals -------------------------------------------------------------------------------------------------

    def _do_propose(self) -> None:
        study, by = self._any(Stage.PUBLISHED), self._who()
        wanted = self._changed(study)
        self._say(f"propose for {study.slug} by {by}")
        made = proposals.propose(study, wanted, seen_no=study.changed_no, by=by)
        assert (made is None) == (fingerprint(wanted) == fingerprint(to_record(study)))

    def _do_send_proposal_again(self) -> None:
        proposal = self._proposal(Proposal.State.WAITING, Proposal.State.RETURNED, Proposal.State.WITHDRAWN)
        self._say(f"send proposal {proposal.pk} again ({proposal.state})")
        wanted = self._changed(proposal.study)
        proposals.send_again(proposal, wanted, seen=self._seen(proposal), by=self._author_or_not(proposal))

    def _do_take_proposal_back(self) -> None:
        proposal = self._proposal(Proposal.State.WAITING, Proposal.State.RETURNED)
        proposals.withdraw(proposal, by=self._author_or_not(proposal))

    def _do_return_proposal(self) -> None:
        proposals.return_to_author(self._proposal(Proposal.State.WAITING), by=self._who("Revisión"), note="Falta algo.")

    def _do_accept_proposal(self) -> None:
        proposal = self._proposal(Proposal.State.WAITING)
        study = self._fresh(proposal.study_id)
        sides: dict[str, MergeSide] = {
            name: self.chance.choice(["mine", "theirs"]) for name in ("title_es", "doi", "summary_es", "authors")
        }
        wanted = proposals.merge_with_study(proposal, to_record(study), sides)
        self._say(f"accept proposal {proposal.pk} for {study.slug} ({study.stage})")
        proposals.accept(proposal, seen=self._seen(proposal), by=self._who("Revisión"), choices=sides)
        assert fingerprint(to_record(self._fresh(study.pk))) == fingerprint(wanted.record)

    def _do_correct_proposal(self) -> None:
        proposal = self._proposal(Proposal.State.WAITING)
        wanted = self._changed(self._fresh(proposal.study_id))
        self._say(f"correct proposal {proposal.pk}")
        proposals.correct(proposal, wanted, seen=self._seen(proposal), by=self._who("Revisión"))
        assert fingerprint(to_record(self._fresh(proposal.study_id))) == fingerprint(wanted)

    # --- Merges ----------------------------------------------------------------------------------------------------

    def _do_merge(self) -> None:
        study, into = self._any(), self._any(Stage.PUBLISHED)
        chosen = {name: getattr(self.chance.choice([to_record(study), to_record(into)]), name) for name in _MERGED}
        chosen["doi"] = self.chance.choice([to_record(study), to_record(into)]).doi
        self._say(f"merge {study.slug} ({study.stage}) into {into.slug} ({into.stage})")
        seen = (study.changed_no, into.changed_no)
        merging.merge(study, into, replace(to_record(into), **chosen), seen=seen, by=self._who("Revisión"))
        self.stages[study.pk] = Stage.MERGED
        sources = {one.url for row in (study, into) for one in to_record(row).sources}
        now = [to_record(self._fresh(row.pk)) for row in (study, into)]
        assert {one.url for one in now[1].sources} == sources, self._told("a source was lost")
        assert {study.doi, into.doi} - {None} == {record.doi for record in now} - {None}, self._told("a DOI was lost")

    def _do_unmerge(self) -> None:
        held = list(Merge.objects.filter(study__in=self.studies, undone_at=None).order_by("pk"))
        if not held:
            raise NotNow
        merge = self.chance.choice(held)
        before = [self._before(pk, merge.change_no) for pk in (merge.study_id, merge.into_id)]
        self._say(f"undo the merge of {merge.study.slug} into {merge.into.slug}")
        merging.undo(merge, by=self._who("Revisión"))
        self.stages[merge.study_id] = merge.stage
        now = [fingerprint(to_record(self._fresh(pk))) for pk in (merge.study_id, merge.into_id)]
        assert now == before, self._told("the undone merge left something")

    def _do_delete_draft(self) -> None:
        if self.chance.random() < 0.5:
            raise NotNow
        study = self._any()
        self._say(f"delete {study.slug} ({study.stage})")
        was_public = bool(self.public_addresses[study.pk])
        editing.delete_draft(study)
        assert not was_public, self._told("a study that was public is gone")
        self.studies.remove(study.pk)
        for known in (self.stages, self.public_addresses):
            known.pop(study.pk)
        self.past = {key: record for key, record in self.past.items() if key[0] != study.pk}

    # --- Checks ----------------------------------------------------------------------------------------------------

    def _check_address(self, study: Study) -> None:
        known = self.public_addresses[study.pk]
        if study.stage == Stage.PUBLISHED:
            known.add(study.slug)
        assert known <= {study.slug}, self._told(f"{known} became {study.slug}")
        is_traced = study.stage in _ALREADY_PUBLIC
        for prefix in ("/estudios/", "/en/studies/"):
            answer = self.anybody.get(f"{prefix}{study.slug}/")
            if not is_traced:
                assert not known, self._told(f"{study.slug} was public and is {study.stage}")
                assert answer.status_code == 404, self._told(f"{study.slug} is {study.stage} and shown")
            elif study.stage == Stage.MERGED:
                end = study.follow_merges()
                assert end.stage in (Stage.PUBLISHED, Stage.WITHDRAWN), self._told(f"{study.slug} leads to a draft")
                assert answer.status_code == 301
                assert answer.headers["Location"] == f"{prefix}{end.slug}/", self._told(f"{study.slug} leads astray")
            else:
                assert answer.status_code == 200, self._told(f"{study.slug}: {answer.status_code}")

    def _check_history(self, rows: dict[int, Study]) -> None:
        """No revision is ever changed or lost, and the last one is the study as it is."""
        fields = ("stage", "by", "note", "at", "record")
        kept = Revision.objects.filter(study__in=self.studies)
        found = {tuple(row[:2]): row[2:] for row in kept.values_list("study", "change_no", *fields)}
        assert {key: found.get(key) for key in self.past} == self.past, self._told("history was rewritten")
        self.past = found
        vocabulary = vocabularies.current()
        for pk, study in rows.items():
            stage, *_, record = found[pk, study.changed_no]
            assert study.changed_no == max(number for key, number in found if key == pk)
            assert stage == study.stage, self._told(f"{study.slug} is at another stage than its last revision")
            assert record == to_record(study, vocabulary).to_json(), self._told(
                f"{study.slug} is not its last revision"
            )

    # --- Choosing --------------------------------------------------------------------------------------------------

    def _next(self) -> str:
        """Choose a step, rather one that was never taken yet."""
        untaken = [name for name in self.steps if not self.taken[name]]
        wanted = untaken if untaken and self.chance.random() < 0.4 else list(self.steps)
        return self.chance.choice(wanted) if self.studies else "create"

    def _move(self, name: str, role: str, *starts: Stage) -> None:
        study, by = self._any(*starts), self._who(role)
        self._say(f"{name} {study.slug} ({study.stage}) by {by}")
        curation_stages.move(study, name, by=by, note=self.chance.choice(["", "Un motivo.", "Otro motivo."]))
        self.stages[study.pk] = MOVES[name].to

    def _any(self, *stages: Stage) -> Study:
        keys = [pk for pk in self.studies if not stages or self.stages[pk] in stages]
        if not keys:
            raise NotNow
        return self._fresh(self.chance.choice(keys))

    def _proposal(self, *states: Proposal.State) -> Proposal:
        found = list(Proposal.objects.filter(study__in=self.studies, state__in=states).order_by("pk"))
        if not found:
            raise NotNow
        proposal = self.chance.choice(found)
        proposal.study = self._fresh(proposal.study_id)
        return proposal

    def _seen(self, proposal: Proposal) -> SeenVersion:
        """What a page shows now; now and then what one showed before."""
        now = proposals.read_version(proposal)
        return now if self.chance.random() < 0.9 else SeenVersion(max(now.change_no - 1, 0), now.step)

    def _author_or_not(self, proposal: Proposal) -> User:
        return proposal.author if self.chance.random() < 0.8 else self._who()

    def _who(self, role: str = "Curaduría") -> User:
        """Return somebody, mostly of a role, or a higher one, that may do what is tried."""
        able = self.people[ROLES.index(role) :] if self.chance.random() < 0.8 else self.people
        return self.chance.choice(able)

    def _changed(self, study: Study) -> StudyRecord:
        return replace(to_record(study), **self.chance.choice(_EDITS)(self.chance))

    def _rows(self) -> dict[int, Study]:
        return {study.pk: study for study in Study.objects.filter(pk__in=self.studies).for_record()}

    def _fresh(self, pk: int) -> Study:
        return Study.objects.for_record().get(pk=pk)

    def _before(self, pk: int, change_no: int) -> str:
        revision = Revision.objects.filter(study=pk, change_no__lt=change_no).order_by("-change_no")[0]
        return fingerprint(StudyRecord.from_json(revision.record))

    def _all_held(self) -> dict[int, Held]:
        rows = Study.objects.filter(pk__in=self.studies).annotate(times=Count("revisions"))
        return {row[0]: Held(*row[1:]) for row in rows.values_list("pk", *_HELD, "times")}

    def _say(self, what: str) -> None:
        self.log.append(what)

    def _told(self, falsehood: str) -> str:
        return "\n".join([falsehood, "after:", *self.log[-40:]])


_HELD = ("slug", "stage", "stage_note", "merged_into", "changed_no")
_MERGED = ("title", "title_es", "title_en", "authors", "year", "countries", "summary_es")
