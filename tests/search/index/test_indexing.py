"""Updating the index from the database (I1, I2, I3, I5), on both engines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from search.contract import Document, Engine, EngineStatus, Filters, IndexMissing, Position, SearchRequest
from search.criteria.facets import FACET_PARAMETERS
from search.criteria.filters import filter_studies
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.engine import WhooshEngine
from search.index import indexing
from search.text.analysis import ANALYSIS_VERSION
from studies.appraisals import workflow
from studies.curation import stages, terms
from studies.models import BankCounter, Revision, Stage, Study, Term
from studies.records.study import fingerprint
from studies.store.changes import answer_change
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, merge_studies, publish, user_with_role, withdraw
from tests.studies.appraisals_factory import proposed, rob_2

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_bank")]


@pytest.fixture(params=["memory", "whoosh"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine without an index, as that of this process."""
    made: Engine = MemoryEngine(FACET_PARAMETERS)
    if request.param == "whoosh":
        made = WhooshEngine(tmp_path / "index", FACET_PARAMETERS, analysis_version=ANALYSIS_VERSION)
    monkeypatch.setattr(indexing, "get_engine", lambda: made)
    return made


def found(engine: Engine, **chosen: str) -> set[int]:
    filters = Filters({parameter: frozenset({code}) for parameter, code in chosen.items()})
    return {hit.study_id for hit in engine.search(SearchRequest(filters=filters, limit=None)).hits}


def assert_in_step(engine: Engine) -> None:
    """The index at the database's number holds exactly the published studies, as they are (S6)."""
    assert engine.status().position == indexing.read_wanted_position()
    held = {study.pk: fingerprint(to_record(study)) for study in Study.objects.published().for_record()}
    assert engine.fingerprints() == held


class TestI1Rebuilding:
    def test_without_an_index_searching_and_catching_up_say_so(self, engine: Engine):
        with pytest.raises(IndexMissing):
            engine.search(SearchRequest())
        with pytest.raises(IndexMissing):
            indexing.catch_up()
        assert indexing.check_health().state == "missing"

    def test_it_is_built_where_there_is_none(self, engine: Engine):
        publish(make_study())
        assert indexing.rebuild_if_needed()
        assert_in_step(engine)
        assert indexing.check_health().state == "ready"
        assert indexing.check_health().studies == 1

    def test_an_empty_bank_has_an_empty_index(self, engine: Engine):
        assert indexing.rebuild()
        assert found(engine) == set()
        assert_in_step(engine)

    def test_an_index_of_another_bank_is_built_anew(self, engine: Engine):
        study = publish(make_study())
        assert engine.rebuild([], Position("another-bank", BankCounter.current().change_no))
        assert indexing.check_health().state == "behind"
        assert indexing.catch_up()
        assert found(engine) == {study.pk}

    def test_an_index_ahead_of_the_database_is_built_anew(self, engine: Engine):
        study, wanted = publish(make_study()), indexing.read_wanted_position()
        assert engine.rebuild([], Position(wanted.bank_id, wanted.change_no + 5))
        assert indexing.catch_up()
        assert found(engine) == {study.pk}


class TestARestoredDatabase:
    """Its numbers come again for other changes: the index notices, however many were lost and however many came."""

    @pytest.mark.parametrize("came_since", [0, 1, 2, 3])
    def test_the_index_is_built_anew(self, engine: Engine, came_since: int):
        study, gone = publish(make_study()), publish(make_study())
        indexing.rebuild()
        backup = transaction.savepoint()
        edit(study, title="Perdido")
        withdraw(gone)
        indexing.catch_up()
        transaction.savepoint_rollback(backup)
        for number in range(came_since):
            edit(study, title=f"Otro título {number}")
        assert indexing.check_health().state == "behind"
        assert indexing.catch_up()
        assert_in_step(engine)
        assert found(engine) == {study.pk, gone.pk}

    def test_one_that_knows_the_last_change_is_followed_without_building(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ):
        study = publish(make_study())
        indexing.rebuild()
        edit(study, title="Otro título")
        monkeypatch.setattr(engine, "rebuild", raising(AssertionError("was rebuilt")))
        assert indexing.catch_up()
        assert_in_step(engine)

    def test_is_as_old_as_the_first_change_that_it_lacks(self, engine: Engine):
        study = publish(make_study())
        indexing.rebuild()
        assert indexing.read_seconds_behind(indexing.check_health()) == 0
        for title in ("Otro título", "Otro más"):
            edit(study, title=title)
        newest = indexing.read_wanted_position().change_no
        Revision.objects.filter(change_no=newest - 1).update(at=timezone.now() - timedelta(seconds=40))
        behind_s = indexing.read_seconds_behind(indexing.check_health())
        assert behind_s is not None
        assert 40 <= behind_s < 60

    def test_has_no_age_if_it_is_of_another_bank_or_missing(self, engine: Engine):
        assert indexing.read_seconds_behind(indexing.check_health()) is None
        indexing.rebuild()
        health = indexing.check_health()
        assert indexing.read_seconds_behind(replace(health, position=Position("another", 1, 0))) is None

    @pytest.mark.parametrize("came_since", [1, 2, 3])
    def test_nor_is_a_lost_change_of_a_text_taken_for_one_of_this_bank(self, engine: Engine, came_since: int):
        study = publish(make_study())
        indexing.rebuild()
        backup = transaction.savepoint()
        edit(study, title="Perdido")
        with answer_change():
            pass
        indexing.catch_up()
        transaction.savepoint_rollback(backup)
        edit(study, title="Otro título")
        for _number in range(came_since):
            with answer_change():
                pass
        assert indexing.catch_up()
        assert_in_step(engine)

    def test_a_change_of_a_text_is_followed_without_building(self, engine: Engine, monkeypatch: pytest.MonkeyPatch):
        study = publish(make_study())
        indexing.rebuild()
        monkeypatch.setattr(engine, "rebuild", raising(AssertionError("was rebuilt")))
        with answer_change():
            pass
        assert indexing.catch_up()
        edit(study, title="Otro título")
        assert indexing.catch_up()
        assert_in_step(engine)


def agreed(study: Study) -> None:
    people = proposed(study)
    workflow.agree(study, rob_2(), version=1, by=people[1])


class TestI2CatchingUp:
    CHANGES: list[Callable[[Study], Any]] = [
        lambda study: edit(study, title="Otro título", countries=("EC",)),
        withdraw,
        lambda study: merge_studies(study, publish(make_study())),
        lambda study: publish(make_study()),
        lambda study: make_study(),
        lambda study: terms.merge(
            Term.objects.get(vocabulary="settings", code="rural"),
            Term.objects.get(vocabulary="settings", code="urban"),
            by=None,
        ),
        lambda study: agreed(study),
    ]

    @pytest.mark.parametrize("change", CHANGES)
    def test_after_any_change_the_index_equals_the_database(self, engine: Engine, change: Callable[[Study], Any]):
        study, _other = publish(make_study(settings=("rural",))), publish(make_study())
        indexing.rebuild()
        change(study)
        assert indexing.check_health().state == "behind"
        assert indexing.catch_up()
        assert_in_step(engine)

    def test_an_appraisal_is_found_once_it_is_final_and_until_it_is_withdrawn(self, engine: Engine):
        study = publish(make_study())
        indexing.rebuild()
        people = proposed(study)
        indexing.catch_up()
        assert (found(engine, risk_of_bias="low"), found(engine, risk_of_bias="not-appraised")) == (set(), {study.pk})
        workflow.agree(study, rob_2(), version=1, by=people[1])
        indexing.catch_up()
        assert (found(engine, risk_of_bias="low"), found(engine, risk_of_bias="not-appraised")) == ({study.pk}, set())
        workflow.withdraw(study, rob_2(), by=user_with_role("Revisión"), note="Motivo")
        indexing.catch_up()
        assert found(engine, risk_of_bias="not-appraised") == {study.pk}

    def test_it_does_so_after_all_of_them_at_once_and_in_any_state_between(self, engine: Engine):
        indexing.rebuild()
        for change in self.CHANGES:
            change(publish(make_study()))
        indexing.catch_up()
        assert_in_step(engine)

    def test_catching_up_twice_changes_nothing(self, engine: Engine):
        indexing.rebuild()
        publish(make_study())
        assert indexing.catch_up()
        held = engine.fingerprints()
        assert indexing.catch_up()
        assert engine.fingerprints() == held

    def test_a_study_that_comes_back_is_found_again(self, engine: Engine):
        study = publish(make_study())
        indexing.rebuild()
        withdraw(study)
        indexing.catch_up()
        assert found(engine) == set()
        stages.move(study, "restore", by=user_with_role("Administración"), note="Fue un error.")
        indexing.catch_up()
        assert found(engine) == {study.pk}

    def test_a_moved_country_is_found_under_its_new_region(self, engine: Engine):
        study = publish(make_study(countries=("PE",)))
        indexing.rebuild()
        moved = Term.objects.get(vocabulary="countries", code="PE")
        moved.parent = Term.objects.get(vocabulary="regions", code="andean")
        terms.edit(moved, by=None)
        indexing.catch_up()
        assert found(engine, region="andean") == {study.pk}
        assert found(engine, region="peru") == set()
        assert not filter_studies(Study.objects.published(), Filters({"region": frozenset({"peru"})})).exists()

    def test_only_what_changed_is_sent(self, engine: Engine, monkeypatch: pytest.MonkeyPatch):
        kept, changed, gone = (publish(make_study()) for _ in range(3))
        indexing.rebuild()
        edit(changed, title="Otro título")
        withdraw(gone)
        sent: list[tuple[set[int], set[int]]] = []

        def listen(upserts: Iterable[Document], removals: Iterable[int], position: Position, since: Position) -> bool:
            sent.append(({document.study_id for document in upserts}, set(removals)))
            return True

        monkeypatch.setattr(engine, "apply", listen)
        indexing.catch_up()
        assert sent == [({changed.pk}, {gone.pk})]
        assert kept.pk not in sent[0][0]


def raising(failure: Exception) -> Callable[..., bool]:
    def fail(*_args: Any, **_named: Any) -> bool:
        raise failure

    return fail


class TestI2Batches:
    """What is missing comes in batches by change number, and the index never says that it is further than it is."""

    @pytest.fixture(autouse=True)
    def _small_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(indexing, "_BATCH", 2)

    def test_a_host_that_was_away_for_long_catches_up_exactly(self, engine: Engine):
        indexing.rebuild()
        studies = [publish(make_study()) for _ in range(5)]
        edit(studies[0], title="Otro título")
        withdraw(studies[3])
        assert indexing.catch_up()
        assert_in_step(engine)

    def test_a_change_of_more_studies_than_a_batch_holds_comes_whole(self, engine: Engine):
        studies = [publish(make_study(settings=("rural",))) for _ in range(5)]
        indexing.rebuild()
        rural, urban = (Term.objects.get(vocabulary="settings", code=code) for code in ("rural", "urban"))
        terms.merge(rural, urban, by=None)
        assert indexing.catch_up()
        assert found(engine, setting="urban") == {study.pk for study in studies}
        assert_in_step(engine)

    def test_killed_between_two_batches_it_goes_on_from_there(self, engine: Engine, monkeypatch: pytest.MonkeyPatch):
        indexing.rebuild()
        for _ in range(5):
            publish(make_study())
        whole, calls = engine.apply, []

        def apply_once(*args: Any, **named: Any) -> bool:
            calls.append(args[2].change_no)
            return len(calls) == 1 and whole(*args, **named)

        with monkeypatch.context() as killed:
            killed.setattr(engine, "apply", apply_once)
            assert not indexing.catch_up()
        position = engine.status().position
        assert position is not None
        assert position.change_no == calls[0]
        held = set(Study.objects.published().filter(changed_no__lte=calls[0]).values_list("pk", flat=True))
        assert found(engine) == held
        assert indexing.catch_up()
        assert_in_step(engine)

    def test_with_a_bound_it_does_all_or_nothing(self, engine: Engine):
        indexing.rebuild()
        for _ in range(3):
            publish(make_study())
        with pytest.raises(indexing.TooManyChanges):
            indexing.catch_up(most=2)
        assert found(engine) == set()
        assert indexing.catch_up(most=3)
        assert_in_step(engine)

    def test_with_a_bound_it_does_not_rebuild(self, engine: Engine):
        engine.rebuild([], Position("another-bank", 1))
        with pytest.raises(indexing.TooManyChanges):
            indexing.catch_up(most=1000)

    def test_a_new_index_has_what_was_changed_while_it_was_built(self, engine: Engine, monkeypatch: pytest.MonkeyPatch):
        kept, gone = publish(make_study()), publish(make_study())
        whole = indexing._iterate_all_documents

        def documents() -> Iterator[Document]:
            yield from whole()
            withdraw(gone)
            edit(kept, title="Otro título")

        monkeypatch.setattr(indexing, "_iterate_all_documents", documents)
        assert indexing.rebuild()
        assert_in_step(engine)
        assert found(engine) == {kept.pk}


class TestI5Drafts:
    def test_no_stage_but_published_gets_into_an_index(self, engine: Engine):
        shown = publish(make_study())
        make_study(), make_study(stage=Stage.IN_REVIEW), make_study(stage=Stage.WITHDRAWN)
        merge_studies(publish(make_study()), shown)
        indexing.rebuild()
        assert found(engine) == {shown.pk}


class TestCommands:
    def test_rebuild_index_tells_what_it_built(self, engine: Engine, capsys: pytest.CaptureFixture[str]):
        publish(make_study())
        call_command("rebuild_index")
        assert f"index ready: 1 studies at change {BankCounter.current().change_no}" in capsys.readouterr().out

    def test_rebuild_index_if_needed_only_catches_up(self, engine: Engine, monkeypatch: pytest.MonkeyPatch):
        indexing.rebuild()
        publish(make_study())
        monkeypatch.setattr(engine, "rebuild", raising(AssertionError("was rebuilt")))
        call_command("rebuild_index", "--if-needed")
        assert_in_step(engine)

    def test_sync_index_needs_an_index(self, engine: Engine):
        with pytest.raises(CommandError, match="rebuild_index"):
            call_command("sync_index")

    def test_sync_index_catches_up(self, engine: Engine):
        indexing.rebuild()
        publish(make_study())
        call_command("sync_index")
        assert_in_step(engine)

    @pytest.mark.parametrize("name", ["rebuild_index", "sync_index"])
    def test_a_busy_writer_is_reported(self, name: str, monkeypatch: pytest.MonkeyPatch):
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        indexing.rebuild()
        publish(make_study())
        for method in ("apply", "rebuild"):
            monkeypatch.setattr(engine, method, lambda *_args, **_named: False)
        with pytest.raises(CommandError, match="Another process"):
            call_command(name)

    def test_in_the_background_sync_index_builds_what_is_missing_and_says_nothing(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        monkeypatch.setattr(os, "nice", lambda _step: 0)
        publish(make_study())
        call_command("sync_index", "--background")
        assert_in_step(engine)
        publish(make_study())
        call_command("sync_index", "--background")
        assert_in_step(engine)
        assert capsys.readouterr().out == ""

    def test_in_the_background_sync_index_leaves_a_busy_writer_alone(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(os, "nice", lambda _step: 0)
        indexing.rebuild()
        publish(make_study())
        monkeypatch.setattr(engine, "apply", lambda *_args, **_named: False)
        call_command("sync_index", "--background")

    def test_check_bank_finds_nothing_on_a_sound_bank(self, engine: Engine, capsys: pytest.CaptureFixture[str]):
        publish(make_study(populations=("women", "men")))
        indexing.rebuild()
        call_command("check_bank")
        assert "1 studies, no problem" in capsys.readouterr().out

    def test_check_bank_is_not_misled_by_a_new_order_of_terms(self, engine: Engine):
        publish(make_study(populations=("women", "men")))
        indexing.rebuild()
        first = Term.objects.get(vocabulary="populations", code="women")
        first.position = 99
        terms.edit(first, by=None)
        call_command("check_bank")

    def test_check_bank_finds_what_bypassed_the_use_cases(self, engine: Engine, capsys: pytest.CaptureFixture[str]):
        changed, hidden, shown = publish(make_study()), publish(make_study()), make_study()
        indexing.rebuild()
        Study.objects.filter(pk=changed.pk).update(title="A mano", summary_es="")
        Study.objects.filter(pk=hidden.pk).update(stage=Stage.DRAFT)
        Study.objects.filter(pk=shown.pk).update(stage=Stage.PUBLISHED, published_at=hidden.published_at)
        with pytest.raises(CommandError, match="4 problems"):
            call_command("check_bank")
        told = capsys.readouterr().out
        assert f"{changed.slug}: summary_es: missing" in told
        assert f"study {changed.pk} is not as in the database" in told
        assert f"holds study {hidden.pk}" in told
        assert f"lacks study {shown.pk}" in told

    def test_check_bank_names_a_missing_and_a_late_index(self, engine: Engine, capsys: pytest.CaptureFixture[str]):
        with pytest.raises(CommandError):
            call_command("check_bank")
        assert "index: missing; run rebuild_index" in capsys.readouterr().out
        indexing.rebuild()
        make_study()
        with pytest.raises(CommandError):
            call_command("check_bank")
        assert "index: behind; run sync_index" in capsys.readouterr().out


class TestHealth:
    def test_a_rebuild_in_progress_is_reported_as_such(self, monkeypatch: pytest.MonkeyPatch):
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        monkeypatch.setattr(engine, "status", lambda: EngineStatus("rebuilding", None, 0))
        assert indexing.check_health().state == "rebuilding"
