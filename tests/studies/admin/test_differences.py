"""The comparison of two records in the workplace: what both sides offer field by field, and what is taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.http import QueryDict

from studies.admin.differences.choices import BOTH, SIDES, merge_choices, read_choices
from studies.admin.differences.views import FieldChoice
from studies.admin.differences.words import DifferenceWriter
from studies.admin.duplicates.side_by_side import RecordPair
from studies.records.diff import MergeSide, merge_records
from studies.records.finding import ArmRecord
from studies.records.study import StudyRecord
from studies.store import vocabularies
from tests.studies.records_factory import author, complete_record, finding

pytestmark = pytest.mark.django_db
LABELS: dict[MergeSide, str] = {"mine": "Lo mío", "theirs": "Lo suyo"}
BASE = complete_record(findings=(finding(value=0.6), finding(value=0.8)))


def offered(mine: StudyRecord, theirs: StudyRecord) -> dict[str, FieldChoice]:
    merged = merge_records(BASE, mine, theirs)
    choices = merge_choices(merged, mine, theirs, DifferenceWriter(), LABELS, {})
    return {choice.label: choice for choice in choices}


def chosen(choice: FieldChoice) -> list[str]:
    return [option.value for option in choice.options if option.is_chosen]


class TestReadChoices:
    def test_takes_known_values_by_field_and_ignores_the_rest(self):
        data = QueryDict("take-year=mine&take-title=both&take-volume=%00&year=theirs&take-=x")
        assert read_choices(data, SIDES) == {"year": "mine"}


class TestMergeChoices:
    def test_rows_that_both_changed_without_a_collision_stay_joined_unless_told(self):
        mine = replace(BASE, findings=(finding(value=0.5), finding(value=0.8)))
        theirs = replace(BASE, findings=(finding(value=0.6), finding(value=0.7)))
        assert chosen(offered(mine, theirs)["Hallazgos"]) == [BOTH]

    def test_a_field_that_collides_has_no_choice_until_somebody_makes_it(self):
        choice = offered(replace(BASE, year=2019), replace(BASE, year=2020))["Año"]
        assert (choice.collides, chosen(choice)) == (True, [])

    def test_a_unit_goes_with_its_size(self):
        mine = replace(BASE, sample_size=7, sample_unit="women")
        names = [choice.name for choice in offered(mine, BASE).values()]
        assert names == ["take-sample_size", ""]


class TestDifferenceWriter:
    def test_of_the_groups_of_a_finding_only_those_that_differ_are_shown(self):
        arms = (ArmRecord("intervention", n=400, events=60), ArmRecord("comparison", n=400, events=97))
        before = replace(BASE, findings=(finding(arms=arms),))
        after = replace(BASE, findings=(finding(arms=(replace(arms[0], events=61), arms[1])),))
        (field,) = DifferenceWriter().between(before, after)
        (cell,) = field.rows[0].fields
        assert (cell.removed, cell.added) == (
            ("Grupo con programa: analizadas (n) 400, con el resultado 60",),
            ("Grupo con programa: analizadas (n) 400, con el resultado 61",),
        )


class TestRecordPair:
    def pair(self, **changes: object) -> RecordPair:
        other = replace(BASE, **changes)
        return RecordPair(BASE, other, vocabularies.current(), {})

    def test_a_unit_that_differs_is_not_among_what_is_the_same(self):
        pair = self.pair(sample_size=7, sample_unit="women")
        (choice,) = pair.choices()
        assert [option.lines for option in choice.options] == [("1\u202f200 parejas",), ("7 mujeres",)]
        assert not [label for label, _lines in pair.equal_fields() if "muestra" in label]

    def test_the_particles_of_a_name_stand_in_it(self):
        particles = {"dropping_particle": "de", "non_dropping_particle": "las"}
        (choice,) = self.pair(authors=(author("Casas", "Fe", **particles),)).choices()
        assert choice.options[1].lines == ("Fe de las Casas",)
