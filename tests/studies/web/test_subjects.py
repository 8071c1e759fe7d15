"""What a study is about, in the words of its page: roles, factors, data, harms and costs."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from studies.models import Stage
from studies.records.study import CostRecord, InterventionRecord
from studies.store import vocabularies
from studies.web.shared.links import PageTerms
from studies.web.shared.service_data import service_data_text
from studies.web.study.subjects import subject_facts
from tests.factories import make_study
from tests.studies.records_factory import complete_record
from tests.studies.web.test_study import page, shown, text

pytestmark = pytest.mark.django_db


class TestRoles:
    def test_are_told_in_words(self, client):
        given = (
            InterventionRecord("helpline", "described"),
            InterventionRecord("engaging-men", "evaluated"),
            InterventionRecord("parenting", "component"),
        )
        words = text(shown(client, interventions=given))
        assert "Qué evalúa Trabajo con hombres y masculinidades" in words
        assert "Como parte de un paquete Crianza y primera infancia" in words
        assert "Qué describe Líneas de ayuda y emergencia" in words
        assert "Qué revisa" not in words

    def test_of_a_review_are_what_it_reviews(self, client):
        given = (InterventionRecord("engaging-men", "reviewed"),)
        assert "Qué revisa Trabajo con hombres" in text(
            shown(client, interventions=given, designs=("systematic-review",))
        )

    def test_that_nobody_has_chosen_are_undecided_and_never_evaluated(self):
        record = complete_record(interventions=(InterventionRecord("helpline"),))
        facts = {fact.label: fact.values for fact in subject_facts(record, PageTerms(vocabularies.current(), "es"))}
        assert [link.label for link in facts["Papel sin decidir"]] == ["Líneas de ayuda y emergencia"]
        assert facts["Qué evalúa"] == ()

    def test_are_in_english_on_the_english_page(self, client):
        study = make_study(stage=Stage.PUBLISHED, exposures=("lockdown",), data_sources=("interviews",))
        words = text(page(client, f"/en/studies/{study.slug}/"))
        assert "What it evaluates Engaging men and boys" in words
        assert "Which factor it studies Lockdown" in words
        assert "Where the data come from Interviews and groups" in words


class TestServiceThatOnlyGivesItsData:
    def say(self, interventions: tuple[str, ...], *sources: str) -> str:
        with override("es"):
            return service_data_text(interventions, sources, vocabularies.current(), "es")

    def test_is_said_not_to_be_evaluated(self):
        assert (
            self.say((), "helpline-calls")
            == "Usa llamadas a líneas de ayuda solo como datos: no evalúa esos servicios."
        )
        assert "líneas de ayuda y registros policiales" in self.say((), "helpline-calls", "police-records")

    def test_is_not_named_where_the_study_is_about_it(self):
        assert self.say(("helpline",), "helpline-calls") == ""
        assert self.say(("risk-assessment",), "police-records") == ""
        assert self.say(("engaging-men",), "service-records") == ""

    def test_is_named_beside_a_programme_that_is_no_service(self):
        assert self.say(("media-edutainment",), "helpline-calls") != ""
        assert self.say(("cash-transfer",), "police-records") != ""

    def test_is_none_where_the_data_are_of_no_service(self):
        assert self.say((), "household-survey", "death-records") == ""

    def test_is_named_on_the_page(self, client):
        html = shown(client, interventions=(), exposures=("lockdown",), data_sources=("helpline-calls",))
        assert "Usa llamadas a líneas de ayuda solo como datos: no evalúa esos servicios." in html
        assert "Qué factor estudia Cuarentena" in text(html)


class TestHarms:
    @pytest.mark.parametrize(
        ("harms", "said"),
        [
            ("found", "Se hallaron daños. El estudio buscó daños y halló alguno."),
            ("none-found", "Se buscaron, no se hallaron."),
            ("not-stated", "No se dice. La fuente leída no habla de daños."),
            (None, "Aún sin revisar. En el banco, nadie ha leído aún si la fuente habla de daños."),
        ],
    )
    def test_have_four_states(self, client, harms, said):
        assert said in text(shown(client, harms=harms))

    def test_belong_to_the_arm_that_caused_them(self, client):
        html = shown(
            client,
            interventions=("engaging-men", "parenting"),
            harms="found",
            harms_es="Más discusiones.",
            harms_en="More arguments.",
            harms_about=("parenting",),
        )
        assert "Más discusiones." in html
        assert "Se refiere a: crianza y primera infancia." in text(html)

    def test_are_not_asked_of_a_study_without_interventions(self, client):
        assert "nadie ha leído aún" not in shown(client, interventions=(), exposures=("lockdown",))


class TestCosts:
    def test_stand_apart_from_effects(self, client):
        cost = CostRecord(1837.5, "USD", year=2015, statement_es="Evitar un caso.", statement_en="One case.")
        html = shown(client, costs=(cost,))
        words = text(html)
        assert "Costos que da la fuente Evitar un caso. 1 837,5 USD , precios de 2015." in words
        assert html.index("Costos que da la fuente") > html.index("</table>")

    def test_without_a_sentence_have_their_unit_in_its_language(self, client):
        html = shown(client, costs=(CostRecord(504, "USD", per="family"),))
        assert '<span lang="en">family</span> <span class="tag">en inglés</span>' in html


class TestDelivery:
    def test_is_told_where_the_record_has_it(self, client):
        words = text(shown(client, delivery_es="Doce sesiones.", delivery_en="Twelve sessions."))
        assert "Cómo se dio: Doce sesiones." in words
        assert "Cómo se dio:" not in shown(client)
