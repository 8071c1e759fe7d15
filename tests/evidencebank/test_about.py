"""The page on the method: it shows the rules and tables of answers as the code has them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from search.web.evidence.answer_rules import list_choice_rules, list_sentence_rules
from studies.learning.answer_tables import read_baselines
from studies.store import vocabularies
from studies.synthesis.comparators import COMPARATOR_KINDS
from studies.text.numbers import format_percent
from tests.html_pages import page_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[("/acerca/", "es"), ("/en/about/", "en")], ids=lambda param: param[1])
def page(request: pytest.FixtureRequest, client: Client) -> tuple[str, str]:
    """Give the text of the page without differences of case, and its language."""
    address, language = request.param
    return text_of(page_of(client, address)).casefold(), language


def test_shows_each_rule_of_answers(page: tuple[str, str]):
    text, language = page
    with override(language):
        for rule in list_choice_rules():
            assert rule.casefold() in text
        for rule, example in list_sentence_rules():
            assert rule.casefold() in text
            assert example.casefold() in text


def test_shows_each_survey_that_may_be_a_base_with_its_source(page: tuple[str, str]):
    text, language = page
    baselines = read_baselines().values()
    assert baselines
    for each in baselines:
        assert vocabularies.current().label("outcomes", each.outcome, language).casefold() in text
        assert " ".join(format_percent(each.percent, language).split()) in text
        assert each.source_name.casefold() in text
    read_in_press = {"es": "cifra leída en la prensa", "en": "figure read in the press"}[language]
    assert text.count(read_in_press) == sum(each.is_from_press for each in baselines)


def test_shows_which_comparators_are_of_one_kind(page: tuple[str, str]):
    text, language = page
    for kind in COMPARATOR_KINDS:
        for code in kind.comparators:
            assert vocabularies.current().label("comparators", code, language).casefold() in text


def test_promises_no_count_of_what_authors_found(client: Client):
    page = page_of(client, "/acerca/")
    assert "se cuentan juicios" not in text_of(page).casefold()
    assert page.xpath("//h2[@id='respuestas']")
