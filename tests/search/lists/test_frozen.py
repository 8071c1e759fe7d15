"""Frozen lists: what they contain, that they never change, and later events of their studies."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from search.lists import frozen as lists_frozen
from search.lists.frozen import NothingToFreeze, freeze, list_later_events, read_contents
from search.lists.selection import Pick, Selection
from search.models import FrozenList
from studies.models import Stage, Study
from studies.records.study import fingerprint
from studies.store import bank_state
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, merge_studies, withdraw
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db


def selection_of(*studies: Study, note: str = "") -> Selection:
    slugs = [study.slug for study in studies]
    return Selection.from_slugs(slugs).with_notes({slugs[0]: note} if slugs else {})


def published(number: int = 1) -> list[Study]:
    return [make_study(stage=Stage.PUBLISHED) for _ in range(number)]


class TestFreezing:
    def test_writes_studies_order_day_and_version(self):
        first, second = published(2)
        told = read_contents(freeze(selection_of(second, first)))
        assert told.change_no == bank_state.current().change_no
        assert [entry.pick for entry in told.entries] == [Pick(second.slug), Pick(first.slug)]
        records = Study.objects.for_record().in_bulk([second.pk])
        assert told.entries[0].record == fingerprint(to_record(records[second.pk]))
        assert told.entries[0].change_no == records[second.pk].changed_no

    def test_the_checksum_is_that_of_the_manifest_and_begins_the_address(self):
        frozen = freeze(selection_of(*published()))
        assert frozen.checksum == hashlib.sha256(frozen.manifest.encode()).hexdigest()
        assert frozen.code == f"{read_contents(frozen).frozen_on}-{frozen.checksum[:12]}"

    def test_the_same_twice_on_a_day_is_one_list(self):
        studies = published(2)
        assert freeze(selection_of(*studies)) == freeze(selection_of(*studies))
        assert FrozenList.objects.count() == 1

    @pytest.mark.parametrize("changed", ["order", "record"])
    def test_anything_else_is_another_list(self, changed: str):
        studies = published(2)
        before = freeze(selection_of(*studies))
        if changed == "record":
            edit(studies[0], sample_size=77)
        again = freeze(selection_of(*(reversed(studies) if changed == "order" else studies)))
        assert again.checksum != before.checksum

    def test_leaves_out_what_is_not_published(self):
        kept, gone, merged = published(3)
        draft = make_study()
        withdraw(gone)
        merge_studies(merged, kept)
        frozen = freeze(selection_of(draft, gone, merged, kept))
        assert [entry.pick.slug for entry in read_contents(frozen).entries] == [kept.slug]
        assert draft.slug not in frozen.manifest

    def test_holds_no_content_of_a_study(self):
        """What is withdrawn later must not live on in a file."""
        study = make_study(
            stage=Stage.PUBLISHED, title="Zarzaparrilla", title_es="Zarzaparrilla", summary_es="Zarzaparrilla."
        )
        assert "arzaparrilla" not in freeze(selection_of(study)).manifest

    def test_writes_nothing_that_its_maker_typed(self):
        frozen = freeze(selection_of(*published(), note="Zarzaparrilla"))
        assert "arzaparrilla" not in frozen.manifest
        assert not read_contents(frozen).has_words

    def test_needs_a_published_study(self):
        with pytest.raises(NothingToFreeze):
            freeze(selection_of(make_study()))
        with pytest.raises(NothingToFreeze):
            freeze(Selection())

    @pytest.mark.thorough
    @pytest.mark.parametrize("number", [1, 5])
    def test_costs_the_same_for_any_number_of_studies(
        self, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
    ):
        selection = selection_of(*published(number))
        freeze(selection)
        with django_assert_max_num_queries(18):
            freeze(selection)


class TestFrozenLists:
    def test_do_not_change(self):
        frozen = freeze(selection_of(*published()))
        frozen.manifest = "{}"
        with pytest.raises(TypeError):
            frozen.save()
        with pytest.raises(TypeError):
            frozen.save(update_fields=["manifest"])
        frozen.refresh_from_db()
        assert json.loads(frozen.manifest)["form"]

    def test_are_removed_only_with_a_reason(self):
        frozen = freeze(selection_of(*published()))
        with pytest.raises(IntegrityError, match="frozen_list_removed_has_reason"), transaction.atomic():
            FrozenList.objects.filter(pk=frozen.pk).update(removed_at=frozen.frozen_at)

    def test_have_an_address_each(self):
        freeze(selection_of(*published()))
        row = FrozenList.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            FrozenList.objects.create(code=row.code, manifest="", checksum="")


class TestLaterEvents:
    def test_tell_what_happened_since_and_nothing_before(self):
        changed, same = published(2)
        edit(changed, sample_size=1234)
        told = read_contents(freeze(selection_of(changed, same)))
        edit(changed, findings=(finding(value=0.5, ci_low=0.4, ci_high=0.6),))
        events = list_later_events(told, {changed.slug: changed.pk, same.slug: same.pk})
        assert [(event.kind, event.parts) for event in events[changed.slug]] == [("corrected", ("results",))]
        assert events[same.slug] == ()

    def test_cost_one_query(self, django_assert_num_queries: DjangoAssertNumQueries):
        studies = published(3)
        told = read_contents(freeze(selection_of(*studies)))
        with django_assert_num_queries(1):
            list_later_events(told, {study.slug: study.pk for study in studies})


def test_the_module_reads_what_it_wrote_before():
    """The form of the manifest is a promise: what was cited must stay readable."""
    manifest = (
        '{\n "form": 1,\n "title": "Lista",\n "by": "",\n "frozen_on": "2026-11-26",\n'
        ' "bank": "7e3f1c52-0000-4000-8000-000000000000",\n "change_no": 7,\n "studies": [\n  {\n   "id": "a-2020-b",\n'
        '   "change_no": 3,\n   "record": "00112233445566778899aabbccddeeff",\n   "note": "Nota"\n  }\n ]\n}\n'
    )
    frozen = FrozenList(code="2026-11-26-abc", manifest=manifest, checksum=lists_frozen.compute_checksum(manifest))
    assert read_contents(frozen).entries[0].pick == Pick("a-2020-b", "Nota")
    assert lists_frozen.has_hidden_words(frozen)
    assert not lists_frozen.read_public_contents(frozen).has_words
    assert frozen.checksum == "da14b8a8f924601fdd52fa04238409c12913b11b949dc3b8c906de1f9d163185"
