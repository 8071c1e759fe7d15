"""Made-up works that show the rules of the citation styles, each case named by its rule; see the golden files."""

from __future__ import annotations

import datetime
from typing import Any

from studies.citations.reference import Reference, make_reference
from tests.studies.records_factory import author, complete_record, institution

ON = datetime.date(2026, 11, 26)

QUISPE = author("Quispe", "Ana María")
DIAZ = author("Díaz", "Rosa")
IBARRA = author("Ibarra", "Iris")
VAN_OMMEREN = author("Ommeren", "Mark", non_dropping_particle="van")
DE_BARROS = author("Barros", "Érika Neves", dropping_particle="de")
DE_LA_CRUZ = author("Cruz Ñaupari", "Juan José", non_dropping_particle="de la")
THORPE = author("Thorpe", "Roland J., Jr.")
TEAM = tuple(author(f"N{letter}", f"{letter.upper()}.") for letter in "abcdefghijklmnopqrstuvwxyz")

JOURNAL: dict[str, Any] = {"type": "article-journal", "title": "Un título con nombre", "authors": (QUISPE, DIAZ)}
REPORT: dict[str, Any] = {
    "type": "report",
    "title": "Un informe",
    "authors": (QUISPE,),
    "container_title": "Avances de Investigación",
    "publisher": "GRADE",
    "number": "19",
    **dict.fromkeys(("volume", "issue", "pages", "doi")),
    "url": "https://example.org/informe",
}
PAPER = {**REPORT, "type": "article", "title": "Un documento"}
BOOK = {**REPORT, "type": "book", "title": "Un libro", "container_title": None, "number": None, "publisher": "IEP"}
CHAPTER = {**BOOK, "type": "chapter", "title": "Un capítulo", "container_title": "Un libro", "pages": "321-328"}
THESIS = {**BOOK, "type": "thesis", "title": "Una tesis", "publisher": "Pontificia Universidad Católica del Perú"}
PAGE = {**REPORT, "type": "webpage", "container_title": None, "publisher": "AEA RCT Registry", "number": "AEARCTR-1"}

EVERY_TYPE: list[tuple[str, dict[str, Any]]] = [
    ("article", JOURNAL),
    ("report", REPORT),
    ("working paper", PAPER),
    ("book", BOOK),
    ("chapter", CHAPTER),
    ("thesis", THESIS),
    ("web page", PAGE),
]

CASES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "apa": [
        *((f"chapter 10, {name}", changes) for name, changes in EVERY_TYPE),
        ("9.8, one author", {**JOURNAL, "authors": (QUISPE,)}),
        ("9.8, a conjunction before the last; in Spanish by its sound", {**JOURNAL, "authors": (QUISPE, IBARRA)}),
        ("9.8, twenty authors are all named", {**JOURNAL, "authors": TEAM[:20]}),
        ("9.8, of twenty-one the first nineteen and the last", {**JOURNAL, "authors": TEAM[:21]}),
        ("8.17, three authors in the text", {**JOURNAL, "authors": TEAM[:3]}),
        ("9.9, a particle that stays with the name", {**JOURNAL, "authors": (VAN_OMMEREN,)}),
        ("9.9, a particle that is dropped", {**JOURNAL, "authors": (DE_BARROS,)}),
        ("9.9, particle and two family names", {**JOURNAL, "authors": (DE_LA_CRUZ,)}),
        ("9.8, a suffix behind the initials", {**JOURNAL, "authors": (THORPE,)}),
        ("9.11, an institution in full", {**REPORT, "authors": (institution("Defensoría del Pueblo"),)}),
        ("9.12, no author: the title comes first", {**JOURNAL, "authors": (), "title": "La ruta: un estudio de todo"}),
        ("9.12, no author of a work that stands alone", {**BOOK, "authors": ()}),
        ("9.17, no date", {**JOURNAL, "year": None}),
        ("9.19, a question keeps its mark", {**JOURNAL, "title": "¿Funciona?"}),
        ("9.19, a report with a number of its own", {**REPORT, "number": "IDB-TN-1387"}),
        ("9.25, an issue without volume", {**JOURNAL, "volume": None}),
        ("9.27, a number in place of pages", {**JOURNAL, "pages": "e0192756"}),
        ("9.27, a number of an article without pages", {**JOURNAL, "pages": None, "number": "9624"}),
        (
            "9.29, a publisher who is the author is not named again",
            {**REPORT, "authors": (institution("INEI"),), "publisher": "INEI", "container_title": None, "number": None},
        ),
        ("9.29, several publishers", {**BOOK, "publisher": "PROMSEX; ANESVAD"}),
        ("9.34, the DOI before any other address", {**JOURNAL, "url": "https://example.org/otra"}),
        ("10.4, a working paper without number", {**PAPER, "number": None, "container_title": None}),
    ],
    "vancouver": [
        *((f"ICMJE, {name}", changes) for name, changes in EVERY_TYPE),
        ("ICMJE 1, six authors are all named", {**JOURNAL, "authors": TEAM[:6]}),
        ("ICMJE 1, of seven the first six", {**JOURNAL, "authors": TEAM[:7]}),
        ("ICMJE 2, an institution", {**REPORT, "authors": (institution("Defensoría del Pueblo"),)}),
        (
            "ICMJE 3, names with commas are parted by semicolons",
            {**JOURNAL, "authors": (QUISPE, institution("Save, Rescue and Care"))},
        ),
        ("Citing Medicine 1, two initials at most", {**JOURNAL, "authors": (author("Soto", "Ana Eva Inés"),)}),
        ("Citing Medicine 1, a compound given name", {**JOURNAL, "authors": (author("Roy", "Jean-Paul"),)}),
        ("Citing Medicine 1, particles", {**JOURNAL, "authors": (VAN_OMMEREN, DE_BARROS, DE_LA_CRUZ)}),
        ("Citing Medicine 1, rank without points", {**JOURNAL, "authors": (THORPE, author("Lee", "Bo, III"))}),
        ("Citing Medicine 1, pages shortened", {**JOURNAL, "pages": "284-287"}),
        ("Citing Medicine 1, a number in place of pages", {**JOURNAL, "pages": "e0192756"}),
        ("Citing Medicine 1, no author", {**JOURNAL, "authors": ()}),
        ("Citing Medicine 2, the first of several publishers", {**BOOK, "publisher": "PROMSEX; ANESVAD"}),
        ("Citing Medicine 2, date unknown", {**BOOK, "year": None}),
        ("Citing Medicine 4, report with a number without series", {**REPORT, "container_title": None}),
        ("Citing Medicine 23, an article online without DOI", {**JOURNAL, "doi": None, "url": "https://example.org/a"}),
        ("ICMJE 5, a work in another language", {**JOURNAL, "language": "pt", "title": "Um título"}),
        ("a question keeps its mark", {**JOURNAL, "title": "¿Funciona?"}),
    ],
    "chicago": [
        *((f"chapter 15, {name}", changes) for name, changes in EVERY_TYPE),
        ("15.9, three authors", {**JOURNAL, "authors": (QUISPE, DIAZ, IBARRA)}),
        ("15.9, ten authors are all named", {**JOURNAL, "authors": TEAM[:10]}),
        ("15.9, of eleven the first seven", {**JOURNAL, "authors": TEAM[:11]}),
        ("15.29, four authors in the text", {**JOURNAL, "authors": TEAM[:4]}),
        ("16.71, a particle behind the given name", {**JOURNAL, "authors": (VAN_OMMEREN, DE_LA_CRUZ)}),
        ("16.71, a particle that is dropped", {**JOURNAL, "authors": (DE_BARROS,)}),
        ("6.43, a suffix", {**JOURNAL, "authors": (THORPE, THORPE)}),
        ("15.36, an institution", {**REPORT, "authors": (institution("Defensoría del Pueblo"),)}),
        ("15.34, no author", {**JOURNAL, "authors": (), "title": "La ruta: un estudio de todo"}),
        ("15.44, no date", {**JOURNAL, "year": None}),
        ("15.50, a page without date says when it was read", {**PAGE, "year": None}),
        ("15.48, a volume without issue", {**JOURNAL, "issue": None}),
        ("15.48, an issue without volume", {**JOURNAL, "volume": None}),
        ("9.61, pages shortened in English only", {**JOURNAL, "pages": "1496-1500"}),
        (
            "8.159, headline style for English titles",
            {**JOURNAL, "language": "en", "title": "Violence against women in sub-Saharan Africa: a trial of IPV"},
        ),
        ("13.30, quotation marks within a title", {**JOURNAL, "title": 'Lo que dice "nadie" y «todos»'}),
        ("6.9, a question keeps its mark", {**JOURNAL, "title": "¿Funciona?"}),
        ("14.218, a working paper without series", {**PAPER, "container_title": None}),
    ],
    "iso690": [
        *((f"name and date, {name}", changes) for name, changes in EVERY_TYPE),
        ("names in capitals, all inverted", {**JOURNAL, "authors": (QUISPE, DIAZ, IBARRA)}),
        ("ten authors are all named", {**JOURNAL, "authors": TEAM[:10]}),
        ("of eleven the first", {**JOURNAL, "authors": TEAM[:11]}),
        ("particles and suffix", {**JOURNAL, "authors": (VAN_OMMEREN, DE_BARROS, DE_LA_CRUZ, THORPE)}),
        ("an institution", {**REPORT, "authors": (institution("Defensoría del Pueblo"),)}),
        ("no author", {**JOURNAL, "authors": (), "title": "La ruta: un estudio de todo"}),
        ("no date", {**JOURNAL, "year": None}),
        ("an issue without volume begins with a capital", {**JOURNAL, "volume": None}),
        ("a number in place of pages", {**JOURNAL, "pages": "e0192756"}),
        ("an article without DOI says when it was read", {**JOURNAL, "doi": None, "url": "https://example.org/a"}),
        ("nothing online: no medium", {**BOOK, "url": None}),
        ("a working paper without series says what it is", {**PAPER, "container_title": None}),
    ],
}


def case_reference(changes: dict[str, Any], language: str) -> Reference:
    """Make the reference of a case, taken on the day of the golden files."""
    return make_reference(complete_record(**changes), language=language, on=ON)
