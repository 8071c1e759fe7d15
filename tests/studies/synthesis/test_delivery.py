"""How what was evaluated was delivered: the words of records, counted by evaluation, and what no record says."""

from __future__ import annotations

from typing import Any

from studies.records.study import EvaluationRecord, InterventionRecord, StudyRecord
from studies.synthesis.delivery import Delivery, describe_delivery
from studies.synthesis.evidence import Scope
from tests.studies.evidence_factory import as_details, as_evidence, evidence_of
from tests.studies.records_factory import complete_record, finding


def record(id: str, **changes: Any) -> StudyRecord:
    usual = {"findings": (finding(),), "delivery_es": None, "delivery_en": None, "settings": (), "programme": None}
    return complete_record(id=id, **{**usual, **changes})


def of(*records: StudyRecord, scope: Scope | None = None, together: tuple[str, ...] = ()) -> Delivery:
    studies = [as_evidence(each, number) for number, each in enumerate(records)]
    groups = [EvaluationRecord("one", "trial", "Uno", "One", studies=together)] if together else []
    details = {each.id: as_details(each) for each in records}
    return describe_delivery(studies, evidence_of(studies, groups), scope or Scope(), details)


class TestDelivery:
    def test_is_told_by_the_records_that_have_a_text_the_newest_first(self):
        texts = {"delivery_es": "Diez sesiones", "delivery_en": "Ten sessions"}
        told = of(record("old", year=2001, **texts), record("new", year=2020, **texts), record("silent"))
        assert told.told == ("new", "old")
        assert told.told_evaluations == 2
        assert (told.untold.evaluations, told.untold.studies) == (1, ("silent",))
        assert told.evaluations == 3

    def test_of_a_trial_with_several_papers_counts_once(self):
        text = {"delivery_es": "Diez sesiones", "delivery_en": "Ten sessions"}
        told = of(record("first", **text), record("second", settings=("rural",)), together=("first", "second"))
        assert told.told == ("first",)
        assert told.evaluations == 1
        assert not told.untold.evaluations
        assert told.settings["rural"].evaluations == 1

    def test_of_an_evaluation_in_two_settings_counts_in_both(self):
        told = of(record("a", settings=("rural", "urban")), record("b", settings=("urban",)), record("c"))
        assert {code: own.evaluations for code, own in told.settings.items()} == {"urban": 2, "rural": 1}
        assert list(told.settings) == ["urban", "rural"]
        assert told.without_setting.studies == ("c",)

    def test_is_not_told_by_what_only_describes_the_intervention(self):
        described = record(
            "process",
            interventions=(InterventionRecord("psychosocial-support", "described"),),
            findings=(),
            delivery_es="Por teléfono",
            delivery_en="By phone",
        )
        told = of(described, scope=Scope(frozenset({"psychosocial-support"})))
        assert told == of()
