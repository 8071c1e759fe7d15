"""What a reference manager saves from our pages: meta tags and linked data of a study, COinS of a list, signposts."""

from __future__ import annotations

import json
import re
from html import unescape

import extruct
import pytest
from django.test import Client
from lxml import html

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from studies.citations import coins, highwire, schema_org
from studies.citations.names import format_family_name, split_suffix
from studies.citations.reference import make_reference
from studies.models import Stage, Study
from studies.text.characters import collapse_whitespace
from tests.factories import make_study, user_with_role, withdraw
from tests.studies.hard_records import hard_records
from tests.studies.reading_as_zotero import from_coins, from_tags
from tests.studies.records_factory import author, complete_record, fixture_studies, institution

PAGE = "https://banco.example/estudios/x/"
TYPES = {
    "article-journal": "journalArticle",
    "report": "report",
    "article": "report",
    "chapter": "bookSection",
    "book": "book",
    "thesis": "thesis",
    "webpage": "webpage",
}
SASA = "/estudios/abramsky-2014-sasa/"


def saved_from_tags(record):
    return from_tags(highwire.list_meta_tags(make_reference(record), PAGE))


def saved_from_coins(record):
    return from_coins(coins.format_context_object(make_reference(record)))


def people_of(record):
    """Return the names as they should be read back: (family with particles, given), or (institution, "")."""
    names = []
    for name in make_reference(record).authors:
        if name.literal:
            names.append((name.literal.replace(", ", " - "), ""))
        else:
            names.append((format_family_name(name), split_suffix(name)[0]))
    return names


def _alike(name):
    """Leave out what the ways differ in: a point at the end is dropped, a hyphen stands for an institution's comma."""
    return tuple(part.rstrip(".").replace(" - ", ", ") for part in name)


@pytest.mark.parametrize("save", [saved_from_tags, saved_from_coins])
class TestBothWays:
    @pytest.mark.parametrize("kind", TYPES)
    def test_each_type_is_saved_as_itself(self, save, kind):
        assert save(complete_record(type=kind, publisher="INEI")).type == TYPES[kind]

    def test_every_study_of_the_bank_keeps_type_title_and_authors(self, save):
        for record in fixture_studies():
            saved = save(record)
            assert saved.type == TYPES[make_reference(record).type], record.id
            assert saved.title == record.title.replace("+", " " if save is saved_from_coins else "+"), record.id
            assert [_alike(name) for name in saved.people] == [_alike(name) for name in people_of(record)], record.id

    def test_hard_ones_keep_type_and_number_of_authors(self, save):
        for record in hard_records():
            saved = save(record)
            assert saved.type == TYPES[make_reference(record).type], record.id
            most = coins.MOST_AUTHORS if save is saved_from_coins else len(record.authors)
            assert len(saved.people) == min(len(record.authors), most), record.id

    @pytest.mark.parametrize(
        ("name", "wanted"),
        [
            (author("Quispe Mamani", "Ana María"), ("Quispe Mamani", "Ana María")),
            (author("Ommeren", "Mark", non_dropping_particle="van"), ("van Ommeren", "Mark")),
            (author("Barros", "Érika Neves", dropping_particle="de"), ("de Barros", "Érika Neves")),
            (author("Cruz Ñaupari", "Juan José", non_dropping_particle="de la"), ("de la Cruz Ñaupari", "Juan José")),
            (author("Romero", None), ("Romero", "")),
            (institution("Banco Interamericano de Desarrollo"), ("Banco Interamericano de Desarrollo", "")),
            (institution("Save, Rescue"), ("Save, Rescue", "")),
        ],
    )
    @pytest.mark.parametrize("is_alone", [True, False])
    def test_one_name_stays_one_name(self, save, name, wanted, is_alone):
        authors = (name,) if is_alone else (name, author("Otra Persona", "Eva Inés"))
        saved = save(complete_record(authors=authors))
        in_coins_alone = save is saved_from_coins
        if name.literal and not in_coins_alone:
            wanted = (wanted[0].replace(", ", " - "), "")
        assert saved.people == [wanted] if is_alone else saved.people == [wanted, ("Otra Persona", "Eva Inés")]


class TestTags:
    def tags(self, **changes):
        return dict(highwire.list_meta_tags(make_reference(complete_record(**changes)), PAGE))

    def test_an_article_has_all_of_its_place(self):
        tags = self.tags()
        assert tags["citation_journal_title"] == "Revista de Prueba"
        assert (tags["citation_volume"], tags["citation_issue"]) == ("12", "3")
        assert (tags["citation_firstpage"], tags["citation_lastpage"]) == ("45", "67")
        assert (tags["citation_doi"], tags["citation_publication_date"]) == ("10.1234/prueba.2021.1", "2021")
        assert (tags["citation_language"], tags["citation_abstract_html_url"]) == ("es", PAGE)

    def test_the_abstract_is_said_to_be_the_banks(self):
        mark = "(Resumen escrito por el Banco de Evidencias; no es el resumen publicado.)"
        assert self.tags()["citation_abstract"].endswith(mark)

    def test_a_report_without_publisher_has_its_host_as_institution(self):
        bare = {"type": "article", "publisher": None, "container_title": None, "url": "https://www.ssrn.com/abstract=1"}
        assert self.tags(**bare)["citation_technical_report_institution"] == "ssrn.com"

    def test_what_has_no_tag_for_its_type_has_dublin_cores(self):
        assert self.tags(type="book")["DC.type"] == "book"
        assert "DC.type" not in self.tags()

    def test_a_semicolon_ends_a_name_only_where_it_is_alone(self):
        name, other = author("Quispe Mamani", "Ana María"), author("Loret de Mola", "Juan José")
        assert self.tags(authors=(name,))["citation_author"] == "Quispe Mamani, Ana María;"
        together = highwire.list_meta_tags(make_reference(complete_record(authors=(name, other))), PAGE)
        names = [content for tag, content in together if tag == "citation_author"]
        assert names == ["Quispe Mamani, Ana María", "Loret de Mola, Juan José"]

    def test_no_tag_is_empty(self):
        for record in hard_records():
            _title, *tags = highwire.list_meta_tags(make_reference(record), PAGE)
            assert [name for name, content in tags if not content] == []


class TestCoins:
    def test_every_pair_has_a_value(self):
        for record in [*hard_records(), *fixture_studies()]:
            pairs = coins.format_context_object(make_reference(record)).split("&")
            assert all(re.fullmatch(r"[a-z_.]+=[\w%.~-]+", pair) for pair in pairs), record.id

    def test_the_genre_of_a_report_is_there_to_the_letter(self):
        assert "&rft.genre=report&" in coins.format_context_object(make_reference(complete_record(type="article")))

    def test_doi_and_address_are_told(self):
        saved = saved_from_coins(complete_record(url="https://x.pe/a?b=1&c=%20"))
        assert (saved.fields["doi"], saved.fields["url"]) == ("10.1234/prueba.2021.1", "https://x.pe/a?b=1&c=%20")

    @pytest.mark.parametrize(
        ("kind", "key", "value"),
        [
            ("article-journal", "container", "Revista de Prueba"),
            ("chapter", "container", "Revista de Prueba"),
            ("report", "series", "Revista de Prueba"),
            ("thesis", "inst", "INEI"),
            ("report", "pub", "INEI"),
            ("webpage", "container", "Revista de Prueba"),
        ],
    )
    def test_the_container_of_each_type_is_in_its_place(self, kind, key, value):
        assert saved_from_coins(complete_record(type=kind, publisher="INEI")).fields[key] == value


class TestLinkedData:
    PAGE = schema_org.PageMetadata(
        PAGE, "es", "https://banco.example/", "https://licence.example/", "Un resumen.", True
    )

    def graph(self, **changes):
        return schema_org.build_graph(make_reference(complete_record(**changes)), self.PAGE)["@graph"]

    def test_the_work_and_the_summary_are_two(self):
        work, summary = self.graph()
        assert (work["@type"], summary["@type"]) == ("ScholarlyArticle", "AboutPage")
        assert summary["about"] == {"@id": work["@id"]} == {"@id": "https://doi.org/10.1234/prueba.2021.1"}
        assert (summary["abstract"], summary["license"]) == ("Un resumen.", "https://licence.example/")
        assert summary["author"]["name"] == "Banco de Evidencias"
        assert "abstract" not in work

    def test_issue_volume_and_journal_are_nested(self):
        issue = self.graph()[0]["isPartOf"]
        assert (issue["@type"], issue["issueNumber"]) == ("PublicationIssue", "3")
        assert (issue["isPartOf"]["@type"], issue["isPartOf"]["volumeNumber"]) == ("PublicationVolume", "12")
        assert issue["isPartOf"]["isPartOf"] == {"@type": "Periodical", "name": "Revista de Prueba"}

    @pytest.mark.parametrize("kind", TYPES)
    def test_each_type_has_its_class(self, kind):
        assert self.graph(type=kind)[0]["@type"] == schema_org.TYPES[kind]

    def test_people_and_institutions_are_told_apart(self):
        authors = self.graph(authors=(author("Ommeren", "Mark", non_dropping_particle="van"), institution("INEI")))[0]
        assert authors["author"] == [
            {"@type": "Person", "name": "Mark van Ommeren", "givenName": "Mark", "familyName": "Ommeren"},
            {"@type": "Organization", "name": "INEI"},
        ]

    def test_a_working_paper_is_a_report_that_says_so(self):
        work = self.graph(type="article", number="7", container_title="Serie A")[0]
        assert (work["genre"], work["reportNumber"]) == ("Working paper", "7")
        assert work["isPartOf"] == {"@type": "CreativeWorkSeries", "name": "Serie A"}


@pytest.mark.django_db
class TestPageOfAStudy:
    def page(self, client: Client, path: str = SASA) -> str:
        return client.get(path).content.decode()

    def test_extruct_reads_the_linked_data(self, client):
        found = extruct.extract(self.page(client), base_url="http://testserver", syntaxes=["json-ld"])["json-ld"]
        work, summary = found[0]["@graph"]
        assert work["headline"] == work["name"]
        assert work["name"].startswith("Findings from the SASA! Study")
        assert [name["familyName"] for name in work["author"]][:2] == ["Abramsky", "Devries"]
        assert (work["sameAs"], work["isAccessibleForFree"]) == ("https://doi.org/10.1186/s12916-014-0122-5", True)
        assert summary["url"] == f"http://testserver{SASA}"
        assert summary["inLanguage"] == "es"

    @pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "]]>", '"}{'])
    def test_no_text_ends_the_script(self, client, text):
        study = make_study(stage=Stage.PUBLISHED, title=text, summary_es=f"{text} Un resumen.")
        page = self.page(client, f"/estudios/{study.slug}/")
        assert "<script>" not in page
        (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
        assert not set("<>&") & set(data)
        work, summary = json.loads(data)["@graph"]
        assert work.get("name", "") == collapse_whitespace(text)
        assert summary["abstract"] == f"{text} Un resumen."

    def test_its_meta_tags_are_read_as_the_study(self, client):
        tree = html.fromstring(self.page(client))
        tags = [(tag.get("name"), tag.get("content")) for tag in tree.xpath("//meta[@name]")]
        saved = from_tags([tag for tag in tags if tag[0].startswith(("citation_", "DC."))])
        assert (saved.type, saved.fields["citation_doi"]) == ("journalArticle", "10.1186/s12916-014-0122-5")
        assert saved.people[0] == ("Abramsky", "Tanya")

    @pytest.mark.parametrize("kind", TYPES)
    def test_each_type_is_saved_as_itself_from_the_whole_head(self, client, kind):
        study = make_study(stage=Stage.PUBLISHED, type=kind, container_title=None, publisher=None)
        tree = html.fromstring(self.page(client, f"/estudios/{study.slug}/"))
        tags = [(tag.get("name") or tag.get("property"), tag.get("content")) for tag in tree.xpath("//meta[@content]")]
        assert from_tags(tags).type == TYPES[kind]
        assert dict(tags)["og:type"] == "article"

    def test_other_pages_are_of_a_web_site(self, client):
        assert '<meta property="og:type" content="website">' in self.page(client, "/")

    def test_has_no_coins_which_would_win_over_the_tags(self, client):
        assert "Z3988" not in self.page(client)

    def test_its_signposts_lead_to_what_they_say(self, client):
        response = client.get(SASA)
        links = re.findall(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', response.headers["Link"])
        by_relation = {}
        for target, relation, kind in links:
            by_relation.setdefault(relation, []).append((target, kind))
        assert set(by_relation) == {"cite-as", "describedby", "type", "author", "license"}
        assert by_relation["cite-as"] == [("https://doi.org/10.1186/s12916-014-0122-5", "")]
        assert ("https://schema.org/ScholarlyArticle", "") in by_relation["type"]
        for target, kind in by_relation["describedby"]:
            answer = client.get(target.removeprefix("http://testserver"))
            assert answer.headers["Content-Type"].partition(";")[0] == kind
        assert client.get(by_relation["author"][0][0].removeprefix("http://testserver")).status_code == 200

    @pytest.mark.parametrize("url", ["https://x.pe/a,b;c", "https://x.pe/ñ?q=%20'"])
    def test_no_address_breaks_the_header(self, client, url):
        study = make_study(stage=Stage.PUBLISHED, doi=None, url=url)
        header = client.get(f"/estudios/{study.slug}/").headers["Link"]
        assert header.isascii()
        assert header.count("<") == header.count(">") == len(re.findall(r'>; rel="', header))

    def test_a_draft_and_a_withdrawn_study_tell_nothing(self, client):
        draft, gone = make_study(), withdraw(make_study(stage=Stage.PUBLISHED))
        client.force_login(user_with_role("Curaduría"))
        for study in (draft, gone):
            response = client.get(f"/estudios/{study.slug}/")
            assert response.status_code == 200
            assert "Link" not in response.headers
            assert "citation_title" not in response.content.decode()

    def test_only_a_free_pdf_of_the_work_itself_is_told(self, client):
        free = make_study(stage=Stage.PUBLISHED, url="https://x.pe/a.PDF", open_access=True)
        closed = make_study(stage=Stage.PUBLISHED, url="https://x.pe/a.pdf", open_access=None)
        assert 'name="citation_pdf_url" content="https://x.pe/a.PDF"' in self.page(client, f"/estudios/{free.slug}/")
        assert "citation_pdf_url" not in self.page(client, f"/estudios/{closed.slug}/")


@pytest.mark.django_db
class TestListOfResults:
    def test_each_card_carries_its_reference(self, client, monkeypatch):
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        indexing.rebuild()
        text = client.get("/estudios/?theme=autonomy").content.decode()
        found = [from_coins(unescape(title)) for title in re.findall(r'class="Z3988" title="([^"]*)"', text)]
        slugs = re.findall(r'class="card__title"><a href="/estudios/([a-z0-9-]+)/"', text)
        assert len(found) == len(slugs) == 20
        titles = dict(Study.objects.values_list("slug", "title"))
        assert [saved.title for saved in found] == [titles[slug].replace("+", " ") for slug in slugs]
