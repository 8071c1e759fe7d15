"""Standard numbers of journals, books, people and institutions, checked by their check digits. Pure: text in, text out.

Every function takes a number as people write it, also as an address, and returns it in the form in which the bank
stores it, or None if `text` is no such number.
"""

from __future__ import annotations

import re

# ASCII alone: without it Arabic figures pass for digits, and a long s for an s.
_ISSN = re.compile(r"(?:e|p|l)?-?(?:issn)?[\s:]*(\d{4})[-‐‑–]?(\d{3}[\dX])", re.IGNORECASE | re.ASCII)
_ISBN_LABEL = re.compile(r"^(?:urn:)?isbn(?:-?1[03])?[\s:]*", re.IGNORECASE | re.ASCII)
_ORCID = re.compile(
    r"(?:https?://)?(?:www\.)?(?:orcid\.org/|orcid:\s*)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])/?",
    re.IGNORECASE | re.ASCII,
)
_ROR = re.compile(r"(?:https?://)?(?:www\.)?(?:ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})/?", re.IGNORECASE | re.ASCII)
_PMID = re.compile(r"(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/|pmid[\s:]*)?([1-9]\d{0,8})/?", re.IGNORECASE | re.ASCII)
_BASE_32 = "0123456789abcdefghjkmnpqrstvwxyz"


def normalize_issn(text: str) -> str | None:
    """Return an ISSN as `1234-567X` (ISO 3297: digits weighted 8 to 2, modulo 11)."""
    found = _ISSN.fullmatch(text.strip())
    if not found:
        return None
    digits = (found[1] + found[2]).upper()
    total = sum(int(digit) * weight for digit, weight in zip(digits[:7], range(8, 1, -1), strict=True))
    return f"{digits[:4]}-{digits[4:]}" if digits[7] == "0123456789X"[-total % 11] else None


def normalize_isbn(text: str) -> str | None:
    """Return an ISBN as its thirteen digits without hyphens; one of ten digits becomes that of thirteen (ISO 2108)."""
    digits = re.sub(r"[\s‐‑–-]", "", _ISBN_LABEL.sub("", text.strip())).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
        if digits[9] != "0123456789X"[-total % 11]:
            return None
        digits = f"978{digits[:9]}"
        return digits + _ean_digit(digits)
    is_isbn = re.fullmatch(r"97[89][0-9]{10}", digits) is not None and digits[12] == _ean_digit(digits[:12])
    return digits if is_isbn else None


def normalize_orcid(text: str) -> str | None:
    """Return an ORCID as `0000-0002-1825-0097` (ISO 7064, modulo 11-2), without its address."""
    found = _ORCID.fullmatch(text.strip())
    if not found:
        return None
    digits = "".join(found.groups()).upper()
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    if digits[15] != "0123456789X"[(12 - total % 11) % 11]:
        return None
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def normalize_ror(text: str) -> str | None:
    """Return a ROR identifier as its nine signs, without its address.

    The last two are the check digits of ISO 7064 (modulo 97-10) on the others, read in Crockford's base 32.
    """
    found = _ROR.fullmatch(text.strip())
    if not found:
        return None
    signs = found[1].lower()
    number = 0
    for sign in signs[:7]:
        number = number * 32 + _BASE_32.index(sign)
    return signs if int(signs[7:]) == 98 - number * 100 % 97 else None


def normalize_pmid(text: str) -> str | None:
    """Return a PubMed number as its digits. It has no check digit."""
    found = _PMID.fullmatch(text.strip())
    return found[1] if found else None


def orcid_address(orcid: str) -> str:
    """Return the address of a person by a normalized ORCID."""
    return f"https://orcid.org/{orcid}"


def ror_address(ror: str) -> str:
    """Return the address of an institution by a normalized ROR identifier."""
    return f"https://ror.org/{ror}"


def pmid_address(pmid: str) -> str:
    """Return the page of a normalized PubMed number."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def _ean_digit(twelve: str) -> str:
    """Return the check digit of an EAN: digits weighted 1 and 3 in turn, modulo 10."""
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve)) % 10)
