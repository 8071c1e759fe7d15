"""The search page where a list finds nothing or little: what it offers, at what cost (S4, S7)."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.criteria.criteria import Criteria
from search.engines.whoosh.engine import WhooshEngine
from search.services import public_search
from tests.search.made_up_lists import QUERY, WORD, publish_nothing_random_of_peru, publish_on_xylophones

pytestmark = pytest.mark.django_db

NOTHING = f"/estudios/?{QUERY}&country=PE&design_family=randomised"


def html(client: Client, path: str) -> str:
    return re.sub(r"\s+", " ", client.get(path).content.decode())


def words(client: Client, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html(client, path)))


class TestNothingFound:
    def test_says_what_the_words_find_without_the_filters(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        publish_nothing_random_of_peru()
        said = words(client, NOTHING)
        assert "Ningún estudio del banco reúne todo eso" in said
        assert "Sin los filtros, estas palabras dan 6 estudios: ninguno los cumple todos." in said

    def test_each_way_out_is_a_link_with_its_number(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        publish_nothing_random_of_peru()
        page = " ".join(html(client, NOTHING).split())
        assert (
            f'<li> <a href="/estudios/?{QUERY}&amp;design_family=randomised">Quitar «País: Perú»</a>'
            '<span>y conservar lo demás</span><b class="num">4 estudios</b> </li>'
        ) in page
        assert ">Cambiar «Perú» por «América Latina y el Caribe»</a><b" in page

    def test_the_closest_studies_are_shown_as_such(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        publish_nothing_random_of_peru()
        said = words(client, NOTHING)
        assert said.index("Lo más cercano") < said.index("Xilófonos")

    def test_partial_matches_are_told_apart_from_results(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        page = html(client, "/estudios/?q=sasa+caballos")
        assert "La búsqueda no encontró ningún estudio" in page
        assert "Ningún estudio tiene todas las palabras; estos tienen algunas" in page
        assert '<p class="card__note">No tiene: «caballos».</p>' in page

    def test_speaks_english_on_english_pages(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        publish_nothing_random_of_peru()
        said = words(client, NOTHING.replace("/estudios/", "/en/studies/"))
        assert "Remove “Country: Peru”" in said
        assert "Change “Peru” to “Latin America and the Caribbean”" in said

    def test_without_an_index_the_page_still_says_what_can_be_done(self, client: Client) -> None:
        assert "Qué puede hacer" in words(client, "/estudios/?q=xyzzy")

    def test_costs_a_bounded_number_of_queries(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        publish_nothing_random_of_peru()
        for path in (NOTHING, "/estudios/?q=xyzzy+mujeres"):
            client.get(path)  # cards that this process does not hold cost more
        paths = (
            (NOTHING, 5),
            ("/estudios/?q=xyzzy+mujeres", 6),
            ("/estudios/?q=xyzzy", 1),
            (f"/estudios/?{QUERY}", 11),
        )
        for path, most in (*paths, (f"/estudios/?{QUERY}+violencia", 11), ("/estudios/?q=violensia+mujeres", 11)):
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            assert len(captured) <= most, path


class TestShortLists:
    def test_are_followed_by_partial_matches_with_a_list_of_their_own(
        self, client: Client, whoosh_engine: WhooshEngine
    ) -> None:
        publish_on_xylophones(2)
        page = html(client, f"/estudios/?{QUERY}+rural")
        whole = public_search.search(Criteria(q=f"{WORD} rural"))
        assert whole.total == 2
        assert f'<h2 id="n">{whole.total} estudio' in page
        listed, below = page.split("Otros estudios, con parte de sus palabras")
        assert listed.count('<article class="card"') == whole.total
        assert below.count('<article class="card"') == 20 - whole.total
        assert below.count("No tiene: ") == 20 - whole.total
        assert "Tienen al menos 1 de las 2 partes de su búsqueda" in below
        assert f'href="/estudios/?{QUERY}+rural&amp;match=1"' in below

    def test_of_a_page_or_more_are_not(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        for path in ("/estudios/?q=mujeres", "/estudios/?q=mujeres&page=99", "/estudios/?country=PE"):
            assert "con parte de sus palabras" not in html(client, path)

    def test_of_a_single_word_are_not(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        assert "con parte de sus palabras" not in html(client, "/estudios/?q=tobillera")


class TestNextToOneThing:
    """Where the words mean one thing of which there is little, what is next to it says more than its single words."""

    THING, NEXT = "Servicio de Atención Urgente", "centros de atención a mujeres"

    def test_fills_the_page_with_the_studies_of_what_is_nearest(
        self, client: Client, whoosh_engine: WhooshEngine
    ) -> None:
        page = html(client, f"/estudios/?q={self.THING}")
        _, below = page.split("Lo más cercano: ")
        heading = below.split("</h2>")[0]
        assert heading.startswith(self.NEXT)
        assert "con parte de sus palabras" not in page
        words = heading.replace(" y ", " O ")
        near = public_search.search(Criteria(q=words))
        slugs = [study.slug for study in near.studies]
        shown = re.findall(r'<h3[^>]*><a href="/estudios/([^/"]*)/', below)
        assert shown
        assert set(shown) <= set(slugs)

    def test_what_the_whole_bank_is_about_may_stand_beside_it(
        self, client: Client, whoosh_engine: WhooshEngine
    ) -> None:
        assert "Lo más cercano: " in html(client, f"/estudios/?q={self.THING}+violencia")

    def test_speaks_english_on_english_pages(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        assert "Nearest to this: " in html(client, f"/en/studies/?q={self.THING}")

    def test_is_none_of_several_things_or_if_only_the_words_themselves_are_wanted(
        self, client: Client, whoosh_engine: WhooshEngine
    ) -> None:
        for rest in ("+alcohol", "&exact=1"):
            assert "Lo más cercano: " not in html(client, f"/estudios/?q={self.THING}{rest}")


class TestDidYouMean:
    def test_shows_what_the_corrected_words_find(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        page = html(client, "/estudios/?q=hogares+de+refujio")
        found = public_search.search(Criteria(q="hogares de refugio"))
        _, below = page.split("Estudios con «hogares de refugio»")
        slugs = [study.slug for study in found.studies]
        assert slugs
        assert [slug for slug in slugs if f"/estudios/{slug}/" in below] == slugs

    def test_is_a_link_that_keeps_all_else(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        page = html(client, "/estudios/?q=violensia&country=PE&sort=title")
        assert '¿Quiso decir <a href="/estudios/?q=violencia&amp;country=PE&amp;sort=title">violencia</a>?' in page

    def test_is_never_applied_by_itself(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        page = html(client, "/estudios/?q=violensia")
        assert 'value="violensia"' in page
        assert "no encontró ningún estudio" in page

    def test_prints_words_never_markup(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        page = html(client, "/estudios/?q=violensia+%3Cb%3Ex%3C/b%3E")
        assert "<b>x</b>" not in page

    def test_is_not_asked_of_words_that_find_enough(self, client: Client, whoosh_engine: WhooshEngine) -> None:
        assert "¿Quiso decir" not in html(client, "/estudios/?q=violencia")


class TestSearchBoxes:
    @pytest.mark.parametrize(
        ("path", "address"),
        [
            ("/", "/estudios/sugerencias.json"),
            ("/estudios/", "/estudios/sugerencias.json"),
            ("/en/", "/en/studies/suggestions.json"),
            ("/en/studies/", "/en/studies/suggestions.json"),
        ],
    )
    def test_know_where_to_ask_for_suggestions(self, path: str, address: str, client: Client) -> None:
        page = html(client, path)
        assert f'data-suggest="{address}"' in page
        assert 'src="/static/js/suggest.js"' in page
