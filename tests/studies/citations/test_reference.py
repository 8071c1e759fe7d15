import pytest

from studies.citations.reference import make_reference
from tests.studies.records_factory import complete_record


class TestReference:
    def test_the_title_is_the_original_one(self):
        record = complete_record(title="Original", title_es="En español", title_en="In English")
        assert make_reference(record, language="es").title == make_reference(record, language="en").title == "Original"

    def test_the_abstract_is_the_banks_own_and_says_so(self):
        spanish, english = (make_reference(complete_record(), language=language) for language in ("es", "en"))
        assert spanish.abstract.startswith("Un ensayo")
        assert spanish.note == "Resumen escrito por el Banco de Evidencias; no es el resumen publicado."
        assert english.abstract.startswith("A trial")
        assert english.note == "Summary written by the Banco de Evidencias; it is not the published abstract."

    def test_without_a_summary_there_is_no_note(self):
        bare = make_reference(complete_record(summary_es=None, summary_en=None))
        assert (bare.abstract, bare.note) == ("", "")

    def test_a_summary_in_the_other_language_is_better_than_none(self):
        assert make_reference(complete_record(summary_en=None), language="en").abstract.startswith("Un ensayo")

    def test_without_an_address_the_doi_leads_to_the_study(self):
        assert make_reference(complete_record(url=None)).url == "https://doi.org/10.1234/prueba.2021.1"
        assert make_reference(complete_record(url=None, doi=None)).url == ""

    def test_every_value_is_on_one_line(self):
        made = make_reference(complete_record(title="a\r\nb\u2028c\x0bd\te", container_title="x\x85y\x00z"))
        assert (made.title, made.container) == ("a b c d e", "x y z")

    @pytest.mark.parametrize("pages", ["12-34", "12–34", "12 — 34", "12‐34"])
    def test_pages_are_split_at_any_dash(self, pages):
        made = make_reference(complete_record(pages=pages))
        assert (made.first_page, made.last_page) == ("12", "34")

    def test_a_record_without_type_is_an_article_only_with_a_journal(self):
        assert make_reference(complete_record(type=None)).type == "article-journal"
        assert make_reference(complete_record(type=None, container_title=None)).type == "report"
