"""What is mended in a reference, what is left out, and that both are told. All values are made up."""

from __future__ import annotations

from typing import Any

import pytest

from studies.imports.formats.base import ParsedReference
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.field_values import join_pages, read_doi, read_year
from studies.imports.formats.mending import make_reference
from studies.imports.formats.registry import open_file

DOI = "10.5555/muyu.2019-07(1)"


def made(**fields: Any) -> ParsedReference:
    return make_reference({"title": "Los telares", **fields})


class TestDois:
    @pytest.mark.parametrize(
        "text",
        [
            f"http://doi.acm.org/{DOI}",
            f"https://journals.example.org/doi/full/{DOI}",
            f"https://journals.example.org/doi/{DOI}/full?cookie=1",
            f"ARTN 106 {DOI}",
            f"{DOI} PMID: 123",
            f"{DOI}; 10.5555/otro",
            f"DOI de la revista: {DOI}.",
        ],
    )
    def test_a_doi_among_other_text_is_found_and_told(self, text: str):
        found, note = read_doi(text)
        assert (found, "compruébelo" in note) == (DOI, True)

    def test_a_whole_one_needs_no_note(self):
        assert read_doi(f"https://doi.org/{DOI}") == (DOI, "")

    def test_an_old_one_that_came_with_spaces_is_joined(self):
        assert (
            read_doi("10.1639/0044-7447(2000)029 [ 0126:ABCDEF]2.0.CO;2")[0]
            == "10.1639/0044-7447(2000)029[0126:abcdef]2.0.co;2"
        )

    @pytest.mark.parametrize("text", ["", "NA", "nan", "NULL", "n/a", "-"])
    def test_no_value_is_none_without_a_note(self, text: str):
        assert made(doi=text) == ParsedReference({"title": "Los telares"})

    @pytest.mark.parametrize("text", ["pendiente", "10.1", "doi1", "10.5555/a\ufffdb"])
    def test_what_is_none_is_left_out_and_told(self, text: str):
        found = made(doi=text)
        assert "doi" not in found.fields
        assert "no es un DOI" in found.notes[0]


class TestYears:
    @pytest.mark.parametrize(
        ("text", "year"), [("99", 1999), ("05", 2005), ("'98", 1998), ("12/05/99", 1999), ("Jan-07", 2007)]
    )
    def test_two_digits_are_told(self, text: str, year: int):
        assert read_year(text) == (year, f"El año «{text}» se leyó como {year}: compruébelo.")

    @pytest.mark.parametrize("text", ["1888", "0000", "2999", "-44", "1593429182622"])
    def test_what_no_study_has_is_left_out_and_told(self, text: str):
        year, note = read_year(text)
        assert (year, bool(note)) == (None, True)

    def test_of_several_the_first_that_may_be_counts(self):
        assert read_year("1234 (2019)") == (2019, "")


class TestOtherFields:
    @pytest.mark.parametrize("text", ["NA", "nan", "NULL", "None", "n/a"])
    def test_words_for_no_value_are_none_in_every_field(self, text: str):
        names = ("volume", "issue", "pages", "number", "container_title", "publisher", "doi", "year", "url")
        assert made(**dict.fromkeys(names, text)) == ParsedReference({"title": "Los telares"})

    @pytest.mark.parametrize("name", ["volume", "issue", "pages", "number", "container_title", "publisher"])
    def test_a_text_too_long_is_left_out_and_told(self, name: str):
        found = made(**{name: "muy largo " * 200})
        assert found.fields == {"title": "Los telares"}
        assert "no se tomó" in found.notes[0]

    def test_a_title_too_long_is_cut(self):
        found = made(title="largo " * 1_000)
        assert len(found.fields["title"]) <= 2_000
        assert "se cortó" in found.notes[0]

    def test_an_author_too_long_is_left_out(self):
        found = made(authors=[{"literal": "x" * 501}, {"family": "Poma"}])
        assert found.fields["authors"] == [{"family": "Poma"}]
        assert "Un autor" in found.notes[0]

    @pytest.mark.parametrize(
        ("given", "url"),
        [
            ("www.example.org/a", "https://www.example.org/a"),
            ("https://example.org/a; https://example.org/b", "https://example.org/a"),
            (["internal-pdf://1.pdf", "https://example.org/a"], "https://example.org/a"),
        ],
    )
    def test_the_first_address_that_is_one_is_taken(self, given: object, url: str):
        assert made(url=given).fields["url"] == url

    def test_an_address_gives_the_doi_that_it_holds(self):
        found = made(url=["https://journals.example.org/doi/full/10.5555/a"]).fields
        assert (found["doi"], found["url"]) == ("10.5555/a", "https://journals.example.org/doi/full/10.5555/a")

    def test_a_lost_letter_stays_and_is_told(self):
        found = made(title="La v\ufffdctima", authors=[{"family": "Pe\ufffda"}])
        assert found.fields["title"] == "La v\ufffdctima"
        assert found.notes == ("Tiene signos dañados (\ufffd) en el título y la autoría: corríjalos en el borrador.",)

    @pytest.mark.parametrize(
        ("pages", "told"), [(("NA", "NA"), ""), (("n/a-n/a",), ""), (("45", "57"), "45-57"), (("e1", ""), "e1")]
    )
    def test_pages(self, pages: tuple[str, ...], told: str):
        assert join_pages(*pages) == told


class TestBounds:
    """What a small file can ask of the worker: sizes and counts, no clock; each of these took seconds or gigabytes."""

    def test_a_long_parent_is_not_repeated_behind_each_of_its_parts(self):
        parts = "".join(f"@incollection{{a{n}, title={{T}}, crossref={{p}}}}\n" for n in range(40))
        _kind, split = open_file("a.bib", f"@book{{p, abstract={{{'x' * 100_000}}}}}\n{parts}".encode())
        assert sum(len(reference.raw) for reference in split.references) < 200_000

    def test_abbreviations_that_are_joined_again_and_again_refuse_their_entry(self):
        text = '@string{a = "' + "y" * 19_000 + '"}\n@article{x, title={T}, note=a' + "#a" * 1_000 + "}\n"
        kind, split = open_file("a.bib", text.encode())
        with pytest.raises(RowInvalid):
            kind.read(split.references[0].raw, split.head)

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.bib", b"@article{a,\n title={x}}\n" + b"%" * 2_000_000 + b"{\n"),
            ("a.txt", b"PT J\n" * 80_000),
        ],
    )
    def test_patterns_read_a_long_line_once(self, name: str, data: bytes):
        """Without their bounds these take hours: the test would not end."""
        try:
            open_file(name, data)
        except FileUnreadable:
            assert name == "a.txt"
