import re

import pytest

from studies.citations import bibtex, csl, ris
from studies.citations.formats import FORMATS
from studies.citations.names import all_authors, initials, short_authors, short_name, whole_name, y_before
from studies.citations.reference import reference
from studies.citations.runs import plain
from studies.citations.styles import apa
from tests.studies.records_factory import author, complete_record, fixture_json, institution

TYPES = [term["code"] for term in fixture_json("taxonomy")["types"]]


def ris_lines(language="es", keywords=(), **changes):
    text = "".join(ris.write([reference(complete_record(**changes), language=language, keywords=keywords)]))
    return [(line[:2], line[6:]) for line in text.split("\r\n") if line]


def ris_values(tag, **changes):
    return [value for name, value in ris_lines(**changes) if name == tag]


def bibtex_entry(**changes):
    return "".join(bibtex.write([reference(complete_record(**changes))]))


def csl_item(**changes):
    return csl.item(reference(complete_record(**changes)))


def people(*families):
    return tuple(author(family, "Ana") for family in families)


class TestNames:
    def test_a_particle_stays_with_the_name_or_is_dropped(self):
        assert short_name(author("Ommeren", "Mark", non_dropping_particle="van")) == "van Ommeren"
        assert short_name(author("Barros", "Érika Neves", dropping_particle="de")) == "Barros"
        assert short_name(institution("INEI")) == "INEI"

    def test_a_whole_name_reads_as_people_say_it(self):
        assert whole_name(author("Barros", "Érika Neves", dropping_particle="de")) == "Érika Neves de Barros"
        assert whole_name(author("Thorpe", "Roland J., Jr.")) == "Roland J. Thorpe Jr."
        assert whole_name(author("Romero", None)) == "Romero"

    @pytest.mark.parametrize(
        ("given", "wanted"),
        [
            ("Ana María", "A. M."),
            ("Jean-Paul", "J.-P."),
            ("J. A.", "J. A."),
            ("M.B.", "M. B."),
            ("Érika", "É."),
            ("Gleici da Silva", "G. da S."),
            ("", ""),
        ],
    )
    def test_initials(self, given, wanted):
        assert initials(given) == wanted

    @pytest.mark.parametrize(
        ("families", "spanish", "english"),
        [
            ([], "", ""),
            (["Díaz"], "Díaz", "Díaz"),
            (["Díaz", "Saldarriaga"], "Díaz y Saldarriaga", "Díaz and Saldarriaga"),
            (["Bobonis", "Castro", "Iglesias"], "Bobonis, Castro e Iglesias", "Bobonis, Castro and Iglesias"),
            (["Buller", "A", "B", "C"], "Buller y otros", "Buller et al."),
        ],
    )
    def test_a_card_names_up_to_three(self, families, spanish, english):
        assert short_authors(people(*families), "es") == spanish
        assert short_authors(people(*families), "en") == english

    def test_a_page_names_all(self):
        assert all_authors(people("A", "B", "C", "D"), "es") == "Ana A, Ana B, Ana C y Ana D"

    @pytest.mark.parametrize(
        ("word", "wanted"),
        [("Iglesias", "e"), ("Íñigo", "e"), ("Hidalgo", "e"), ("Hierro", "y"), ("Yupanqui", "y"), ("Díaz", "y")],
    )
    def test_the_spanish_and_follows_the_sound(self, word, wanted):
        assert y_before(word) == wanted


class TestReference:
    def test_the_title_is_the_original_one(self):
        record = complete_record(title="Original", title_es="En español", title_en="In English")
        assert reference(record, language="es").title == reference(record, language="en").title == "Original"

    def test_the_abstract_is_the_banks_own_and_says_so(self):
        spanish, english = (reference(complete_record(), language=language) for language in ("es", "en"))
        assert spanish.abstract.startswith("Un ensayo")
        assert spanish.note == "Resumen escrito por el Banco de Evidencias; no es el resumen publicado."
        assert english.abstract.startswith("A trial")
        assert english.note == "Summary written by the Banco de Evidencias; it is not the published abstract."

    def test_without_a_summary_there_is_no_note(self):
        bare = reference(complete_record(summary_es=None, summary_en=None))
        assert (bare.abstract, bare.note) == ("", "")

    def test_a_summary_in_the_other_language_is_better_than_none(self):
        assert reference(complete_record(summary_en=None), language="en").abstract.startswith("Un ensayo")

    def test_without_an_address_the_doi_leads_to_the_study(self):
        assert reference(complete_record(url=None)).url == "https://doi.org/10.1234/prueba.2021.1"
        assert reference(complete_record(url=None, doi=None)).url == ""

    def test_every_value_is_on_one_line(self):
        made = reference(complete_record(title="a\r\nb\u2028c\x0bd\te", container_title="x\x85y\x00z"))
        assert (made.title, made.container) == ("a b c d e", "x y z")

    @pytest.mark.parametrize("pages", ["12-34", "12–34", "12 — 34", "12‐34"])
    def test_pages_are_split_at_any_dash(self, pages):
        made = reference(complete_record(pages=pages))
        assert (made.first_page, made.last_page) == ("12", "34")

    def test_a_record_without_type_is_an_article_only_with_a_journal(self):
        assert reference(complete_record(type=None)).type == "article-journal"
        assert reference(complete_record(type=None, container_title=None)).type == "report"


class TestRis:
    @pytest.mark.parametrize("kind", TYPES)
    def test_each_type_has_one_type_line_which_is_first_and_never_gen(self, kind):
        lines = ris_lines(type=kind)
        assert [value for tag, value in lines if tag == "TY"] == [lines[0][1]]
        assert lines[0][1] in {"JOUR", "RPRT", "CHAP", "BOOK", "THES", "ELEC"}
        assert lines[-1] == ("ER", "")

    def test_lines_end_as_the_format_demands(self):
        text = "".join(ris.write([reference(complete_record())]))
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


class TestBibtex:
    @pytest.mark.parametrize(
        ("kind", "entry", "field"),
        [
            ("article-journal", "article", "journal = {Revista de Prueba}"),
            ("report", "techreport", "institution = {INEI}"),
            ("article", "techreport", "type = {Working Paper}"),
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


class TestCsl:
    def test_an_item_has_the_names_of_csl(self):
        assert csl_item() == {
            "id": "quispe-2021-hogares",
            "type": "article-journal",
            "title": "Trabajo con hombres en hogares rurales del Perú",
            "author": [{"family": "Quispe", "given": "Ana María"}],
            "issued": {"date-parts": [[2021]]},
            "container-title": "Revista de Prueba",
            "volume": "12",
            "issue": "3",
            "page": "45-67",
            "DOI": "10.1234/prueba.2021.1",
            "URL": "https://doi.org/10.1234/prueba.2021.1",
            "language": "es",
            "abstract": "Un ensayo con parejas de hogares rurales comparó sesiones para hombres con la atención usual.",
            "note": "Resumen escrito por el Banco de Evidencias; no es el resumen publicado.",
        }

    def test_names_keep_their_particles_and_suffixes(self):
        authors = (
            author("Ommeren", "Mark", non_dropping_particle="van"),
            author("Barros", "Érika", dropping_particle="de"),
            author("Thorpe", "Roland J., Jr."),
            institution("INEI"),
        )
        assert csl_item(authors=authors)["author"] == [
            {"family": "Ommeren", "given": "Mark", "non-dropping-particle": "van"},
            {"family": "Barros", "given": "Érika", "dropping-particle": "de"},
            {"family": "Thorpe", "given": "Roland J.", "suffix": "Jr."},
            {"literal": "INEI"},
        ]

    def test_a_working_paper_says_so_and_its_container_is_a_series(self):
        item = csl_item(type="article", container_title="Serie A", number="7")
        assert (item["genre"], item["collection-title"], item["number"]) == ("Working paper", "Serie A", "7")
        assert "container-title" not in item

    def test_an_empty_list_is_an_empty_array(self):
        assert "".join(csl.write([])) == "[]\n"


class TestApa:
    def plain(self, language="es", **changes):
        base = {"title": "Un título", "volume": None, "issue": None, "pages": None, "doi": None, "url": None}
        return plain(apa.cite(reference(complete_record(**{**base, **changes})), language))

    def test_an_article_has_its_journal_and_volume_in_italics(self):
        runs = apa.cite(reference(complete_record()), "es")
        assert [run.text for run in runs if run.italic] == ["Revista de Prueba", "12"]
        assert "".join(run.text for run in runs) == (
            "Quispe, A. M. (2021). Trabajo con hombres en hogares rurales del Perú. Revista de Prueba, 12(3), 45–67. "
            "https://doi.org/10.1234/prueba.2021.1"
        )

    @pytest.mark.parametrize(
        ("changes", "spanish", "english"),
        [
            (
                {"type": "report", "publisher": "GRADE", "container_title": "Avances de Investigación", "number": "19"},
                "Un título (Avances de Investigación N.º 19). GRADE.",
                "Un título (Avances de Investigación No. 19). GRADE.",
            ),
            (
                {"type": "report", "publisher": "BID", "container_title": "Nota técnica", "number": "IDB-TN-1387"},
                "Un título (Nota técnica IDB-TN-1387). BID.",
                "Un título (Nota técnica IDB-TN-1387). BID.",
            ),
            (
                {"type": "report", "publisher": "GRADE", "container_title": None, "number": "19"},
                "Un título (Informe N.º 19). GRADE.",
                "Un título (Report No. 19). GRADE.",
            ),
            (
                {"type": "article", "publisher": "GRADE", "container_title": None, "number": "19"},
                "Un título (Documento de trabajo N.º 19). GRADE.",
                "Un título (Working paper No. 19). GRADE.",
            ),
            (
                {"type": "article", "container_title": "SSRN"},
                "Un título [Documento de trabajo]. SSRN.",
                "Un título [Working paper]. SSRN.",
            ),
            (
                {"type": "chapter", "container_title": "Un libro", "publisher": "GRADE", "pages": "5-9"},
                "Un título. En Un libro (pp. 5–9). GRADE.",
                "Un título. In Un libro (pp. 5–9). GRADE.",
            ),
            ({"type": "book", "container_title": None, "publisher": "IEP"}, "Un título. IEP.", "Un título. IEP."),
            (
                {"type": "thesis", "container_title": None, "publisher": "PUCP"},
                "Un título [Tesis, PUCP].",
                "Un título [Thesis, PUCP].",
            ),
            (
                {"type": "webpage", "container_title": None, "publisher": "AEA RCT Registry", "number": "AEARCTR-1"},
                "Un título (AEARCTR-1). AEA RCT Registry.",
                "Un título (AEARCTR-1). AEA RCT Registry.",
            ),
        ],
    )
    def test_each_type_in_both_languages(self, changes, spanish, english):
        assert self.plain("es", **changes) == f"Quispe, A. M. (2021). {spanish}"
        assert self.plain("en", **changes) == f"Quispe, A. M. (2021). {english}"

    def test_works_that_stand_alone_have_their_title_in_italics(self):
        runs = apa.cite(reference(complete_record(type="report", title="Un informe")), "es")
        assert [run.text for run in runs if run.italic] == ["Un informe"]

    @pytest.mark.parametrize(
        ("families", "spanish", "english"),
        [
            (["A", "B"], "A, A., y B, A.", "A, A., & B, A."),
            (["A", "Ibarra"], "A, A., e Ibarra, A.", "A, A., & Ibarra, A."),
            (["A", "B", "C"], "A, A., B, A., y C, A.", "A, A., B, A., & C, A."),
        ],
    )
    def test_authors_are_joined_by_the_word_of_the_language(self, families, spanish, english):
        assert self.plain("es", authors=people(*families)).startswith(f"{spanish} (2021).")
        assert self.plain("en", authors=people(*families)).startswith(f"{english} (2021).")

    def test_twenty_authors_are_all_named_and_of_more_the_last_follows_three_dots(self):
        families = [f"N{letter}" for letter in "abcdefghijklmnopqrstu"]
        assert "Ns, A., y Nt, A. (2021)." in self.plain(authors=people(*families[:20]))
        assert "Ns, A., . . . Nu, A. (2021)." in self.plain(authors=people(*families))
        assert "Nt" not in self.plain(authors=people(*families))

    @pytest.mark.parametrize(
        ("name", "written"),
        [
            (author("Ommeren", "Mark", non_dropping_particle="van"), "van Ommeren, M. (2021)."),
            (author("Barros", "Érika Neves", dropping_particle="de"), "Barros, É. N. de. (2021)."),
            (author("Thorpe", "Roland J., Jr."), "Thorpe, R. J., Jr. (2021)."),
            (institution("Defensoría del Pueblo"), "Defensoría del Pueblo. (2021)."),
            (author("Romero", None), "Romero. (2021)."),
        ],
    )
    def test_each_kind_of_name(self, name, written):
        assert self.plain(authors=(name,)).startswith(written)

    def test_without_an_author_the_title_comes_first(self):
        assert self.plain(authors=()).startswith("Un título. (2021). Revista de Prueba.")

    def test_without_a_year_it_says_so(self):
        assert "(s. f.)." in self.plain("es", year=None)
        assert "(n.d.)." in self.plain("en", year=None)

    def test_a_question_gets_no_full_stop(self):
        assert "¿Funciona? Revista" in self.plain(title="¿Funciona?")

    def test_a_publisher_who_is_the_author_is_not_named_again(self):
        text = self.plain(type="report", container_title=None, publisher="INEI", authors=(institution("INEI"),))
        assert text == "INEI. (2021). Un título."

    def test_the_doi_stands_before_any_other_address(self):
        assert self.plain(doi="10.1234/a", url="https://x.pe").endswith(" https://doi.org/10.1234/a")
        assert self.plain(url="https://x.pe/a").endswith(" https://x.pe/a")


class TestRegistry:
    def test_each_format_is_found_by_its_extension(self):
        assert list(FORMATS) == ["ris", "bib", "json"]
        assert all(FORMATS[ext].ext == ext for ext in FORMATS)
