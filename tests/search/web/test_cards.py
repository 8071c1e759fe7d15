"""Cards: kept for the state in which a study is, and never shown of another."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from search.query.matcher import TextMatcher
from search.web.shared import cards
from search.web.shared.view_models import Card
from studies.models import Stage, Study, Term
from studies.store import vocabularies
from studies.store.changes import vocabulary_change
from tests.factories import edit, make_study, withdraw
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db
NOTHING = TextMatcher(())


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch) -> None:
    monkeypatch.setattr(cards, "_card_cache", cards._CardCache())


def shown(*studies: Study, language: str = "es") -> tuple[Card, ...]:
    found = Study.objects.for_cards().in_order_of(study.pk for study in studies)
    with override(language):
        return cards.build_cards(found, NOTHING, vocabularies.current(), language)


class TestKeptCards:
    def test_are_those_that_are_made_anew(self):
        studies = Study.objects.for_results()[:30]
        anew = tuple(
            cards._add_highlights(cards._build_base_card(study, vocabularies.current(), "es"), NOTHING)
            for study in studies
        )
        assert shown(*studies) == shown(*studies) == anew

    def test_cost_no_query_the_second_time(self):
        studies = list(Study.objects.for_cards()[:30])
        vocabulary = vocabularies.current()
        cards.build_cards(studies, NOTHING, vocabulary, "es")
        with CaptureQueriesContext(connection) as captured:
            cards.build_cards(studies, NOTHING, vocabulary, "es")
        assert len(captured) == 0

    def test_are_of_one_language(self):
        study = make_study(stage=Stage.PUBLISHED, title_es="Xilófonos", title_en="Xylophones")
        assert shown(study)[0].title[0].text == "Xilófonos"
        assert shown(study, language="en")[0].title[0].text == "Xylophones"

    def test_are_new_when_the_study_changes(self):
        study = make_study(stage=Stage.PUBLISHED, title_es="Antes")
        shown(study)
        edit(study, title_es="Después")
        assert shown(study)[0].title[0].text == "Después"

    def test_are_new_when_a_label_changes(self):
        study = make_study(stage=Stage.PUBLISHED)
        before = shown(study)[0].design
        with vocabulary_change():
            Term.objects.filter(vocabulary="designs", label_es=before).update(label_es="Otro nombre")
        assert shown(study)[0].design == "Otro nombre"

    def test_are_not_shown_of_a_study_that_was_withdrawn(self):
        study, other = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        shown(study, other)
        withdraw(study)
        assert [card.slug for card in shown(study, other)] == [other.slug]

    def test_are_bounded(self, monkeypatch):
        monkeypatch.setattr(cards, "CACHED_CARDS", 5)
        shown(*Study.objects.published()[:30])
        assert len(cards._card_cache._cards) == 5


class TestCards:
    def test_say_that_a_service_only_gave_its_data(self):
        study = make_study(stage=Stage.PUBLISHED, interventions=(), data_sources=("helpline-calls",))
        assert shown(study)[0].data_only.startswith("Usa llamadas a líneas de ayuda")
        assert shown(make_study(stage=Stage.PUBLISHED))[0].data_only == ""

    @pytest.mark.parametrize("interventions", [("psychosocial-support",), ()])
    def test_tell_the_effect_of_a_factor_apart_from_that_of_an_intervention(self, interventions: tuple[str, ...]):
        of_factor = finding(outcome="ipv-sexual", effect="unfavourable", about=())
        own = (finding(effect="favourable"),) if interventions else ()
        study = make_study(
            stage=Stage.PUBLISHED,
            interventions=interventions,
            exposures=("lockdown",),
            outcomes=("ipv-physical", "ipv-sexual"),
            findings=(of_factor, *own),
        )
        told = [(effect.code, effect.is_apart) for effect in shown(study)[0].effects]
        assert told == [("favourable", False), ("unfavourable", True)][-len(told) :]
        assert len(told) == 1 + bool(interventions)

    def test_say_nothing_apart_of_what_estimates_no_effect(self):
        found = finding(effect="not-estimated", about=())
        study = make_study(stage=Stage.PUBLISHED, interventions=(), findings=(found,))
        assert [effect.is_apart for effect in shown(study)[0].effects] == [False]

    def test_tell_what_the_study_cannot_tell_from_no_effect(self):
        unsure = finding(outcome="ipv-sexual", effect="no-effect", inconclusive=True)
        study = make_study(
            stage=Stage.PUBLISHED,
            outcomes=("ipv-physical", "ipv-sexual"),
            findings=(finding(effect="no-effect"), unsure),
        )
        words = [(effect.label, effect.outcomes) for effect in shown(study)[0].effects]
        assert words == [
            ("Sin efecto detectable", ("violencia física de pareja",)),
            ("No concluye", ("violencia sexual de pareja",)),
        ]
