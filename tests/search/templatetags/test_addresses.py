"""The addresses of the criteria that pages of `studies` name."""

from __future__ import annotations

from django.template import Context, Template
from django.utils.translation import override

from studies.web.shared.links import Fact, Link


def written(template: str, link: Link) -> str:
    return Template("{% load addresses %}" + template).render(Context({"link": link}))


class TestListOfACriterion:
    def test_is_the_search_with_this_criterion_in_the_language_of_the_page(self):
        link = Link("Línea de ayuda", criterion=("intervention", "helpline"))
        assert written("{{ link|list_url }}", link) == "/estudios/?intervention=helpline"
        with override("en"):
            assert written("{{ link|list_url }}", link) == "/en/studies/?intervention=helpline"

    def test_a_code_is_quoted(self):
        assert written("{{ link|list_url }}", Link("", criterion=("country", "a&b"))) == "/estudios/?country=a%26b"

    def test_a_link_without_a_criterion_keeps_its_own_address_or_none(self):
        assert written("{{ link|list_url }}", Link("DOI", "https://doi.org/10.1/a")) == "https://doi.org/10.1/a"
        assert written("{{ link|list_url }}", Link("Sin dato")) == ""

    def test_stands_in_a_fact(self):
        fact = Fact("Intervención", (Link("Línea", criterion=("intervention", "helpline")), Link("Otra")))
        html = Template('{% include "components/facts.html" %}').render(Context({"facts": (fact,)}))
        assert '<a\n          href="/estudios/?intervention=helpline">Línea</a>;' in html
        assert html.count("<a") == 1


class TestPageOfACriterion:
    def test_is_that_of_the_theme_or_intervention(self):
        assert written("{{ link|page_url }}", Link("Tema", criterion=("theme", "autonomy"))) == "/temas/autonomy/"
        link = Link("Línea", criterion=("intervention", "helpline"))
        assert written("{{ link|page_url }}", link) == "/intervenciones/helpline/"

    def test_a_crumb_without_an_address_is_the_page_itself(self):
        html = Template('{% include "components/crumbs.html" %}').render(
            Context({"crumbs": (Link("Tema", criterion=("theme", "autonomy")), Link("Aquí"))})
        )
        assert 'href="/temas/autonomy/">Tema</a>' in html
        assert '<li aria-current="page">Aquí</li>' in html
