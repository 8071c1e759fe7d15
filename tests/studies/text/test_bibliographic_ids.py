"""Standard numbers: each form that people write, the one form that is kept, and check digits that do not fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.text.bibliographic_ids import (
    normalize_isbn,
    normalize_issn,
    normalize_orcid,
    normalize_pmid,
    normalize_ror,
)

# The examples of the standards' own pages.
KEPT = {
    normalize_issn: "0378-5955",
    normalize_isbn: "9780306406157",
    normalize_orcid: "0000-0002-1825-0097",
    normalize_ror: "02mhbdp94",
    normalize_pmid: "31217198",
}
WRITTEN: list[tuple[Callable[[str], str | None], str]] = [
    (normalize_issn, "03785955"),
    (normalize_issn, "ISSN: 0378-5955"),
    (normalize_issn, "eISSN 0378-5955"),
    (normalize_issn, " 0378–5955 "),
    (normalize_isbn, "0-306-40615-2"),
    (normalize_isbn, "ISBN-13: 978-0-306-40615-7"),
    (normalize_isbn, "urn:isbn:0306406152"),
    (normalize_orcid, "https://orcid.org/0000-0002-1825-0097"),
    (normalize_orcid, "orcid.org/0000-0002-1825-0097/"),
    (normalize_orcid, "0000000218250097"),
    (normalize_ror, "https://ror.org/02mhbdp94"),
    (normalize_ror, "02MHBDP94"),
    (normalize_pmid, "PMID: 31217198"),
    (normalize_pmid, "https://pubmed.ncbi.nlm.nih.gov/31217198/"),
]
CHECKED = [normalize_issn, normalize_isbn, normalize_orcid]


@pytest.mark.parametrize(("normalize", "written"), WRITTEN)
def test_every_form_becomes_the_one_that_is_kept(normalize: Callable[[str], str | None], written: str):
    assert normalize(written) == KEPT[normalize]


@pytest.mark.parametrize("normalize", KEPT)
def test_what_is_kept_stays_as_it_is(normalize: Callable[[str], str | None]):
    assert normalize(KEPT[normalize]) == KEPT[normalize]


@pytest.mark.parametrize("normalize", CHECKED)
def test_one_wrong_digit_is_found_wherever_it_stands(normalize: Callable[[str], str | None]):
    right = KEPT[normalize]
    for place, sign in enumerate(right):
        if sign.isdigit():
            wrong = right[:place] + str((int(sign) + 1) % 10) + right[place + 1 :]
            assert normalize(wrong) is None, wrong


def test_an_x_stands_for_ten():
    assert normalize_issn("2434-561x") == "2434-561X"
    assert normalize_isbn("0-8044-2957-X") == "9780804429573"
    assert normalize_orcid("0000-0002-1694-233X") == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    ("normalize", "text"),
    [
        (normalize_issn, "0378-5955-1"),
        (normalize_isbn, "9790306406157x"),
        (normalize_isbn, "5010029020519"),
        (normalize_ror, "02mhbdp95"),
        (normalize_ror, "https://ror.org/02mhbdpi4"),
        (normalize_pmid, "PMC1234567"),
        (normalize_pmid, "0"),
        (normalize_orcid, "https://example.org/0000-0002-1825-0097"),
        (normalize_ror, "0ſ1234512"),
        (normalize_orcid, "٠٠٠٠-0002-1825-0097"),
        (normalize_issn, "١٠٤٤-1247"),
        (normalize_isbn, "٩780306406157"),
        (normalize_pmid, "1٢٣"),
    ],
)
def test_what_is_no_such_number_is_none(normalize: Callable[[str], str | None], text: str):
    assert normalize(text) is None


@given(st.text(max_size=40))
def test_any_text_is_a_number_that_stays_or_none(text: str):
    for normalize in KEPT:
        number = normalize(text)
        assert number is None or normalize(number) == number
