"""The offline copy: what is in it, that it needs no network, and that it searches when it is opened from a file."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from studies.models import Stage, Study
from studies.publishing.offline import archive, search_data
from studies.publishing.offline.pages import rewrite_links
from studies.publishing.opendata import editions
from studies.records.study import InterventionRecord
from studies.store import vocabularies
from tests.factories import make_study, withdraw
from tests.studies.records_factory import complete_record, fixture_studies

SASA = "abramsky-2014-sasa"


@pytest.fixture
def copy(db: None, tmp_path: Path) -> Path:
    """The copy of the real bank with three studies that nobody may see, unpacked."""
    secret = {"title_es": "Zarzaparrilla", "summary_es": "Zarzaparrilla."}
    make_study(**secret)
    make_study(stage=Stage.IN_REVIEW, **secret)
    withdraw(make_study(stage=Stage.PUBLISHED, **secret))
    archive.write(tmp_path / "copia.zip")
    with zipfile.ZipFile(tmp_path / "copia.zip") as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path)
    return tmp_path / "copia"


def data(copy: Path) -> dict[str, list[dict[str, object]]]:
    text = (copy / "recursos" / "datos.js").read_text(encoding="ascii")
    read: dict[str, list[dict[str, object]]] = json.loads(text.removeprefix("var BANK = ").removesuffix(";\n"))
    return read


class TestCopy:
    def test_has_every_published_study_in_both_languages_and_needs_no_network(self, copy):
        """One copy for all questions: making it costs seconds."""
        published = set(Study.objects.published().values_list("slug", flat=True))
        assert published == {record.id for record in fixture_studies()}
        for folder in ("estudios", "studies"):
            assert {path.stem for path in (copy / folder).iterdir()} == published
        files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
        pages = [name for name in files if name.endswith(".html")]
        for name in pages:
            html = (copy / name).read_text(encoding="utf-8")
            assert "zarzaparrilla" not in html.lower()
            assert re.search(rf'<html lang="{"en" if name.startswith(("en", "studies")) else "es"}">', html)
            assert not re.findall(r"<script>|<style|\son\w+=|style=\"", html), name
            # What a browser loads by itself is in the copy.
            loaded = re.findall(r'<(?:link rel="stylesheet" href|script src)="([^"]*)"', html)
            assert loaded
            assert {urljoin(name, each) for each in loaded} <= files
            for link in re.findall(r'<a [^>]*href="([^"]*)"', html):
                if not re.match(r"(https?|mailto|tel):", link):
                    target, place = urldefrag(urljoin(name, link))
                    assert target in files, (name, link)
                    assert not place or f'id="{place}"' in (copy / target).read_text(encoding="utf-8"), (name, link)
        assert "zarzaparrilla" not in json.dumps(data(copy)).lower()
        assert len(data(copy)["studies"]) == len(published)
        assert "CC BY 4.0" in (copy / "LICENCE.txt").read_text(encoding="utf-8")
        order = re.findall(r'href="estudios/([a-z0-9-]+)\.html"', (copy / "index.html").read_text(encoding="utf-8"))
        assert order == list(Study.objects.published().order_by("-year", "slug").values_list("slug", flat=True))

    @pytest.mark.thorough
    def test_searches_when_it_is_opened_from_a_file(self, copy, page: Page):
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto((copy / "index.html").as_uri())

        def found(words: str) -> list[str]:
            page.fill("#q", words)
            links = page.locator("#estudios li:not([hidden]) a").all()
            return [Path(str(link.get_attribute("href"))).stem for link in links]

        assert len(found("")) == len(fixture_studies())
        assert SASA in found("sasa kampala")
        assert found("mujer") == found("MUJÉRES") != []
        for words in ("transferencia monetaria", "cash transfers", "Cash Transfer"):
            assert found(words) == found("transferencias monetarias") != []
        assert found("xilofonista") == []
        assert page.inner_text("#n").startswith("Ningún estudio tiene todo eso")
        page.select_option("#country", "UG")
        shown = found("sasa")
        assert SASA in shown
        assert page.inner_text("#n") == f"{len(shown)} estudios"
        page.click("#estudios li:not([hidden]) a")
        page.wait_for_selector("#citar")
        page.go_back()
        assert (page.input_value("#q"), page.input_value("#country")) == ("sasa", "UG")
        page.goto((copy / "en.html").as_uri())
        assert page.inner_text("#n") == f"{len(fixture_studies())} studies"
        assert [url for url in asked if not url.startswith("file:")] == []
        assert faults == []

    @pytest.mark.thorough
    def test_is_a_list_to_read_without_script(self, copy):
        html = (copy / "index.html").read_text(encoding="utf-8")
        assert '<form id="buscador" class="flow" role="search" hidden>' in html
        assert html.count('<p class="list__title">') == len(fixture_studies())

    def test_comes_with_each_edition_and_is_offered(self, empty_bank, settings, tmp_path, client):
        settings.VAR_DIR = tmp_path
        make_study(stage=Stage.PUBLISHED)
        call_command("publish_data")
        edition = editions.get_newest()
        assert edition
        name = editions.offline_name(edition.day)
        assert name in (edition.files[editions.CHECKSUMS].path).read_text(encoding="utf-8")
        assert f'href="/datos/archivos/{edition.day}/{name}"' in client.get("/datos/").content.decode()
        with zipfile.ZipFile(edition.files[name].path) as packed:
            modes = {entry.external_attr >> 16 for entry in packed.infolist()}
        assert modes == {0o644}


class TestLinks:
    KNOWN = {"/": "index.html", f"/estudios/{SASA}/": f"estudios/{SASA}.html"}

    @pytest.mark.parametrize(
        ("site_url", "link", "there"),
        [
            ("", f' href="/estudios/{SASA}/#citar"', f' href="../estudios/{SASA}.html#citar"'),
            ("", ' href="/glosario/#risk_of_bias"', ""),
            ("https://banco.example.pe", ' href="/glosario/#x"', ' href="https://banco.example.pe/glosario/#x"'),
            ("", ' href="https://doi.org/10.1/x"', ' href="https://doi.org/10.1/x"'),
            ("", ' href="#citar"', ' href="#citar"'),
        ],
    )
    def test_lead_to_the_copy_then_to_the_site_then_nowhere(self, settings, site_url, link, there):
        settings.SITE_URL = site_url
        assert rewrite_links(f"<a{link}>x</a>", self.KNOWN, root="../") == f"<a{there}>x</a>"


@pytest.mark.django_db
class TestSearchData:
    def test_a_text_holds_folded_words_of_both_languages(self):
        text = search_data.build_search_text(complete_record(), vocabularies.current())
        for words in ("hogar rural", "rural household", "quisp", "peru", "10 1234 prueba 2021 1"):
            assert f" {words}" in text
        assert text == text.casefold()
        assert "  " not in text

    def test_interventions_are_found_in_any_role(self):
        record = complete_record(interventions=(InterventionRecord("cash-transfer", "described"),))
        assert " cash and in kind transfer" in search_data.build_search_text(record, vocabularies.current())

    def test_choices_are_counted_and_leave_out_what_nothing_has(self):
        records = [complete_record(countries=("PE", "EC")), complete_record(countries=("PE",))]
        found = search_data.count_options("country", records, vocabularies.current(), "en")
        assert {(choice.code, choice.label, choice.count) for choice in found} == {
            ("EC", "Ecuador", 1),
            ("PE", "Peru", 2),
        }

    def test_words_of_one_meaning_stand_together(self):
        groups = list(search_data.list_synonyms(vocabularies.current()))
        assert any({"transferencia monetaria", "cash transfer"} <= set(group) for group in groups)
        assert all(len(group) > 1 for group in groups)

    def test_no_text_ends_the_script(self):
        text = search_data.build_script([complete_record(title="</script>\u2028")], vocabularies.current())
        assert "\u2028" not in text
        assert "</script" not in text
