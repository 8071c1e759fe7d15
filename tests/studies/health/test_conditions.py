"""What in the bank wants somebody's hand: counts and lists."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

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
from studies.records.study import InterventionRecord
from studies.store import bank_state
from tests.factories import edit, user_with_role
from tests.factories import make_study as make_any_study
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import finding, source

pytestmark = pytest.mark.django_db
_numbers = count(1)
OLD = timezone.now() - timedelta(days=3 * 365)


def make_study(**changes: Any) -> Study:
    """Make a study of which nothing is to be mended; `changes` replace fields of its record."""
    number = next(_numbers)
    sound = {
        "doi": f"10.1016/j.prueba.2021.{number}",
        "url": f"https://doi.org/10.1016/j.prueba.2021.{number}",
        "summary_es": "palabra " * 60,
        "summary_en": "word " * 60,
        "sources": (source("https://www.gob.pe/estudio"),),
    }
    return make_any_study(**{**sound, **changes})


def appraised(study: Study) -> Study:
    return edit(study, own_appraisals=(appraisal_record(),))


def published_long_ago() -> Study:
    study = appraised(make_study(stage=Stage.PUBLISHED))
    Study.objects.filter(pk=study.pk).update(published_at=OLD)
    return study


def with_dead_link() -> Study:
    link_checker.save_answer("https://www.gob.pe/gone", LinkAnswer(State.DEAD, 404))
    return make_study(sources=(source("https://www.gob.pe/gone"),))


MADE = {
    "no-summary": lambda: make_study(summary_es=None),
    "no-summary-en": lambda: make_study(summary_en=None),
    "no-title-es": lambda: make_study(title_es=None),
    "no-title-en": lambda: make_study(title_en=None),
    "no-key-finding": lambda: make_study(key_finding_es=None),
    "no-source": lambda: make_study(sources=()),
    "no-role": lambda: make_study(interventions=("parenting", InterventionRecord("helpline"))),
    "not-appraised": lambda: make_study(stage=Stage.PUBLISHED),
    "dead-link": with_dead_link,
    "doubtful-numbers": lambda: make_study(findings=(finding(value=52, ci_low=None, ci_high=None, ci_level=None),)),
    "about-not-tested": lambda: make_study(
        interventions=("engaging-men", InterventionRecord("helpline", "described")),
        findings=(finding(about=("helpline",)),),
    ),
    "violence-without-finding": lambda: make_study(findings=()),
    "trial-without-intervention": lambda: make_study(interventions=()),
    "trial-without-country": lambda: make_study(countries=()),
    "rank-word": lambda: make_study(key_finding_es="Es el primer ensayo del país"),
    "summary-length": lambda: make_study(summary_es="palabra " * 20),
    "delivery-long": lambda: make_study(delivery_es="palabra " * 51, delivery_en="word"),
    "full-stop": lambda: make_study(key_finding_es="Bajó la violencia."),
    "copy-as-main-link": lambda: make_study(url="https://es.scribd.com/document/1"),
    "example-source": lambda: make_study(sources=(source("https://example.org/a"),)),
    "doi-comma": lambda: make_study(doi="10.1016/j.a,2021"),
    "pages-prefix": lambda: make_study(pages="pp. 45-67"),
    "sample-without-unit": lambda: make_study(sample_unit=None),
    "trial-not-listed": lambda: make_study(findings=(finding(trial="made-up-trial"),)),
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
