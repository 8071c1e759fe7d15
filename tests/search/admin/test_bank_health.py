"""The page of the bank's health."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from search.index import indexing
from studies.admin.record_form.problems import DOUBTS, EDITORIAL
from studies.admin.shared.filters import CONDITION_LABELS
from studies.duplicates.matching.comparing import MatchKind
from studies.health.conditions import CONDITIONS
from studies.health.remarks import TRIAL_NOT_LISTED
from studies.models import Finding, Study
from studies.records.editorial import EDITORIAL_CODES
from studies.records.plausibility import SUSPICION_CODES
from tests.factories import make_study, user_with_role
from tests.studies.records_factory import finding, source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]
PATH = "/admin/salud/"


@pytest.fixture
def curator() -> Client:
    return client_as("Curaduría")


def client_as(role: str | None) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


class TestThePage:
    def test_is_for_the_team_and_only_read(self, client):
        assert client.get(PATH).status_code == 302
        assert client_as(None).get(PATH).status_code == 403
        curator = client_as("Curaduría")
        assert curator.get(PATH).status_code == 200
        assert curator.post(PATH).status_code == 405

    def test_each_line_has_a_count_and_the_list_that_mends_it(self, curator):
        make_study(summary_en=None)
        response = curator.get(PATH)
        lines = {line.name: line for line in response.context["lines"]}
        assert set(lines) == set(CONDITIONS) == set(CONDITION_LABELS)
        assert lines["no-summary-en"].count == 1
        for line in response.context["lines"]:
            assert curator.get(line.url).context["cl"].result_count == line.count

    def test_pairs_that_may_be_one_study_lead_to_their_list(self, curator):
        for _pair in range(2):
            make_study(title="Las tejedoras de Puno y la violencia de pareja")
        lines = {line.name: line for line in curator.get(PATH).context["pairs"]}
        assert set(lines) == {kind.value for kind in MatchKind}
        assert lines[MatchKind.DUPLICATE.value].count == 1
        for line in lines.values():
            assert curator.get(line.url).context["page"].paginator.count == line.count

    def test_a_doubtful_number_is_told_in_words_and_leads_to_its_field(self, curator):
        study = make_study(findings=(finding(value=52, ci_low=None, ci_high=None, ci_level=None),))
        page = curator.get(PATH).content.decode()
        assert f'href="/admin/studies/study/{study.pk}/change/#id_findings-0-value"' in page
        assert DOUBTS["ratio-far"] in page

    def test_a_remark_is_told_in_words_and_leads_to_its_field(self, curator):
        study = make_study(key_finding_es="Es el primer ensayo del país", title_es="Un ensayo con un rango")
        page = curator.get(PATH).content.decode()
        assert f'href="/admin/studies/study/{study.pk}/change/#id_key_finding_es"' in page
        assert EDITORIAL["rank-word"] in page

    def test_links_to_copies_are_counted_and_do_not_hide_other_remarks(self, curator):
        study = make_study(url="https://es.scribd.com/document/1", sources=(source("https://www.gob.pe/a"),))
        response = curator.get(PATH)
        assert {line.name: line for line in response.context["lines"]}["copy-as-main-link"].count >= 1
        told = {line.sentence for doubt in response.context["remarks"] for line in doubt.lines if doubt.study == study}
        assert EDITORIAL["copy-as-main-link"] not in told

    def test_every_doubt_has_its_words(self):
        assert set(DOUBTS) == set(SUSPICION_CODES)
        assert set(EDITORIAL) == {*EDITORIAL_CODES, TRIAL_NOT_LISTED}
        assert not set(DOUBTS) & set(EDITORIAL)

    def test_tells_where_the_index_stands(self, curator, monkeypatch):
        assert "está al día" in curator.get(PATH).content.decode()
        monkeypatch.setattr(indexing, "catch_up", lambda: True)
        make_study()
        assert "va detrás de la base de datos" in curator.get(PATH).content.decode()

    def test_compares_every_record_on_demand(self, curator):
        assert "cumple las reglas y está en el índice" in curator.get(PATH, {"compare": "1"}).content.decode()
        study = Study.objects.published().first()
        Study.objects.filter(pk=study.pk).update(title_en="Written past every use case")
        page = curator.get(PATH, {"compare": "1"}).content.decode()
        assert f"study {study.pk} is not as in the database" in page

    def test_asks_the_same_number_of_questions_whatever_the_bank_holds(self, curator, django_assert_num_queries):
        curator.get(PATH)
        with django_assert_num_queries(17):
            curator.get(PATH)
        make_study()
        curator.get(PATH)
        with django_assert_num_queries(17):
            curator.get(PATH)


class TestTheCommand:
    def test_tells_what_waits_without_calling_it_a_problem(self):
        study = make_study(title_en=None, findings=(finding(value=52, ci_low=None, ci_high=None, ci_level=None),))
        indexing.catch_up()
        told = StringIO()
        call_command("check_bank", stdout=told, no_color=True)
        assert "no-title-en: " in told.getvalue()
        assert f"{study.slug}: findings[0].value: ratio-far" in told.getvalue()
        assert "about-not-tested: " in told.getvalue()

    def test_fails_on_what_is_a_problem(self):
        Finding.objects.filter(value__isnull=False).first().study.sources.all().delete()
        told = StringIO()
        with pytest.raises(CommandError):
            call_command("check_bank", stdout=told, no_color=True)
        assert "sources: missing" in told.getvalue()
