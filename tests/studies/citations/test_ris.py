import re

import pytest

from studies.citations import ris
from studies.citations.reference import make_reference
from tests.studies.records_factory import author, complete_record, fixture_json, institution

TYPES = [term["code"] for term in fixture_json("taxonomy")["types"]]


def ris_lines(language="es", keywords=(), **changes):
    text = "".join(ris.write([make_reference(complete_record(**changes), language=language, keywords=keywords)]))
    return [(line[:2], line[6:]) for line in text.split("\r\n") if line]


def ris_values(tag, **changes):
    return [value for name, value in ris_lines(**changes) if name == tag]


class TestRis:
    @pytest.mark.parametrize("kind", TYPES)
    def test_each_type_has_one_type_line_which_is_first_and_never_gen(self, kind):
        lines = ris_lines(type=kind)
        assert [value for tag, value in lines if tag == "TY"] == [lines[0][1]]
        assert lines[0][1] in {"JOUR", "RPRT", "CHAP", "BOOK", "THES", "ELEC"}
        assert lines[-1] == ("ER", "")

    def test_lines_end_as_the_format_demands(self):
        text = "".join(ris.write([make_reference(complete_record())]))
        assert text.endswith("\r\nER  - \r\n\r\n")
        assert text.count("\n") == text.count("\r\n")
        assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in text.split("\r\n") if line)

    def test_a_working_paper_is_a_report_that_says_what_it_is(self):
        assert ris_values("TY", type="article") == ["RPRT"]
        assert ris_values("M3", type="article") == ["Working paper"]
        assert ris_values("M3", type="report") == []

    def test_a_report_has_its_institution_series_and_number(self):
        report = {"type": "report", "publisher": "INEI", "container_title": "Serie A", "number": "7"}
        assert (ris_values("PB", **report), ris_values("T2", **report), ris_values("SN", **report)) == (
            ["INEI"],
            ["Serie A"],
            ["7"],
        )

    def test_the_number_of_an_article_is_not_its_issn(self):
        assert ris_values("SN", number="2014:7") == []
        assert ris_values("C7", number="2014:7") == ["2014:7"]

    def test_each_author_has_a_line_with_particle_and_family_name_together(self):
        authors = (
            author("Ommeren", "Mark", non_dropping_particle="van"),
            author("Barros", "Érika Neves", dropping_particle="de"),
            author("Thorpe", "Roland J., Jr."),
            author("Romero", None),
        )
        assert ris_values("AU", authors=authors) == [
            "van Ommeren, Mark",
            "de Barros, Érika Neves",
            "Thorpe, Roland J., Jr.",
            "Romero,",
        ]

    def test_an_institution_stays_whole(self):
        name = institution("Global Women's Institute, George Washington University")
        assert ris_values("AU", authors=(name,)) == ["Global Women's Institute - George Washington University"]

    def test_asterisks_stay_out_where_they_are_not_allowed(self):
        assert ris_values("KW", keywords=("a*b", "a*b", " ")) == ["a b"]
        assert ris_values("T2", container_title="Re*vista") == ["Re vista"]
        assert ris_values("TI", title="a*b") == ["a*b"]

    def test_the_slug_is_the_accession_number(self):
        assert ris_values("AN") == ["quispe-2021-hogares"]
