"""What a DOI stands for, asked of a local server that answers as Crossref and DataCite do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.imports import bad_rows, batches, crossref, errors, writing
from studies.imports.crossref import DoiUnknown, MetadataClient, ServicesUnreachable
from studies.imports.formats import csl
from studies.imports.formats.dois import MOST_DOIS
from studies.imports.formats.errors import FileUnreadable
from studies.imports.formats.registry import FORMATS
from studies.models import ImportBatch
from tests.factories import make_study
from tests.studies.doi_services import CROSSREF_WORK, Services, doi_services


@pytest.fixture
def services(settings) -> Iterator[Services]:
    with doi_services() as server:
        settings.CROSSREF_URL = f"{server.address}/crossref"
        settings.DATACITE_URL = f"{server.address}/datacite"
        settings.LOOK_UP_TIMEOUT_S = 0.5
        yield server


def fields_of(doi: str) -> dict:
    with MetadataClient() as client:
        return csl.read_item(client.look_up(doi)).fields


class TestLookingUp:
    def test_crossref_is_asked_first(self, services: Services):
        assert fields_of("10.5555/crossref.1") == {
            "title": "Los huertos de la quebrada y la violencia de pareja: Una mirada desde Junín",
            "language": "es",
            "authors": [{"family": "Ñaupari", "given": "Sofía"}, {"literal": "Red Muyu"}],
            "year": 2017,
            "month": 6,
            "type": "article-journal",
            "container_title": "Cuadernos de Prueba",
            "volume": "7",
            "issue": "3",
            "pages": "11-19",
            "doi": "10.5555/crossref.1",
            "url": "https://example.org/articulo",
        }
        assert [address for address, _caller in services.asked] == ["/crossref/works/10.5555/crossref.1"]

    def test_datacite_knows_what_crossref_does_not(self, services: Services):
        found = fields_of("10.5555/datacite.1")
        assert found == {
            "title": "Botes y postas del Napo",
            "language": "es",
            "authors": [
                {"family": "Poma", "given": "Elías"},
                {"literal": "Instituto Muyu"},
                {"family": "Chunga", "given": "Rosa"},
            ],
            "year": 2018,
            "type": "report",
            "publisher": "Repositorio de Prueba",
            "doi": "10.5555/datacite.1",
            "url": "https://example.org/informe",
        }

    def test_who_asks_is_told_with_a_contact(self, services: Services, settings):
        settings.SITE_URL, settings.CONTACT_EMAIL = "https://banco.example.pe", "errores@example.pe"
        fields_of("10.5555/crossref.1")
        assert services.asked[0][1] == "BancoDeEvidencias/1.0 (https://banco.example.pe; mailto:errores@example.pe)"

    def test_an_alias_is_followed(self, services: Services):
        assert fields_of("10.5555/alias.1")["doi"] == "10.5555/crossref.1"

    def test_nobody_is_followed_to_another_host(self, services: Services):
        services.answers["/crossref/works/10.5555/x"] = (301, b"http://localhost:9/hidden")
        with pytest.raises(ServicesUnreachable, match="otro sitio"):
            fields_of("10.5555/x")

    def test_an_answer_that_drips_is_not_waited_for(self, services: Services):
        services.answers["/crossref/works/10.5555/drip"] = (200, b" " * 1_000 * 20)
        with pytest.raises(ServicesUnreachable, match="a tiempo"):
            fields_of("10.5555/drip")

    def test_what_neither_knows_is_said(self, services: Services):
        with pytest.raises(DoiUnknown):
            fields_of("10.5555/nadie")

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            ((500, b""), "no responde bien"),
            ((429, b""), "esperar"),
            ((200, b"<html>"), "no se entiende"),
            ((200, b"[1]"), "no se entiende"),
            ((0, b""), "a tiempo"),
            ((200, b" " * (crossref.LARGEST_ANSWER_BYTES + 1)), "demasiado"),
        ],
    )
    def test_a_service_that_fails_is_no_proof_that_the_doi_is_wrong(self, services: Services, answer, words):
        services.answers["/crossref/works/10.5555/x"] = answer
        with pytest.raises(ServicesUnreachable, match=words):
            fields_of("10.5555/x")

    def test_if_crossref_fails_datacite_may_still_know_it(self, services: Services):
        services.answers["/crossref/works/10.5555/datacite.1"] = (503, b"")
        assert fields_of("10.5555/datacite.1")["year"] == 2018

    def test_without_a_network_it_is_said(self, settings):
        settings.CROSSREF_URL = settings.DATACITE_URL = "http://127.0.0.1:9"
        with pytest.raises(ServicesUnreachable, match="No hay conexión"):
            fields_of("10.5555/x")

    @given(
        answer=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["titles", "creators", "types", "container", "publisher", "name"]), inner
                )
            ),
            max_leaves=8,
        )
    )
    def test_whatever_a_service_answers_is_read_or_refused(self, answer):
        if isinstance(answer, dict):
            item = crossref._csl_of_datacite(answer)
            assert FORMATS["csl"].join(["{}"], "")
            csl.read_item({key: value for key, value in item.items() if key != "issued"})


class TestLists:
    @pytest.mark.parametrize(
        "text",
        [
            "10.1234/abc\n10.1234/DEF",
            "10.1234/abc, 10.1234/def",
            "10.1234/abc;10.1234/def",
            "https://doi.org/10.1234/ABC https://dx.doi.org/10.1234/def",
            "doi:10.1234/abc\r\n\r\nDOI 10.1234/def.",
            "Quispe, A. (2020). Los telares. Revista, 3. https://doi.org/10.1234/abc\n(10.1234/def)",
            "https://www.example.com/doi/full/10.1234/abc?journalCode=x\n10.1234/def",
            "10.1234/abc\n10.1234/abc\n10.1234/def",
        ],
    )
    def test_dois_are_found_in_any_form(self, text: str):
        found = FORMATS["doi"].split(text.encode())
        assert [reference.raw for reference in found.references] == ["10.1234/abc", "10.1234/def"]

    def test_a_doi_with_semicolon_and_brackets_stays_whole(self):
        doi = "10.1002/(sici)1096-8644(199601)99:1<1::aid-ajpa1>3.0.co;2-1"
        assert [reference.raw for reference in FORMATS["doi"].split(doi.encode()).references] == [doi]

    def test_a_line_without_one_is_told_with_its_number(self):
        _first, second = FORMATS["doi"].split(b"10.1234/abc\nLos telares\n").references
        assert (second.row, bool(second.problem)) == (2, True)

    def test_their_number_is_bounded(self):
        with pytest.raises(FileUnreadable, match=str(MOST_DOIS)):
            FORMATS["doi"].split("\n".join(f"10.1234/{number}" for number in range(MOST_DOIS + 1)).encode())


@pytest.mark.django_db
class TestBatches:
    def test_a_list_becomes_rows_like_those_of_a_file(self, services: Services):
        study = make_study()
        batch = batches.open_dois(
            f"10.5555/crossref.1 {study.doi}\n10.5555/datacite.1\n10.5555/nadie\nsin doi", by=None
        )
        batches.read_all(batch)
        assert [(row.row_number, row.outcome) for row in batch.rows.all()] == [
            (1, "new"),
            (1, "duplicate"),
            (2, "new"),
            (3, "error"),
            (4, "error"),
        ]
        assert batch.rows.first().abstract == "Lo que se vio en los huertos."
        assert writing.write(batch, by=None) == 2

    def test_nobody_is_asked_what_the_bank_knows(self, services: Services):
        study = make_study()
        batch = batches.open_dois(study.doi, by=None)
        batches.read_all(batch)
        assert services.asked == []
        assert batch.rows.get().match == study

    def test_without_a_network_what_was_read_is_kept_and_the_rest_waits(self, services: Services):
        services.answers["/crossref/works/10.5555/x"] = (503, b"")
        batch = batches.open_dois("10.5555/crossref.1\n10.5555/x\n10.5555/datacite.1", by=None)
        with pytest.raises(errors.LookUpInterrupted):
            batches.read_all(batch)
        assert [row.outcome for row in batch.rows.all()] == ["new", "waiting", "waiting"]
        assert ImportBatch.objects.get(pk=batch.pk).state == "reading"
        services.answers["/crossref/works/10.5555/x"] = (404, b"")
        batches.read_all(batch)
        assert [row.outcome for row in batch.rows.all()] == ["new", "error", "new"]

    def test_what_crossref_answers_may_be_pasted(self):
        import json

        batch = batches.open_pasted(json.dumps(CROSSREF_WORK), by=None)
        batches.read_all(batch)
        assert batch.rows.get().record["doi"] == "10.5555/crossref.1"

    def test_the_dois_that_failed_are_a_list_to_bring_back(self, services: Services):
        batch = batches.open_dois("10.5555/crossref.1\n10.5555/nadie", by=None)
        batches.read_all(batch)
        name, _media_type, content = bad_rows.build_error_file(batch)
        assert (name, content) == (f"importacion-{batch.pk}-errores.txt", b"10.5555/nadie\n")
