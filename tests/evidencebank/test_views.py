"""The first page, the pages of text, the frame that all share, and the pages of errors."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from evidencebank.samples import EFFECTS
from evidencebank.sitemaps import PAGES
from evidencebank.views import FIELD_TABLES
from studies.models import Instrument, Programme, Stage, Vocabulary
from studies.records.appraisal import AppraisalRecord
from studies.records.finding import FindingRecord
from studies.records.json_record import fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import EvaluationRecord, StudyRecord
from studies.store import evidence_snapshot, vocabularies
from studies.synthesis.evaluations import count_evaluations
from studies.templatetags.bank import num
from studies.text.method_terms import METHOD_TERMS
from studies.text.normalize import fold_text
from tests.factories import make_study, withdraw
from tests.html_pages import page_of, parts, text_of
from tests.studies.evidence_factory import TAXONOMY
from tests.studies.records_factory import author, fixture_json, fixture_studies

TEXT_PAGES = ("help", "about", "glossary", "data", "accessibility", "privacy", "patterns")
LANGUAGES = ("es", "en")


def address(name: str, language: str = "es", **kwargs: str) -> str:
    with override(language):
        return reverse(name, kwargs=kwargs)


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def components(html: str) -> set[str]:
    """Return the names of components: classes without their parts and variants."""
    classes = {name for value in re.findall(r'class="([^"]*)"', html) for name in value.split()}
    return {re.split("__|--", name)[0] for name in classes if not name.startswith("is-")}


class Ids(HTMLParser):
    """Collects ids, what refers to them, inline styles and scripts, and the levels of headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.inline: list[str] = []
        self.headings: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self.references += (found.get(name) or "").split()
        if (found.get("href") or "").startswith("#") and len(found["href"] or "") > 1:
            self.references.append((found["href"] or "")[1:])
        # Linked data is no script: browsers do not run it, and the content policy lets it be.
        is_script = tag == "script" and "src" not in found and found.get("type") != "application/ld+json"
        if "style" in found or tag == "style" or is_script:
            self.inline.append(self.get_starttag_text() or tag)
        if any(name.startswith("on") for name in found):
            self.inline.append(self.get_starttag_text() or tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.mark.django_db
class TestEveryPage:
    @pytest.fixture(params=LANGUAGES)
    def language(self, request):
        return request.param

    @pytest.fixture(
        params=[
            ("home", {}),
            ("search", {}),
            ("theme", {"code": "autonomy"}),
            ("study", {"slug": "abramsky-2014-sasa"}),
            ("programmes", {}),
            ("questions", {}),
            ("programme", {"slug": "hablemos-entre-patas"}),
            *((name, {}) for name in TEXT_PAGES),
        ],
        ids=lambda case: case[0],
    )
    def html(self, request, language, client):
        name, kwargs = request.param
        return page(client, address(name, language, **kwargs))

    def test_says_its_language(self, html, language):
        assert f'<html lang="{language}">' in html

    def test_has_one_heading_of_the_first_level_and_skips_none(self, html):
        levels = Ids(html).headings
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_names_each_id_once_and_refers_only_to_ids_that_exist(self, html):
        found = Ids(html)
        assert len(found.ids) == len(set(found.ids))
        assert set(found.references) <= set(found.ids)

    def test_holds_no_style_or_script_of_its_own(self, html):
        assert Ids(html).inline == []

    def test_asks_nothing_of_another_host(self, html):
        assert (
            re.findall(r'<(?:script|img|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="(?:https?:)?//', html) == []
        )

    def test_gives_the_help_line_the_quick_exit_and_the_version_of_the_bank(self, html):
        assert 'href="tel:100"' in html
        assert f'href="{settings.QUICK_EXIT_URL}" rel="noreferrer" data-quick-exit' in html
        assert re.search(r"(Versión|Version) [\d\u202f,]+ (del banco|of the bank), \d", html)

    def test_does_not_depend_on_who_reads_it(self, client, language):
        assert "Cookie" not in client.get(address("home", language)).headers.get("Vary", "")


@pytest.mark.django_db
class TestLanguageSwitch:
    def test_leads_to_the_same_page_in_the_other_language_and_back(self, client):
        spanish = page(client, "/temas/autonomy/")
        assert re.search(r'href="/en/themes/autonomy/" lang="en"\s+hreflang="en">English</a>', spanish)
        english = page(client, "/en/themes/autonomy/")
        assert re.search(r'href="/temas/autonomy/" lang="es"\s+hreflang="es">Español</a>', english)

    def test_keeps_the_criteria(self, client):
        html = page(client, "/estudios/?theme=autonomy&q=mujeres")
        link = re.search(r'href="([^"]*)" lang="en"\s+hreflang="en">English', html)
        assert link is not None
        assert link[1].startswith("/en/studies/?")
        assert {"theme=autonomy", "q=mujeres"} <= set(link[1].partition("?")[2].replace("&amp;", "&").split("&"))

    def test_alternates_are_whole_addresses_of_both_languages(self, client):
        html = page(client, "/en/glossary/")
        assert '<link rel="alternate" hreflang="es" href="http://testserver/glosario/">' in html
        assert '<link rel="alternate" hreflang="en" href="http://testserver/en/glossary/">' in html
        assert '<link rel="canonical" href="http://testserver/en/glossary/">' in html

    def test_a_public_site_names_itself_whatever_host_was_asked(self, client, settings):
        settings.SITE_URL = "https://evidencias.example.pe"
        assert 'href="https://evidencias.example.pe/glosario/"' in page(client, "/glosario/")

    @pytest.mark.parametrize("path", ["/en/estudios/", "/studies/", "/en/temas/autonomy/", "/glossary/"])
    def test_a_path_of_one_language_is_none_of_the_other(self, client, path):
        page(client, path, 404)


@pytest.mark.django_db
class TestHome:
    def test_counts_studies_countries_and_those_of_peru(self, client):
        countries = {code for study in fixture_studies() for code in study.countries}
        of_peru = sum("PE" in study.countries for study in fixture_studies())
        told = f"{num(len(fixture_studies()))} estudios de {len(countries)} países, {of_peru} del Perú"
        assert told in page(client, "/")

    def test_counts_studies_and_evaluations_of_each_theme(self, client):
        html = page(client, "/")
        groups = [EvaluationRecord.from_json(each) for each in fixture_json("evaluations")]
        counted = count_evaluations(fixture_studies(), groups, TAXONOMY.family_of_design)
        for theme, evaluations in counted.by_theme.items():
            studies = sum(theme in study.themes for study in fixture_studies())
            assert re.search(rf"<b>{studies}</b>\s+estudios</a>,\s+<a [^>]*>{evaluations} evaluaciones</a>", html)

    def test_lists_programmes_under_study_those_of_the_banks_makers_first_and_then_perus(self, client):
        tree = page_of(client, "/")
        (section,) = tree.xpath(".//section[@aria-labelledby='programas']")
        assert [text_of(each) for each in parts(section, "list__title")] == [
            "Campaña de mensajes de texto para hombres en riesgo de ejercer violencia",
            "Hombres por la Igualdad",
            "Líderes en Acción",
            "Programa de visitas domiciliarias de la Policía Nacional del Perú",
            "EVE Project (Evidence for Violence prevention in the Extreme)",
            "ComVoMujer",
        ]
        stages = [text_of(each) for each in parts(section, "list__meta")]
        assert sum("Etapa 4 de 6: evaluación en curso" in stage for stage in stages) == 4
        assert section.xpath(".//a[@href='/programas/']")

    def test_names_institutions_in_the_language_of_the_page(self, client):
        Programme.objects.filter(slug="lideres-en-accion").update(organisation="MIMP; World Bank")
        assert "· MIMP, Banco Mundial" in text_of(page_of(client, "/"))
        assert "· MIMP, World Bank" in text_of(page_of(client, "/en/"))

    def test_shows_no_programme_that_is_not_public(self, client):
        Programme.objects.filter(slug="lideres-en-accion").update(is_published=False)
        assert "Líderes en Acción" not in page(client, "/")

    def test_shows_what_was_published_last_year_first(self, client):
        newest = max(study.year for study in fixture_studies() if study.year)
        make_study(stage=Stage.PUBLISHED, year=newest + 1, title_es="El más nuevo de todos")
        titles = page_of(client, "/").xpath(".//section[@aria-labelledby='nuevos']//li")
        assert "El más nuevo de todos" in text_of(titles[0])

    def test_counts_no_draft_and_nothing_withdrawn(self, client):
        before = self.numbers(client)
        make_study()
        withdraw(make_study(stage=Stage.PUBLISHED))
        assert self.numbers(client) == before
        make_study(stage=Stage.PUBLISHED)
        assert self.numbers(client) != before

    def test_an_empty_bank_says_so_in_numbers(self, client, empty_bank):
        html = page(client, "/")
        assert "0 estudios de 0 países" in html
        assert html.count("Ninguna evaluación en este banco") == 4

    def test_costs_the_same_queries_however_many_studies_and_authors_it_shows(self, client):
        page(client, "/")
        before = self.queries(client)
        for _ in range(3):
            make_study(stage=Stage.PUBLISHED, year=2026, authors=tuple(author(f"Autora {n}") for n in range(9)))
        page(client, "/")
        assert self.queries(client) == before == 10

    @staticmethod
    def numbers(client: Client) -> list[str]:
        return re.findall(r"\S+ estudios de \d+ países, \d+ del Perú", page(client, "/"))

    @staticmethod
    def queries(client: Client) -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, "/")
        return len(captured)

    def test_counts_anew_in_a_bounded_number_of_queries(self, client):
        cache.clear()
        evidence_snapshot.forget()
        assert self.queries(client) <= 25


@pytest.mark.django_db
class TestGlossary:
    def test_defines_every_effect_with_a_place_to_link_to(self, client):
        html = page(client, "/glosario/")
        for code, label in EFFECTS:
            assert re.search(
                rf'id="effects-{code}">\s*<dt>{label} <span class="soft">· Efectos</span></dt>\s*<dd>', html
            )

    def test_shows_english_definitions_on_the_english_page(self, client):
        assert "Chance decides who receives the intervention." in page(client, "/en/glossary/")

    @pytest.mark.parametrize("path", ["/glosario/", "/en/glossary/"])
    def test_goes_from_a_to_z_with_a_link_to_each_letter(self, client, path):
        tree = page_of(client, path)
        letters = [text_of(heading) for heading in tree.xpath(".//main//h2")]
        assert letters == sorted(set(letters))
        assert tree.xpath(".//main//nav//a/@href") == [f"#letra-{letter.lower()}" for letter in letters]
        for section in tree.xpath(".//main/section"):
            (letter,) = (text_of(heading) for heading in section.xpath("./h2"))
            words = [fold_text(text_of(term).partition(" · ")[0]) for term in section.xpath(".//dt")]
            assert words == sorted(words)
            assert all(word.startswith(letter.lower()) for word in words)

    def test_explains_each_term_of_method(self, client):
        tree = page_of(client, "/glosario/")
        for known in METHOD_TERMS.values():
            (entry,) = tree.xpath(f".//*[@id='{known.anchor}']")
            assert text_of(entry) == f"{known.label} · Método {known.meaning}"

    def test_shows_strangers_no_note_for_coders(self, client):
        notes = [term.coding_es for kind in Vocabulary.values for term in vocabularies.current().terms(kind)]
        html = page(client, "/glosario/")
        assert not [note for note in notes if note and escape(note) in html]

    def test_names_no_field_of_the_record(self, client):
        for path in ("/glosario/", "/en/glossary/"):
            assert "`" not in page(client, path)


@pytest.mark.django_db
class TestDataPage:
    def test_explains_every_field_of_the_record(self, client):
        html = page(client, "/datos/")
        records = [record for _caption, record in FIELD_TABLES]
        assert {StudyRecord, FindingRecord, AppraisalRecord, PublishedAppraisalRecord} <= set(records)
        assert [name for record in records for name in fields_of(record) if f"<code>{name}</code>" not in html] == []

    def test_offers_the_whole_bank_in_every_format(self, client):
        html = page(client, "/en/data/")
        for ext in ("ris", "bib", "json", "csv"):
            assert f'href="/en/studies/export.{ext}" download' in html


@pytest.mark.django_db
class TestPatternPage:
    def test_shows_every_component_that_the_other_pages_use(self, client):
        """Left out is what has no look of its own apart from the page that it lays out."""
        paths = ("/", "/estudios/?q=mujer", "/estudios/abramsky-2014-sasa/", "/temas/autonomy/", "/glosario/")
        used = set().union(*(components(page(client, path)) for path in paths))
        laid_out = {
            "band",
            "cols",
            "section",
            "split",
            "wrap",
            "main",
            "measure",
            "flow",
            "hidden",
            "close",
            "filters",
            "facets",
            "sources",
            "drawers",
            "since",
        }
        assert used - laid_out <= components(page(client, "/componentes/"))

    def test_is_not_for_search_engines(self, client):
        assert '<meta name="robots" content="noindex">' in page(client, "/componentes/")


@pytest.mark.django_db
class TestErrorPages:
    def test_an_unknown_address_offers_the_search(self, client):
        html = page(client, "/no-existe/", 404)
        assert "Esta página no existe" in html
        assert 'action="/estudios/"' in html

    def test_speak_english_below_en(self, client):
        html = page(client, "/en/nothing/", 404)
        assert "This page does not exist" in html
        assert 'action="/en/studies/"' in html

    def test_a_form_without_its_token_is_told_what_to_do(self, settings):
        settings.CSRF_FAILURE_VIEW = "evidencebank.views.csrf_failure"
        answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "nadie", "password": "nada"})
        assert answer.status_code == 403
        assert "El formulario no se pudo aceptar" in answer.content.decode()

    @pytest.mark.parametrize("name", ["home", "search", *TEXT_PAGES])
    def test_pages_are_read_only(self, client, name):
        assert client.post(address(name)).status_code == 405


class TestFailure:
    """No mark for the database: pytest-django lets no query through."""

    @pytest.mark.parametrize(("path", "words"), [("/", "El banco no pudo responder"), ("/en/x/", "could not answer")])
    def test_is_told_without_the_database(self, rf, path, words):
        from evidencebank.views import server_error

        answer = server_error(rf.get(path))
        assert answer.status_code == 500
        assert words in answer.content.decode()
        assert f'<html lang="{"en" if path.startswith("/en/") else "es"}">' in answer.content.decode()

    def test_is_told_even_when_the_style_sheets_are_not_collected(self, rf, settings, tmp_path):
        from evidencebank.views import server_error

        manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        settings.STATIC_ROOT = tmp_path
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": manifest}}
        answer = server_error(rf.get("/"))
        assert answer.status_code == 500
        assert "stylesheet" not in answer.content.decode()

    def test_the_process_says_that_it_lives_without_the_database(self, client):
        assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
class TestRobots:
    def test_are_shown_the_map_and_kept_from_the_admin(self, client):
        text = page(client, "/robots.txt")
        kept_from = ("/admin/", "/api/", "/oai/", "/estudios/exportar.", "/en/studies/export.")
        assert all(f"Disallow: {path}\n" in text for path in kept_from)
        assert "Sitemap: http://testserver/sitemap.xml" in text

    def test_find_every_published_study_in_both_languages_and_no_other(self, client):
        draft, withdrawn = make_study(), withdraw(make_study(stage=Stage.PUBLISHED))
        index = page(client, "/sitemap.xml")
        parts = re.findall(r"<loc>http://testserver(/sitemap-[a-z]+\.xml[^<]*)</loc>", index)
        names = ("pages", "themes", "interventions", "programmes", "questions", "studies")
        assert parts == [*(f"/sitemap-{name}.xml" for name in names), "/sitemap-studies.xml?p=2"]
        xml = "".join(page(client, part) for part in parts)
        current = vocabularies.current()
        of_terms = len(current.terms("themes")) + len(current.terms("interventions"))
        assert xml.count("<loc>") == 2 * (len(PAGES) + of_terms + Programme.objects.count() + len(fixture_studies()))
        assert "/estudios/abramsky-2014-sasa/</loc>" in xml
        assert "/en/studies/abramsky-2014-sasa/</loc>" in xml
        assert draft.slug not in xml
        assert withdrawn.slug not in xml
        assert xml.count('hreflang="x-default" href="http://testserver/estudios/abramsky-2014-sasa/"') == 2

    def test_find_a_long_map_in_pieces(self, client, monkeypatch):
        addresses = 2 * len(fixture_studies())
        monkeypatch.setattr("evidencebank.sitemaps.StudySitemap.limit", addresses // 2 - 1)
        index = page(client, "/sitemap.xml")
        pieces = re.findall(r"<loc>http://testserver(/sitemap-studies\.xml[^<]*)</loc>", index)
        assert pieces == ["/sitemap-studies.xml", "/sitemap-studies.xml?p=2", "/sitemap-studies.xml?p=3"]
        found = [each for piece in pieces for each in re.findall(r"<loc>([^<]*)</loc>", page(client, piece))]
        assert len(found) == len(set(found)) == addresses

    @pytest.mark.parametrize("path", ["/sitemap-nada.xml", "/sitemap-studies.xml?p=99", "/sitemap-studies.xml?p=x"])
    def test_find_no_map_where_there_is_none(self, client, path):
        assert client.get(path).status_code == 404


@pytest.mark.django_db
class TestCards:
    """What a link shows where it is shared (Open Graph)."""

    @pytest.mark.parametrize("path", ["/", "/estudios/?q=sasa", "/estudios/abramsky-2014-sasa/", "/en/data/"])
    def test_say_what_the_page_says(self, client, path):
        html = page(client, path)
        told = dict(re.findall(r'<meta property="og:([a-z:_]+)" content="([^"]*)">', html))
        title = re.search(r"<title>(.*?) · Banco de Evidencias</title>", html)
        description = re.search(r'<meta name="description" content="([^"]*)">', html)
        assert title
        assert description
        assert (told["title"], told["description"]) == (title[1], description[1])
        assert told["url"] in re.findall(r'<link rel="alternate" hreflang="[a-z]+"\s+href="([^"]*)">', html)
        own, other = ("en_US", "es_PE") if path.startswith("/en/") else ("es_PE", "en_US")
        assert (told["locale"], told["locale:alternate"]) == (own, other)

    def test_show_a_picture_of_ours_that_is_there_and_light(self, client):
        for path, language in (("/", "es"), ("/en/", "en")):
            address = re.search(r'<meta property="og:image" content="([^"]*)">', page(client, path))
            assert address
            assert address[1] == f"http://testserver/static/social/{language}.png"
            file = Path(finders.find(f"social/{language}.png"))
            assert file.stat().st_size < 100_000
            # The head of a PNG: its signature, and its size in pixels.
            assert file.read_bytes()[:24].endswith((1200).to_bytes(4) + (630).to_bytes(4))

    def test_no_text_breaks_out(self, client):
        study = make_study(
            stage=Stage.PUBLISHED, key_finding_es='"><script>alert(1)</script>', title_es='A "B" <i>C</i>'
        )
        html = page(client, f"/estudios/{study.slug}/")
        assert "<script>alert" not in html
        assert '<meta property="og:title" content="A &quot;B&quot; &lt;i&gt;C&lt;/i&gt;">' in html


@pytest.mark.django_db
class TestHelpOnAppraisal:
    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("/ayuda/", ("Leer la evaluación de calidad", "Riesgo de sesgo alto", "Riesgo de sesgo en ensayos")),
            ("/en/help/", ("Reading the quality appraisal", "High risk of bias", "Risk of bias in randomised trials")),
        ],
    )
    def test_explains_each_judgement_and_names_the_instruments_on_offer(self, client, path, words):
        Instrument.objects.filter(slug="amstar-2").update(is_retired=True)
        html = page(client, path)
        assert all(word in html for word in words)
        assert all(f"judged--{code}" in html for code in ("low", "some", "high", "not-appraised"))
        assert "RoB 2" in html
        assert "AMSTAR 2" not in html
