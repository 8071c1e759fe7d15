import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studies.text.identifiers import (
    doi_address,
    is_document_mirror,
    is_normalized_doi,
    is_web_address,
    make_slug,
    normalize_doi,
)
from tests.studies.records_factory import fixture_studies


class TestR3BareDoi:
    @pytest.mark.parametrize(
        "text",
        [
            "10.1186/s12916-014-0122-5",
            "10.1186/S12916-014-0122-5",
            "  10.1186/s12916-014-0122-5.\n",
            "https://doi.org/10.1186/s12916-014-0122-5",
            "http://dx.doi.org/10.1186/s12916-014-0122-5",
            "HTTPS://DOI.ORG/10.1186/s12916-014-0122-5",
            "doi.org/10.1186/s12916-014-0122-5",
            "https://doi.org/10.1186%2Fs12916-014-0122-5",
            "https://doi.org/10.1186/s12916-014-0122-5?utm_source=boletin#abstract",
            "doi:10.1186/s12916-014-0122-5",
            "DOI: 10.1186/s12916-014-0122-5,",
            "DOI 10.1186/s12916-014-0122-5",
            "info:doi/10.1186/s12916-014-0122-5",
            "urn:doi:10.1186/s12916-014-0122-5",
            "<10.1186/s12916-014-0122-5>",
            "(10.1186/s12916-014-0122-5).",
            "“10.1186/s12916-014-0122-5”",
        ],
    )
    def test_every_form_leads_to_the_bare_one(self, text):
        assert normalize_doi(text) == "10.1186/s12916-014-0122-5"

    @pytest.mark.parametrize(
        ("text", "doi"),
        [
            ("10.1016/S0140-6736(06)69744-4", "10.1016/s0140-6736(06)69744-4"),
            ("(10.1016/S0277-9536(00)00056-3)", "10.1016/s0277-9536(00)00056-3"),
            ("10.1002/(SICI)1099(199601)99:1<1::AID>3.0.CO;2-1", "10.1002/(sici)1099(199601)99:1<1::aid>3.0.co;2-1"),
            ("https://doi.org/10.1002/a%3Cb%3E", "10.1002/a<b>"),
        ],
    )
    def test_brackets_that_the_doi_opened_stay(self, text, doi):
        assert normalize_doi(text) == doi

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "10.1186",
            "10.1186/",
            "10.12/abc",
            "11.1186/abc",
            "10.1186/a b",
            "véase 10.1186/abc",
            "https://link.springer.com/article/10.1186/abc/pdf",
            "10.1186/abc\x00",
            "10.1186/%FF",
            "10.1186/" + "a" * 3000,
        ],
    )
    def test_what_is_no_doi_is_none(self, text):
        assert normalize_doi(text) is None

    @given(st.one_of(st.text(), st.from_regex(r"(https://doi\.org/|doi:)?10\.[0-9]{4}/[!-~é“]+", fullmatch=True)))
    @example("10.1234/a%252541")
    @example("10.1234/<>")
    def test_a_bare_doi_stays_as_it_is(self, text):
        doi = normalize_doi(text)
        assert doi is None or (normalize_doi(doi) == doi and is_normalized_doi(doi))

    @given(st.from_regex(r"10\.[0-9]{4}/[a-z0-9<>();:#?._-]*[a-z0-9]", fullmatch=True))
    def test_its_address_leads_back_to_it(self, doi):
        assert normalize_doi(doi_address(doi)) == doi
        assert is_web_address(doi_address(doi))

    def test_all_real_dois_are_stored_bare(self):
        assert [
            study.doi for study in fixture_studies() if study.doi is not None and not is_normalized_doi(study.doi)
        ] == []


class TestSlugs:
    def test_a_slug_is_name_year_and_two_words(self):
        slug = make_slug("Hidrobo", 2016, "The Effect of Cash Vouchers in Ecuador", lambda slug: False)
        assert slug == "hidrobo-2016-cash-vouchers"

    def test_accents_and_signs_become_plain_letters(self):
        slug = make_slug("Núñez O’Brien", 2020, "¿Qué pasó en Perú's niños?", lambda slug: False)
        assert slug == "nunez-obrien-2020-paso-perus"

    def test_a_taken_slug_gets_another_word_and_then_a_number(self):
        assert make_slug("Díaz", 2020, "Salud rural andina", {"diaz-2020-salud-rural"}.__contains__) == (
            "diaz-2020-salud-rural-andina"
        )
        taken = {"diaz-2020-salud", "diaz-2020-salud-2"}
        assert make_slug("Díaz", 2020, "Salud", taken.__contains__) == "diaz-2020-salud-3"

    def test_without_anything_to_go_by_there_still_is_one(self):
        assert make_slug(None, None, "研究", lambda slug: False) == "study"

    @given(st.text(), st.none() | st.integers(1900, 2030), st.text(), st.sets(st.text(max_size=3)))
    def test_a_slug_is_always_an_address(self, family, year, title, taken):
        slug = make_slug(family, year, title, taken.__contains__)
        assert slug not in taken
        assert slug.isascii()
        assert slug == "-".join(part for part in slug.split("-") if part.isalnum())
        assert len(slug) <= 75


class TestWebAddresses:
    @pytest.mark.parametrize("text", ["https://www.gob.pe/mimp", "http://x.pe/ñandú?q=1&b=2#c", "https://[::1]/"])
    def test_addresses_of_the_web_may_stand_in_links(self, text):
        assert is_web_address(text)

    @pytest.mark.parametrize(
        "text",
        ["", "x", "//x.pe", "javascript:alert(1)", "JaVaScRiPt://x.pe/%0aalert(1)", "data:text/html,x", "https://",
         "https:///a", "https://x.pe/\n", 'https://x.pe/"onclick', "https://x.pe/<b>", "http://[x", " https://x.pe"],
    )  # fmt: skip
    def test_nothing_else_may(self, text):
        assert not is_web_address(text)


class TestCopies:
    @pytest.mark.parametrize(
        "url",
        [
            "https://www.scribd.com/document/1",
            "https://es.scribd.com/document/1",
            "http://docslib.org/doc/1",
            "https://www.researchgate.net/publication/1",
        ],
    )
    def test_are_known_by_the_host_of_whatever_language(self, url):
        assert is_document_mirror(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://doi.org/10.1/scribd.com",
            "https://notscribd.com/1",
            "https://scribd.com.example/1",
            "x",
            "http://[",
            "",
        ],
    )
    def test_are_not_guessed_from_other_parts_of_an_address(self, url):
        assert not is_document_mirror(url)
