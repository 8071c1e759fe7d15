import pytest

from studies.citations.reference import make_reference
from studies.citations.runs import to_plain_text
from studies.citations.styles import apa
from tests.studies.records_factory import author, complete_record, institution


def people(*families):
    return tuple(author(family, "Ana") for family in families)


class TestApa:
    def plain_text(self, language="es", **changes):
        base = {"title": "Un título", "volume": None, "issue": None, "pages": None, "doi": None, "url": None}
        return to_plain_text(apa.cite(make_reference(complete_record(**{**base, **changes})), language))

    def test_an_article_has_its_journal_and_volume_in_italics(self):
        runs = apa.cite(make_reference(complete_record()), "es")
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
        assert self.plain_text("es", **changes) == f"Quispe, A. M. (2021). {spanish}"
        assert self.plain_text("en", **changes) == f"Quispe, A. M. (2021). {english}"

    def test_works_that_stand_alone_have_their_title_in_italics(self):
        runs = apa.cite(make_reference(complete_record(type="report", title="Un informe")), "es")
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
        assert self.plain_text("es", authors=people(*families)).startswith(f"{spanish} (2021).")
        assert self.plain_text("en", authors=people(*families)).startswith(f"{english} (2021).")

    def test_twenty_authors_are_all_named_and_of_more_the_last_follows_three_dots(self):
        families = [f"N{letter}" for letter in "abcdefghijklmnopqrstu"]
        assert "Ns, A., y Nt, A. (2021)." in self.plain_text(authors=people(*families[:20]))
        assert "Ns, A., . . . Nu, A. (2021)." in self.plain_text(authors=people(*families))
        assert "Nt" not in self.plain_text(authors=people(*families))

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
        assert self.plain_text(authors=(name,)).startswith(written)

    def test_without_an_author_the_title_comes_first(self):
        assert self.plain_text(authors=()).startswith("Un título. (2021). Revista de Prueba.")

    def test_without_a_year_it_says_so(self):
        assert "(s. f.)." in self.plain_text("es", year=None)
        assert "(n.d.)." in self.plain_text("en", year=None)

    def test_a_question_gets_no_full_stop(self):
        assert "¿Funciona? Revista" in self.plain_text(title="¿Funciona?")

    def test_a_publisher_who_is_the_author_is_not_named_again(self):
        text = self.plain_text(type="report", container_title=None, publisher="INEI", authors=(institution("INEI"),))
        assert text == "INEI. (2021). Un título."

    def test_the_doi_stands_before_any_other_address(self):
        assert self.plain_text(doi="10.1234/a", url="https://x.pe").endswith(" https://doi.org/10.1234/a")
        assert self.plain_text(url="https://x.pe/a").endswith(" https://x.pe/a")
