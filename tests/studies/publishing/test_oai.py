"""The protocol of harvesters: what each verb answers, what is refused, and harvests while the bank changes.

Each answer is held against a grammar of the protocol; sickle, which is not ours, reads whole harvests back.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sickle.oaiexceptions
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from sickle import Sickle

from studies.models import Stage, Study, Term
from studies.publishing.oai import harvest, markup, protocol
from studies.publishing.oai.formats import FORMATS
from studies.publishing.oai.protocol import VERBS, OaiError
from studies.records.study import InterventionRecord
from studies.store import vocabularies
from studies.store.changes import vocabulary_change
from tests.bank_server import BankServer
from tests.factories import edit, make_study, merge_studies, publish, withdraw
from tests.studies.records_factory import author, fixture_studies, institution
from tests.thorough import examples

SASA = "abramsky-2014-sasa"
OF_SASA = f"oai:bank.localhost:{SASA}"
NS = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "m": "http://www.loc.gov/mods/v3",
    "d": "http://datacite.org/schema/kernel-4",
    "oaire": "http://namespace.openaire.eu/schema/oaire/",
}
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "schemas" / "oai_pmh.rng"))


def ask(client: Client, *, post: bool = False, **arguments: str) -> Any:
    """Ask, check the answer against the grammar, and return its root."""
    arguments = {name.rstrip("_"): value for name, value in arguments.items()}
    response = client.post("/oai/", arguments) if post else client.get("/oai/", arguments)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/xml; charset=UTF-8"
    return checked(response.content)


def checked(answer: bytes) -> Any:
    root = etree.fromstring(answer)
    assert GRAMMAR.validate(root), (GRAMMAR.error_log.last_error, answer[:2000])
    return root


def texts(root: Any, path: str) -> list[str]:
    return [element.text or "" for element in root.iterfind(path, NS)]


def error(root: Any) -> str:
    (found,) = root.iterfind("o:error", NS)
    assert found.text
    return str(found.get("code"))


def walk(client: Client, between: Any = lambda page: None, verb: str = "ListRecords", **arguments: str) -> list[Any]:
    """Harvest to the end; `between` is called with the number of each page that has come. Return all headers."""
    found: list[Any] = []
    root, page = ask(client, verb=verb, **arguments), 1
    while True:
        found += root.iterfind(".//o:header", NS)
        tokens = texts(root, ".//o:resumptionToken")
        if tokens in ([], [""]):
            return found
        between(page)
        root, page = ask(client, verb=verb, resumptionToken=tokens[0]), page + 1


def identifiers(headers: list[Any]) -> list[str]:
    return [texts(header, "o:identifier")[0].removeprefix("oai:bank.localhost:") for header in headers]


def deleted(headers: list[Any]) -> list[str]:
    return identifiers([header for header in headers if header.get("status") == "deleted"])


def second(moment: datetime.datetime) -> str:
    return protocol.format_datestamp(moment)


@pytest.mark.django_db
class TestVerbs:
    def test_identify_tells_who_we_are_and_what_is_kept(self, client):
        root = ask(client, verb="Identify")
        assert texts(root, ".//o:baseURL") == ["http://testserver/oai/"]
        assert texts(root, ".//o:deletedRecord") == ["persistent"]
        assert texts(root, ".//o:adminEmail") == ["errores@example.pe"]
        assert texts(root, ".//dc:rights") == ["CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"]

    def test_the_sets_are_the_themes(self, client):
        root = ask(client, verb="ListSets")
        assert texts(root, ".//o:setSpec") == [term.code for term in vocabularies.current().terms("themes")]

    def test_the_formats_are_dublin_core_mods_and_that_of_openaire(self, client):
        for arguments in ({}, {"identifier": OF_SASA}):
            assert texts(ask(client, verb="ListMetadataFormats", **arguments), ".//o:metadataPrefix") == [
                "oai_dc",
                "mods",
                "oai_openaire",
            ]

    def test_identifiers_are_those_of_the_records(self, client):
        by_records = identifiers(walk(client, metadataPrefix="oai_dc"))
        assert identifiers(walk(client, verb="ListIdentifiers", metadataPrefix="oai_dc")) == by_records

    def test_a_record_is_given_by_its_identifier(self, client):
        root = ask(client, verb="GetRecord", identifier=OF_SASA, metadataPrefix="oai_dc")
        assert texts(root, ".//dc:creator")[0] == "Abramsky, Tanya"
        assert root.find("o:request", NS).attrib == {
            "verb": "GetRecord",
            "identifier": OF_SASA,
            "metadataPrefix": "oai_dc",
        }

    @pytest.mark.parametrize("verb", ["Identify", "ListSets", "ListMetadataFormats"])
    def test_a_form_is_answered_like_an_address(self, client, verb):
        by_get, by_post = ask(client, verb=verb), ask(client, post=True, verb=verb)
        for root in (by_get, by_post):
            root.remove(root.find("o:responseDate", NS))
        assert etree.tostring(by_get) == etree.tostring(by_post)

    def test_a_form_goes_on_with_a_token(self, client):
        root = ask(client, post=True, verb="ListRecords", metadataPrefix="oai_dc")
        (token,) = texts(root, ".//o:resumptionToken")
        following = ask(client, post=True, verb="ListRecords", resumptionToken=token)
        assert not set(texts(root, ".//o:identifier")) & set(texts(following, ".//o:identifier"))

    def test_other_methods_are_not_taken(self, client):
        assert client.put("/oai/?verb=Identify").status_code == 405


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("", "badVerb"),
            ("verb=Nada", "badVerb"),
            ("verb=Identify&verb=Identify", "badVerb"),
            ("verb=identify", "badVerb"),
            ("verb=Identify&set=autonomy", "badArgument"),
            ("verb=Identify&x=1", "badArgument"),
            ("verb=ListRecords", "badArgument"),
            ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
            (f"verb=GetRecord&identifier={OF_SASA}", "badArgument"),
            ("verb=GetRecord&identifier=%00&metadataPrefix=oai_dc", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=mods", "badArgument"),
            ("verb=ListRecords&metadataPrefix=%3Ci%3E", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=a:", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=ayer", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T00:00:00", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-02T00:00:00Z", "badArgument"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01", "badArgument"),
            ("verb=ListRecords&resumptionToken=abc&metadataPrefix=oai_dc", "badArgument"),
            ("verb=ListRecords&resumptionToken=abc", "badResumptionToken"),
            ("verb=ListSets&resumptionToken=abc", "badResumptionToken"),
            ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
            ("verb=ListRecords&resumptionToken=a%20b%C3%B1%00%0A", "badResumptionToken"),
            ("verb=ListRecords&metadataPrefix=marcxml", "cannotDisseminateFormat"),
            (f"verb=GetRecord&identifier={OF_SASA}&metadataPrefix=marcxml", "cannotDisseminateFormat"),
            ("verb=GetRecord&identifier=oai:bank.localhost:nada&metadataPrefix=oai_dc", "idDoesNotExist"),
            (f"verb=GetRecord&identifier=oai:otro.example:{SASA}&metadataPrefix=oai_dc", "idDoesNotExist"),
            ("verb=ListMetadataFormats&identifier=oai:bank.localhost:nada", "idDoesNotExist"),
            ("verb=ListRecords&metadataPrefix=oai_dc&set=nada", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-12-31", "noRecordsMatch"),
            ("verb=ListRecords&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
        ],
    )
    def test_each_has_its_code(self, client, query, code):
        root = checked(client.get(f"/oai/?{query}").content)
        assert error(root) == code
        if code in ("badVerb", "badArgument"):
            assert not root.find("o:request", NS).attrib

    def test_a_record_that_was_withdrawn_has_no_formats_any_more(self, client):
        study = withdraw(make_study(stage=Stage.PUBLISHED))
        root = ask(client, verb="ListMetadataFormats", identifier=f"oai:bank.localhost:{study.slug}")
        assert error(root) == "noMetadataFormats"

    def test_a_bank_without_themes_has_no_sets(self, client, nothing_loaded):
        assert error(ask(client, verb="ListSets")) == "noSetHierarchy"
        assert error(ask(client, verb="ListRecords", metadataPrefix="oai_dc", set="autonomy")) == "noSetHierarchy"

    def test_an_empty_bank_still_says_who_it_is(self, client, nothing_loaded):
        assert texts(ask(client, verb="Identify"), ".//o:earliestDatestamp")
        assert error(ask(client, verb="ListRecords", metadataPrefix="oai_dc")) == "noRecordsMatch"

    def test_a_token_is_only_good_for_its_verb_its_bank_and_as_it_was(self, client, settings):
        root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc")
        (token,) = texts(root, ".//o:resumptionToken")
        assert error(ask(client, verb="ListRecords", resumptionToken=token)) == "badResumptionToken"
        spoilt = token[:-1] + ("A" if token[-1] != "A" else "B")
        assert error(ask(client, verb="ListIdentifiers", resumptionToken=spoilt)) == "badResumptionToken"
        assert texts(ask(client, verb="ListIdentifiers", resumptionToken=token), ".//o:identifier")
        settings.SECRET_KEY = "another"
        assert error(ask(client, verb="ListIdentifiers", resumptionToken=token)) == "badResumptionToken"

    @settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from([*VERBS, "x"]),
        st.dictionaries(
            st.sampled_from(["metadataPrefix", "identifier", "set", "from", "until", "resumptionToken"])
            | st.text(max_size=9),
            st.sampled_from(["oai_dc", OF_SASA, "autonomy", "2026-01-01", "0001-01-01", "9999-12-31T23:59:59Z"])
            | st.text(max_size=30),
            max_size=4,
        ),
    )
    def test_whatever_is_asked_the_answer_keeps_the_rules(self, client, verb, arguments):
        query = urlencode({"verb": verb, **arguments}, errors="surrogatepass")
        checked(client.get(f"/oai/?{query}").content)


@pytest.mark.django_db
class TestHarvest:
    def test_gives_each_published_study_once_and_says_where_it_is(self, client):
        cursors = []
        root = ask(client, verb="ListRecords", metadataPrefix="oai_dc")
        while (token := root.find(".//o:resumptionToken", NS)) is not None and token.text:
            cursors.append((token.get("cursor"), token.get("completeListSize")))
            root = ask(client, verb="ListRecords", resumptionToken=token.text)
        published = Study.objects.published().count()
        assert token is not None
        assert (token.get("cursor"), token.text) == (str(len(cursors) * harvest.PAGE_SIZE), None)
        assert cursors == [(str(page * harvest.PAGE_SIZE), str(published)) for page in range(len(cursors))]
        found = identifiers(walk(client, metadataPrefix="oai_dc"))
        assert sorted(found) == sorted(Study.objects.published().values_list("slug", flat=True))

    def test_does_so_while_studies_are_being_changed(self, client, monkeypatch):
        monkeypatch.setattr(harvest, "PAGE_SIZE", 20)
        before = list(Study.objects.published().order_by("pk"))
        draft = make_study()
        came: list[Study] = []

        def change(page: int) -> None:
            edit(before[page], publisher=f"Editorial {page}")  # was given already
            edit(before[-page], publisher=f"Editorial {page}")  # will be
            if page == 2:
                withdraw(before[-30])
                merge_studies(before[-31], before[0])
                withdraw(before[1])
                came.extend([publish(draft), make_study(stage=Stage.PUBLISHED)])

        headers = walk(client, change, metadataPrefix="oai_dc")
        found = identifiers(headers)
        assert len(found) == len(set(found))
        assert set(found) == {study.slug for study in (*before, *came)}
        assert set(deleted(headers)) == {before[-30].slug, before[-31].slug}

    def test_also_while_the_vocabularies_are(self, client):
        def rename(page: int) -> None:
            with vocabulary_change():
                Term.objects.filter(code="autonomy").update(label_es=f"Autonomía {page}")

        assert len(walk(client, rename, metadataPrefix="oai_dc")) == Study.objects.published().count()

    def test_of_a_set_gives_the_studies_of_the_theme(self, client):
        for theme in ("autonomy", "attention"):
            wanted = {record.id for record in fixture_studies() if theme in record.themes}
            headers = walk(client, metadataPrefix="oai_dc", set=theme)
            assert set(identifiers(headers)) == wanted
            assert all(theme in texts(header, "o:setSpec") for header in headers)

    def test_costs_thirteen_queries_a_page_whatever_its_size(self, client, monkeypatch):
        client.get("/oai/?verb=Identify")
        for size in (20, 100):
            monkeypatch.setattr(harvest, "PAGE_SIZE", size)
            with CaptureQueriesContext(connection) as queries:
                root = ask(client, verb="ListRecords", metadataPrefix="mods", set="autonomy")
            assert len(queries) == 13, [query["sql"][:80] for query in queries]
            (token,) = texts(root, ".//o:resumptionToken")
            if token:
                with CaptureQueriesContext(connection) as queries:
                    ask(client, verb="ListRecords", resumptionToken=token)
                assert len(queries) == 12


@pytest.mark.django_db
class TestWhatHasChanged:
    """Datestamps are set back by a year first, so that a change is later than all that was there."""

    @pytest.fixture(autouse=True)
    def _a_year_ago(self, db):
        past = timezone.now() - datetime.timedelta(days=365)
        Study.objects.update(updated_at=past)
        with vocabulary_change():
            pass
        from studies.models import BankCounter
        from studies.store import bank_state

        BankCounter.objects.update(vocabulary_at=past)
        bank_state.clear_cache()
        self.past = past

    def since(self, client: Client, moment: datetime.datetime, **more: str) -> list[Any]:
        return walk(client, verb="ListIdentifiers", metadataPrefix="oai_dc", from_=second(moment), **more)

    def test_an_edited_study_is_given_again_and_no_other(self, client):
        now = timezone.now()
        edit(Study.objects.get(slug=SASA), publisher="Otra editorial")
        assert identifiers(self.since(client, now)) == [SASA]

    def test_from_and_until_are_included(self, client):
        stamp = second(self.past)
        for arguments in ({"from_": stamp, "until": stamp}, {"from_": stamp[:10], "until": stamp[:10]}):
            root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", **arguments)
            assert set(texts(root, ".//o:datestamp")) == {stamp}
        later = self.past + datetime.timedelta(seconds=1)
        root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", from_=second(later))
        assert error(root) == "noRecordsMatch"

    def test_what_was_withdrawn_or_merged_comes_as_deleted_with_its_sets_and_for_ever(self, client):
        now = timezone.now()
        sasa = Study.objects.get(slug=SASA)
        gone = [withdraw(make_study(stage=Stage.PUBLISHED)), merge_studies(make_study(stage=Stage.PUBLISHED), sasa)]
        headers = self.since(client, now, set="prevention")
        assert set(deleted(headers)) == {study.slug for study in gone}
        for study in gone:
            root = ask(client, verb="GetRecord", identifier=f"oai:bank.localhost:{study.slug}", metadataPrefix="oai_dc")
            assert root.find(".//o:metadata", NS) is None
            assert texts(root, ".//o:setSpec") == ["prevention"]

    def test_a_study_that_was_never_published_comes_in_no_form(self, client):
        now = timezone.now()
        hidden = [make_study(), make_study(stage=Stage.IN_REVIEW)]
        hidden.append(merge_studies(make_study(), Study.objects.get(slug=SASA)))
        found = identifiers(self.since(client, now))
        assert SASA in found
        for study in hidden:
            assert study.slug not in found
            for verb in ("GetRecord", "ListMetadataFormats"):
                more = {"metadataPrefix": "oai_dc"} if verb == "GetRecord" else {}
                root = ask(client, verb=verb, identifier=f"oai:bank.localhost:{study.slug}", **more)
                assert error(root) == "idDoesNotExist"

    def test_a_renamed_term_changes_all_records_that_print_it_but_none_that_is_gone(self, client):
        gone = withdraw(make_study(stage=Stage.PUBLISHED))
        Study.objects.filter(pk=gone.pk).update(updated_at=self.past)
        now = timezone.now()
        with vocabulary_change():
            Term.objects.filter(code="autonomy").update(label_es="Autonomía")
        root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", from_=second(now))
        token = root.find(".//o:resumptionToken", NS)
        assert token.get("completeListSize") == str(Study.objects.published().count())
        root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", until=second(self.past))
        assert identifiers([*root.iterfind(".//o:header", NS)]) == [gone.slug]

    def test_the_time_of_the_answer_is_no_later_than_what_it_holds(self, client):
        """Who comes back with `from` = that time misses nothing."""
        root = ask(client, verb="Identify")
        now = datetime.datetime.fromisoformat(texts(root, "o:responseDate")[0])
        edit(Study.objects.get(slug=SASA), publisher="Otra editorial")
        assert identifiers(self.since(client, now)) == [SASA]


HARD = {
    "title": 'Ñandú & <i>género</i>: «¿50 %?» {llaves} _guiones_ "comillas" 😀 \u05d0\u05d1\nsegunda línea\x0b\x1f',
    "title_es": "Título & <b>en</b> español",
    "summary_es": "Primera línea.\nSegunda & última <línea>\ufffe.",
    "authors": (
        author("García Márquez", "Ñ. & O."),
        author("Barros", "Érika Neves", dropping_particle="de"),
        author("Ommeren", "Mark", non_dropping_particle="van"),
        institution("Ministerio de la Mujer & Poblaciones <Vulnerables>"),
        *(author(f"Autora{number}", "A.") for number in range(396)),
    ),
}


@pytest.mark.django_db
class TestFormats:
    @pytest.mark.parametrize("prefix", FORMATS)
    def test_a_hard_record_arrives_whole(self, client, prefix):
        study = make_study(stage=Stage.PUBLISHED, **HARD)
        root = ask(client, verb="GetRecord", identifier=f"oai:bank.localhost:{study.slug}", metadataPrefix=prefix)
        path = {"oai_dc": ".//dc:title", "mods": ".//m:title", "oai_openaire": ".//d:title"}[prefix]
        title = texts(root, path)[0]
        assert title == HARD["title"].replace("\x0b", " ").replace("\x1f", " ")
        if prefix == "oai_dc":
            names = texts(root, ".//dc:creator")
        elif prefix == "oai_openaire":
            names = texts(root, ".//d:creatorName")
        else:
            names = [", ".join(texts(name, "m:namePart")) for name in root.iterfind(".//m:name", NS)]
        assert len(names) == 400
        assert names[:4] == [
            "García Márquez, Ñ. & O.",
            "de Barros, Érika Neves",
            "van Ommeren, Mark",
            "Ministerio de la Mujer & Poblaciones <Vulnerables>",
        ]

    def test_dublin_core_says_whose_the_summary_is_and_leads_to_the_record_first(self, client):
        root = ask(client, verb="GetRecord", identifier=OF_SASA, metadataPrefix="oai_dc")
        descriptions = texts(root, ".//dc:description")
        assert descriptions[1] == "Resumen escrito por el Banco de Evidencias; no es el resumen publicado."
        addresses = texts(root, ".//dc:identifier")
        assert addresses[0] == f"http://testserver/estudios/{SASA}/"
        assert "https://doi.org/10.1186/s12916-014-0122-5" in addresses
        assert texts(root, ".//dc:language") == ["eng"]
        assert texts(root, ".//dc:rights") == ["info:eu-repo/semantics/openAccess"]

    def test_mods_keeps_journal_volume_and_pages_apart_and_tells_findings(self, client):
        root = ask(client, verb="GetRecord", identifier=OF_SASA, metadataPrefix="mods")
        host = root.find('.//m:relatedItem[@type="host"]', NS)
        assert texts(host, ".//m:title") == ["BMC Medicine"]
        assert texts(host, './/m:detail[@type="volume"]/m:number') == ["12"]
        (record,) = (each for each in fixture_studies() if each.id == SASA)
        statements = [text for each in record.findings for text in (each.statement_es, each.statement_en)]
        assert texts(root, './/m:note[@type="finding"]') == statements

    @pytest.mark.parametrize(
        ("prefix", "path"), [("oai_dc", ".//dc:subject"), ("mods", ".//m:topic"), ("oai_openaire", ".//d:subject")]
    )
    def test_subjects_are_interventions_in_any_role_and_exposures_but_not_where_the_data_come_from(
        self, client, prefix, path
    ):
        described = (InterventionRecord("helpline", "described"), InterventionRecord("parenting", "evaluated"))
        codes = {"exposures": ("lockdown",), "data_sources": ("police-records",)}
        study = make_study(stage=Stage.PUBLISHED, interventions=described, **codes)
        root = ask(client, verb="GetRecord", identifier=f"oai:bank.localhost:{study.slug}", metadataPrefix=prefix)
        label = {(term.vocabulary, term.code): term.label_en for term in Term.objects.all()}
        found = texts(root, path)
        for known in (("interventions", "helpline"), ("interventions", "parenting"), ("exposures", "lockdown")):
            assert label[known] in found
        assert label["data_sources", "police-records"] not in found

    def test_openaire_keeps_the_parts_of_a_reference_apart_in_the_words_of_coar(self, client):
        root = ask(client, verb="GetRecord", identifier=OF_SASA, metadataPrefix="oai_openaire")
        assert texts(root, ".//d:creatorName")[0] == "Abramsky, Tanya"
        assert texts(root, ".//d:identifier") == ["https://doi.org/10.1186/s12916-014-0122-5"]
        assert texts(root, ".//oaire:resourceType") == ["journal article"]
        assert texts(root, ".//d:rights") == ["open access"]
        assert texts(root, ".//oaire:citationTitle") == ["BMC Medicine"]
        assert texts(root, ".//oaire:citationVolume") == ["12"]
        assert texts(root, ".//dc:language") == ["eng"]

    @pytest.mark.parametrize("is_open", [False, None])
    def test_openaire_calls_nothing_open_that_the_record_does_not_call_so(self, client, is_open):
        study = make_study(open_access=is_open, doi=None, stage=Stage.PUBLISHED)
        identifier = f"oai:bank.localhost:{study.slug}"
        root = ask(client, verb="GetRecord", identifier=identifier, metadataPrefix="oai_openaire")
        assert texts(root, ".//d:rights") == ["metadata only access"]
        assert root.find(".//d:identifier", NS).get("identifierType") == "URL"

    def test_openaire_gives_every_record(self, client):
        assert len(walk(client, metadataPrefix="oai_openaire")) == Study.objects.published().count()

    def test_mods_tells_the_banks_note_as_the_banks(self, client):
        study = make_study(stage=Stage.PUBLISHED, note_es="Cuidado con la cifra.", note_en="Mind the figure.")
        root = ask(client, verb="GetRecord", identifier=f"oai:bank.localhost:{study.slug}", metadataPrefix="mods")
        assert texts(root, './/m:note[@type="note of the bank"]') == ["Cuidado con la cifra.", "Mind the figure."]
        assert texts(root, './/m:note[@type="limitations"]') == []

    def test_a_record_with_the_least_that_a_publication_has_is_described(self, client):
        least = dict.fromkeys(("container_title", "volume", "issue", "pages", "doi", "url", "publisher", "type"))
        study = make_study(stage=Stage.PUBLISHED, **least, language=None, findings=(), open_access=None)
        for prefix in FORMATS:
            ask(client, verb="GetRecord", identifier=f"oai:bank.localhost:{study.slug}", metadataPrefix=prefix)


class TestMarkup:
    def test_drops_what_xml_has_no_place_for(self):
        text = "".join(map(chr, [*range(0x20), 0x7F, 0xFFFE, 0xFFFF])) + "\ud800"
        root = etree.fromstring(markup.render_document(markup.Element("a", text, {"b": text})).encode())
        assert set(root.text) <= set(" \t\n\x7f")

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])))
    def test_keeps_everything_else(self, text):
        root = etree.fromstring(markup.render_document(markup.Element("a", text, {"b": text})).encode())
        assert (root.text or "") == root.get("b") == text


class TestDates:
    def test_the_last_day_that_there_is_has_no_day_after(self):
        assert protocol.parse_range({"until": "9999-12-31"}).before is None

    def test_a_moment_is_told_in_utc(self):
        lima = datetime.timezone(datetime.timedelta(hours=-5))
        assert (
            protocol.format_datestamp(datetime.datetime(2026, 11, 27, 20, 0, 0, 999, tzinfo=lima))
            == "2026-11-28T01:00:00Z"
        )

    @pytest.mark.parametrize(
        "text", ["2026-1-1", "2026-11-27 10:00:00Z", "20261127", "2026-11-27T10:00Z", "２０２６-01-01"]
    )
    def test_other_ways_of_writing_are_refused(self, text):
        with pytest.raises(OaiError):
            protocol.parse_range({"from": text})


class TestSickle:
    """A harvester that is not ours, over HTTP."""

    def test_harvests_the_real_bank_in_both_formats(self, bank_server: BankServer):
        client = Sickle(f"{bank_server.url}/oai/", http_method="POST")
        assert client.Identify().deletedRecord == "persistent"
        records = {record.id: record for record in fixture_studies()}
        harvested = {
            each.header.identifier.rpartition(":")[2]: each for each in client.ListRecords(metadataPrefix="oai_dc")
        }
        assert harvested.keys() == records.keys()
        for slug, each in harvested.items():
            assert each.metadata["title"][0] == records[slug].title
            assert each.metadata["date"] == [str(records[slug].year)]
            assert len(each.metadata["creator"]) == len(records[slug].authors)
            assert set(each.header.setSpecs) == set(records[slug].themes)
        assert len([*client.ListRecords(metadataPrefix="mods", set="autonomy")]) == sum(
            "autonomy" in record.themes for record in records.values()
        )

    def test_understands_our_refusals(self, bank_server: BankServer):
        client = Sickle(f"{bank_server.url}/oai/")
        with pytest.raises(sickle.oaiexceptions.NoRecordsMatch):
            client.ListRecords(metadataPrefix="oai_dc", until="1999-12-31")
        with pytest.raises(sickle.oaiexceptions.IdDoesNotExist):
            client.GetRecord(identifier="oai:bank.localhost:nada", metadataPrefix="oai_dc")
