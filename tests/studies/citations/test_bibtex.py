import pytest

from studies.citations import bibtex
from studies.citations.reference import make_reference
from tests.studies.records_factory import author, complete_record, institution


def bibtex_entry(**changes):
    return "".join(bibtex.write([make_reference(complete_record(**changes))]))


class TestBibtex:
    @pytest.mark.parametrize(
        ("kind", "entry", "field"),
        [
            ("article-journal", "article", "journal = {Revista de Prueba}"),
            ("report", "techreport", "institution = {INEI}"),
            ("article", "techreport", "type = {Revista de Prueba}"),
            ("chapter", "incollection", "booktitle = {Revista de {Prueba}}"),
            ("book", "book", "publisher = {INEI}"),
            ("thesis", "phdthesis", "school = {INEI}"),
            ("webpage", "misc", "howpublished = {Revista de Prueba}"),
        ],
    )
    def test_each_type_has_its_entry_and_its_institution(self, kind, entry, field):
        text = bibtex_entry(type=kind, publisher="INEI")
        assert text.startswith(f"\n@{entry}{{quispe-2021-hogares,\n")
        assert f"  {field},\n" in text

    def test_a_report_without_publisher_is_of_its_series_or_its_author(self):
        assert "institution = {Serie A}" in bibtex_entry(type="report", container_title="Serie A")
        text = bibtex_entry(type="report", container_title=None, authors=(institution("INEI"),))
        assert "institution = {INEI}" in text

    def test_the_series_of_a_report_is_its_type_which_styles_print(self):
        text = bibtex_entry(type="article", publisher="INEI", container_title="Serie Alfa", number="7")
        assert "  type = {Serie Alfa},\n  number = {7},\n" in text
        assert "series" not in text
        assert "  type = {Working Paper},\n" in bibtex_entry(type="article", publisher="INEI", container_title=None)

    def test_the_language_is_told_to_biblatex_and_to_others(self):
        assert "  langid = {spanish},\n  language = {spanish},\n" in bibtex_entry()

    def test_the_abstract_is_said_to_be_the_banks_in_no_field_that_would_be_printed(self):
        text = bibtex_entry()
        mark = "(Resumen escrito por el Banco de Evidencias; no es el resumen publicado.)"
        assert f"con la atención usual. {mark}}},\n" in text
        assert "note = " not in text
        assert "annotation = " not in text

    def test_capitals_within_a_title_are_protected(self):
        title = "Violencia en el Perú: IPV and SASA! in sub-Saharan Africa"
        assert "{Violencia en el {Perú}: {IPV} and {SASA}! in {sub-Saharan} {Africa}}" in bibtex_entry(title=title)

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("50 % & más", r"50 \% \& más"),
            ("a_b #1 $5", r"a\_b \#1 \$5"),
            ("{a} ~ ^", r"\textbraceleft{}a\textbraceright{} \textasciitilde{} \textasciicircum{}"),
            ("\\input", r"\textbackslash{}input"),
            ("a--b ''c", "a-{}-b '{}'c"),
        ],
    )
    def test_signs_of_tex_are_escaped(self, text, written):
        assert f"title = {{{written}}}" in bibtex_entry(title=text)

    def test_addresses_are_not_escaped_and_cannot_close_the_entry(self):
        text = bibtex_entry(url="https://x.pe/a_b%20c?d=1&e=}", doi="10.1234/a_b")
        assert "url = {https://x.pe/a_b%20c?d=1&e=%7D}" in text
        assert "doi = {10.1234/a_b}" in text

    @pytest.mark.parametrize(
        ("name", "written"),
        [
            (author("Ommeren", "Mark", non_dropping_particle="van"), "van Ommeren, Mark"),
            (author("Barros", "Érika Neves", dropping_particle="de"), "de Barros, Érika Neves"),
            (author("Loret de Mola", "Christian"), "{Loret de Mola}, Christian"),
            (author("Thorpe", "Roland J., Jr."), "Thorpe, Jr., Roland J."),
            (author("Black and White", "Ana"), "{Black and White}, Ana"),
            (institution("Save, Rescue and Care"), "{Save, Rescue and Care}"),
        ],
    )
    def test_names_are_what_bibtex_takes_for_one_name(self, name, written):
        assert f"author = {{{written}}}" in bibtex_entry(authors=(name,))

    def test_pages_have_two_hyphens(self):
        assert "pages = {45--67}" in bibtex_entry()
        assert "pages = {e1004}" in bibtex_entry(pages="e1004")
