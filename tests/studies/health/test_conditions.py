"""What in the bank wants somebody's hand: counts, lists, and numbers that are doubted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from studies import background
from studies.curation import rechecks
from studies.duplicates import decisions, finder
from studies.duplicates.matching.comparing import MatchKind
from studies.health import conditions, link_checker
from studies.health.link_checker import LinkAnswer, State
from studies.models import Stage, Study
from studies.store import bank_state
from tests.factories import edit, make_study, user_with_role
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import finding, source

pytestmark = pytest.mark.django_db
OLD = timezone.now() - timedelta(days=3 * 365)


def appraised(study: Study) -> Study:
    return edit(study, appraisals=(appraisal_record(),))


def published_long_ago() -> Study:
    study = appraised(make_study(stage=Stage.PUBLISHED))
    Study.objects.filter(pk=study.pk).update(published_at=OLD)
    return study


def with_dead_link() -> Study:
    link_checker.save_answer("https://example.org/gone", LinkAnswer(State.DEAD, 404))
    return make_study(sources=(source("https://example.org/gone"),))


MADE = {
    "no-summary": lambda: make_study(summary_es=None),
    "no-summary-en": lambda: make_study(summary_en=None),
    "no-title-es": lambda: make_study(title_es=None),
    "no-title-en": lambda: make_study(title_en=None),
    "no-key-finding": lambda: make_study(key_finding_es=None),
    "no-source": lambda: make_study(sources=()),
    "not-appraised": lambda: make_study(stage=Stage.PUBLISHED),
    "dead-link": with_dead_link,
    "doubtful-numbers": lambda: make_study(findings=(finding(value=52, ci_low=None, ci_high=None, ci_level=None),)),
    "old-check": published_long_ago,
}


@pytest.mark.usefixtures("empty_bank")
class TestConditions:
    @pytest.mark.parametrize("name", conditions.CONDITIONS)
    def test_each_counts_its_study_alone_and_lists_it(self, name):
        appraised(make_study(stage=Stage.PUBLISHED))
        make_study()
        study = MADE[name]()
        assert {key: count for key, count in conditions.count_by_condition().items() if count} == {name: 1}
        client = Client()
        client.force_login(user_with_role("Curaduría"))
        listed = client.get("/admin/studies/study/", {"health": name}).context["cl"].result_list
        assert [row.pk for row in listed] == [study.pk]

    def test_a_withdrawn_study_waits_for_nobody(self):
        make_study(stage=Stage.WITHDRAWN)
        assert not any(conditions.count_by_condition().values())

    def test_a_recent_check_is_enough(self):
        study = published_long_ago()
        rechecks.record_check(study, by=user_with_role("Curaduría"))
        assert conditions.count_by_condition()["old-check"] == 0

    def test_the_oldest_check_is_told(self):
        assert conditions.find_oldest_check() is None
        study = published_long_ago()
        make_study(stage=Stage.PUBLISHED)
        assert conditions.find_oldest_check() == (study, OLD)

    def test_pairs_are_counted_by_kind_once_they_were_sought(self, monkeypatch, django_assert_max_num_queries):
        make_study(title="Las tejedoras de Puno y la violencia de pareja")
        make_study(title="Las tejedoras de Puno y la violencia de pareja")
        monkeypatch.setattr(finder, "MOST_STUDIES_AT_ONCE", 1)
        monkeypatch.setattr(background, "start_command", lambda *command: None)
        # The claim of the process that was not started ends at once: whoever waited for it waited five minutes.
        monkeypatch.setattr(finder, "_CLAIM_LASTS", timedelta())
        assert conditions.count_undecided_pairs() is None
        assert len(decisions.list_open_pairs()) == 1
        with bank_state.cached_counter(), django_assert_max_num_queries(5):
            assert conditions.count_undecided_pairs() == {MatchKind.DUPLICATE: 1}

    def test_counting_asks_one_question_for_any_number_of_studies(self, django_assert_num_queries):
        make_study()
        with bank_state.cached_counter():
            conditions.count_by_condition()
            with django_assert_num_queries(1):
                conditions.count_by_condition()


@pytest.mark.usefixtures("empty_bank")
class TestDoubtfulNumbers:
    def test_follow_every_change(self):
        study = make_study(findings=(finding(value=52, ci_low=None, ci_high=None, ci_level=None),))
        other = make_study()
        assert [one.code for one in conditions.list_doubtful_numbers()[study.pk]] == ["ratio-far"]
        edit(study, findings=(finding(),))
        edit(other, findings=(finding(value=-1, ci_low=None, ci_high=None, ci_level=None),))
        assert {key: [one.code for one in found] for key, found in conditions.list_doubtful_numbers().items()} == {
            other.pk: ["ratio-not-positive"]
        }

    def test_are_as_those_of_the_whole_record(self):
        study = make_study(
            sample_size=10**8, findings=(finding(), finding(p=0, follow_up="1 month", follow_up_months=9))
        )
        told = [(one.field, one.code) for one in conditions.list_doubtful_numbers()[study.pk]]
        assert told == [
            ("findings[1].p", "p-zero"),
            ("findings[1].follow_up_months", "follow-up-differs"),
            ("sample_size", "sample-huge"),
        ]

    def test_ask_nothing_while_nothing_changes(self, django_assert_num_queries):
        make_study()
        with bank_state.cached_counter():
            conditions.list_doubtful_numbers()
            with django_assert_num_queries(0):
                conditions.list_doubtful_numbers()
