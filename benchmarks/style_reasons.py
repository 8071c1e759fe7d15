"""Why entries of our citation styles differ from CSL's: each reason makes two entries alike in one point.

The order matters: what one leaves out, the next need not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studies.citations.reference import Reference

Alike = Callable[[str, Reference], str]


@dataclass(frozen=True, slots=True)
class Reason:
    """A point in which ours differs on purpose. `alike(text, reference)` leaves the point out of an entry."""

    text: str
    alike: Alike


def _sub(pattern: str, by: str = "") -> Alike:
    compiled = re.compile(pattern)
    return lambda text, _made: compiled.sub(by, text)


def _without_fields(*names: str) -> Alike:
    """Leave out what fields of the reference say."""

    def alike(text: str, made: Reference) -> str:
        for name in names:
            for part in re.split(r"\s*;\s*", getattr(made, name)):
                for written in (part, part.replace("-", "–"), part.replace(" & ", "&")):
                    text = text.replace(written, "") if written else text
        return text

    return alike


def _plain_signs(text: str, _made: Reference) -> str:
    text = text.replace(". . .", "…").replace(", …", " …")
    return re.sub("[‐‑–—]", "-", re.sub("[\"'‘’“”«»´]+", "'", text))


def _without_article_number(text: str, made: Reference) -> str:
    text = re.sub("Artículo |Article ", "", text)
    return re.sub(rf"[,:]? ?{re.escape(made.number)}(?=\.)", "", text) if made.number else text


def _without_lone_issue(text: str, made: Reference) -> str:
    if made.volume or not made.issue:
        return text
    return re.sub(rf"[,.:;]? ?\*?\(?(?i:n\.º |no\. )?{re.escape(made.issue)}\)?\*?[,:]?", "", text)


def _by_doi(text: str, made: Reference) -> str:
    address = re.escape(made.url)
    text = re.sub(rf"(?i){address}", made.doi, text) if made.doi and made.url else text
    text = re.sub(rf"(?i){re.escape(made.doi)}", made.doi, text) if made.doi else text
    return re.sub(r"doi: |Available from: |Disponible en: |https://doi\.org/| \[Internet\]", "", text)


def _without_last_page(text: str, made: Reference) -> str:
    return re.sub(rf"{re.escape(made.first_page)}[-–]\w+", made.first_page, text) if made.last_page else text


def _small_container(text: str, made: Reference) -> str:
    if not made.container:
        return text
    small = made.container.lower().replace(".", "")
    loose = re.escape(made.container).replace(r"\.", r"\.?")
    return re.sub(f"(?i){loose}", lambda _match: small, text)


def _without_pages(text: str, made: Reference) -> str:
    if not made.pages or (made.container and made.pages.replace("-", "").isdigit()):
        return text
    end = made.last_page[-2:] or made.pages
    return re.sub(rf",? ?(?:pp?\. )?{re.escape(made.first_page)}(?:[-–]\w*{re.escape(end)})?", "", text)


def _small_than_and_plus(text: str, _made: Reference) -> str:
    return text.replace("Than", "than").replace("Plus", "plus")


def _year_once(text: str, made: Reference) -> str:
    return text if made.type != "webpage" else re.sub(rf" {made.year}\.", "", text)


def _without_access(text: str, made: Reference) -> str:
    text = re.sub(
        r"(?i) ?\[(online|en línea)\]| ?\[(viewed|consulta:?|accessed)[^\]]*\]|\b(online|en línea)\.", "", text
    )
    text = re.sub(r"DOI \S+?[.,]?(?= |$)|(Available from|Disponible en): ?|https?://\S+", "", text)
    return text.replace(f" {made.year}.", "").replace(f", {made.year}", "")


def _without_place_in_journal(text: str, made: Reference) -> str:
    text = re.sub(r"(?i)\b(vol|pp|p|nr|no|n)\.(º|o)?\s?|\b(En|In): ", "", text)
    for part in (made.pages, made.issue, made.volume):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "", text.replace("–", "-")) if part else text
    return text


_SIGNS = Reason(
    "CSL's processor makes straight marks and apostrophes of titles curly, turns them with the language, and makes "
    "dashes of hyphens in numbers. Ours prints them as recorded; only marks within marks change (CMOS 13.30).",
    _plain_signs,
)
_SERIES = Reason(
    "CSL leaves out the series, or the number, of a report or paper. Ours names both.",
    _without_fields("series", "number"),
)
_KINDS = Reason(
    "CSL prints the kind of a work as its data have it (`Working paper`), in one language only, or not at all. Ours "
    "says it in the reader's language, where no series does so.",
    _sub(
        r"(?i)\[?\b(documento de trabajo|working papers?|informe|report|tesis en internet|tesis|thesis on the internet|"
        r"thesis)\b\]?( n\.º| no\.)?:?,?"
    ),
)
_PUBLISHERS = Reason(
    "Publishers: APA does not repeat one who is an author (9.29), also among several; Citing Medicine gives the first "
    "alone. CSL prints the field as it is.",
    _without_fields("publisher", "container"),
)
_NUMBER_SIGNS = Reason(
    "The sign of a number is that of the language (`N.º`, `n.º`), in the singular for one number, and none stands "
    "before a number with letters of its own (`IDB-WP-621`).",
    _sub(r"(?i)\bn(\.º|os?\.|\.o)\s?"),
)
_ARTICLE_NUMBERS = Reason(
    "An article with a number in place of pages says so: `Article e1004` (APA 9.27). CSL knows it in another "
    "field only.",
    _without_article_number,
)
_ISSUES = Reason(
    "An issue without a volume stays an issue: `(3)`, `no. 3` (APA 9.26, CMOS 15.48). CSL takes it for a volume, or "
    "parts it from the pages by a comma.",
    _without_lone_issue,
)
_ITALICS = Reason(
    "Italics: ours sets works that stand alone in italics and the titles of parts not (APA 9.19, CMOS 14.220). CSL "
    "decides by fields that these data lack: a report without a number is an article to its Chicago.",
    _sub(r"[*']"),
)
_NAMES_OF_WORKS = Reason(
    "CSL raises letters in the names of journals and sites, whatever their language, and drops points within them.",
    _small_container,
)
_PAGES = Reason(
    "CSL prints pages of works that are in no journal or book, and shortens pages with letters (`S239-49`), which "
    "Citing Medicine writes out (chapter 1).",
    _without_pages,
)
_SHARED = (_NAMES_OF_WORKS, _SERIES, _KINDS, _PUBLISHERS, _PAGES, _NUMBER_SIGNS, _ITALICS)

REASONS: Mapping[str, Sequence[Reason]] = {
    "apa": (
        _SIGNS,
        Reason(
            "Spanish has `y`, and `e` before the sound of i, where English has `&`; CSL keeps `&`. APA's comma before "
            "it stands in Spanish too; between two institutions, whose names are not inverted, CSL has none.",
            _sub(r",? (?:&|y|e) ", " & "),
        ),
        _ARTICLE_NUMBERS,
        _ISSUES,
        *_SHARED,
    ),
    "vancouver": (
        _SIGNS,
        Reason(
            "A work with a DOI is cited by it, without `[Internet]`: `doi: 10.…` (Citing Medicine, chapter 1). CSL "
            "takes every address for a sign that the work was read online, and prints the DOI as an address.",
            _by_doi,
        ),
        Reason(
            "The language of a work is told where a reader would not expect it (ICMJE, sample 5). CSL does not.",
            _sub(r" (Spanish|Portuguese|Portugués)\."),
        ),
        Reason(
            "At most two initials (Citing Medicine, chapter 1). CSL prints all.",
            _sub(r"\b([A-ZÁÉÍÓÚÑ][A-ZÁÉÍÓÚÑ])[A-ZÁÉÍÓÚÑ]+(?=[,.])", r"\1"),
        ),
        _ISSUES,
        _ARTICLE_NUMBERS,
        *_SHARED,
    ),
    "chicago": (
        _SIGNS,
        Reason(
            "Spanish has no comma before `y` in a row of names, but for two authors, whose first is inverted "
            "(Chicago-Deusto), and `e` before the sound of i.",
            _sub(r",? (?:y|e) ", " y "),
        ),
        Reason(
            "In Spanish pages are written out (CMOS 9.62); in English they are shortened by the table of the 17th "
            "edition (9.61: 1496-500), where CSL follows an older one.",
            _without_last_page,
        ),
        Reason(
            "Headline style: CSL keeps `than` and `plus` small; they are no prepositions there (CMOS 8.159).",
            _small_than_and_plus,
        ),
        Reason("The year of a page stands once, behind the author (CMOS 15.50). CSL prints it again.", _year_once),
        _ISSUES,
        _ARTICLE_NUMBERS,
        *_SHARED,
    ),
    "iso690": (
        _SIGNS,
        Reason(
            "Authors: given names as recorded (CSL's Spanish style has initials), up to ten, then the first "
            "and `et al.`",
            _sub(r"^.*?, (?=(?:\d{4}|\[|s\. ?f))"),
        ),
        Reason(
            "Medium, day and place of access: `[online]` for every work with an address, the day only without a DOI. "
            "CSL writes `Online.`, repeats the year, and prints DOI and address side by side.",
            _without_access,
        ),
        Reason(
            "CSL writes `S.l.` and `s.n.` for a place and publisher that are not in the data. Ours claims nothing.",
            _sub(r"(?i)\bs\.\s?[ln]\.:?,?"),
        ),
        Reason(
            "Words and signs of volume, number and pages (`Vol. 12, n.º 3, pp. 45-67`): CSL's two styles differ from "
            "one another in them, and the Spanish one leaves pages out.",
            _without_place_in_journal,
        ),
        *_SHARED,
    ),
}
