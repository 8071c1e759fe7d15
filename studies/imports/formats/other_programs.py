"""Tells files that the bank does not read by what they are, with the export that their program offers instead."""

from __future__ import annotations

import re

_MARC = "Es MARC. En el catálogo elija RIS, BibTeX o EndNote."
_KNOWN = (
    (
        r"(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE Pubmed|<PubmedArticle|<MedlineCitation|<pmc-articleset)",
        "Es XML de PubMed. En PubMed elija «Send to», «Citation manager», que da un archivo .nbib.",
    ),
    (
        r"\s*1: [^\n]+\n|1\. [^\n]{3,200}\n(?:[^\n]*\n){1,40}?PMID: \d+",
        "Es una lista de PubMed para leer. En PubMed elija «Save», y en «Format» la opción «PubMed».",
    ),
    (r"(?:<\?xml[^>]*>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:\w+:)?mods", "Es MODS. En su programa elija RIS o BibTeX."),
    (r"(?:<\?xml[^>]*>\s*)?<[^>]{0,300}loc\.gov/MARC21", _MARC),
    (
        r"(?:<\?xml[^>]*>\s*)?<(?:marc:)?(?:collection|record)\b[^>]{0,300}MARC",
        "Es MARC XML. En el catálogo elija RIS.",
    ),
    (r"\d{5}[acdnp][a-z]{2}[ a-z]", _MARC),
    (r"(?:<\?xml[^>]*>\s*)?<rdf:RDF", "Es RDF. En Zotero elija «Exportar», y como formato RIS o CSL JSON."),
    (
        r"(?:<\?xml[^>]*>\s*)?(?:<\?mso-application[^>]*>\s*)?<(?:ss:)?Workbook",
        "Es una tabla de Excel 2003 en XML: ábrala en Excel y guárdela como .xlsx o .csv.",
    ),
    (
        r"(?:<\?xml[^>]*>\s*)?<(?:b:)?Sources",
        "Son las fuentes de Word. Expórtelas desde Zotero o Mendeley.",
    ),
    (
        r"(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE (?:article|TEI)[^>]*>\s*)?<(?:TEI|article)\b",
        "Es el texto de un artículo en XML, no una lista de referencias.",
    ),
    (r"(?:<\?xml[^>]*>\s*)?<(?:feed|rss)\b", "Es un canal de noticias, no una lista de referencias."),
    (r"(?:<\?xml[^>]*>\s*)?<(?:crossref|doi_records|resource)\b", "Es XML de un registro de DOI: pegue aquí los DOI."),
    (r"VN  - Ovid|<\d+\.? ?>[ ]*\n", "Es el texto de Ovid. En Ovid elija «Export» y como formato RIS."),
    (
        r"Scopus\s*\n(?:EXPORT DATE|[^\n]*\n)",
        "Es el texto de Scopus. En Scopus elija «Export», y RIS o CSV.",
    ),
    (
        r"\"?(?:RECORD \d+|TITLE)\"?\s*(?:\n|,\")(?:[^\n]*\n){0,60}?\"?(?:AUTHOR NAMES|SOURCE|PUI)\b",
        "Es el texto de Embase. En Embase elija «Export» y como formato RIS.",
    ),
    (
        r"(?:_{20,}\s*\n\s*)?(?:Document|Documento|Record|Registro) 1 (?:of|de) \d+",
        "Es una lista para leer. En la base de datos elija la exportación en RIS.",
    ),
    (r"(?:_{20,})\s*\n", "Es una lista para leer. En la base de datos elija la exportación en RIS."),
    (r"cff-version:", "Es un CITATION.cff, de una sola obra: escríbala en un registro nuevo."),
    (r"(?:---\s*\n)?references:\s*\n", "Es CSL en YAML. Expórtelo como CSL-JSON."),
    (r"\{\\rtf", "Es un documento con formato (RTF): expórtelo como RIS o BibTeX."),
)
_PATTERNS = tuple(
    (re.compile(rf"\A\s*(?:{pattern})", re.IGNORECASE | re.DOTALL), sentence) for pattern, sentence in _KNOWN
)


def describe(text: str) -> str:
    """Return what a file of another kind is and what to export instead; "" for any other text."""
    start = text[:20_000]
    return next((sentence for pattern, sentence in _PATTERNS if pattern.match(start)), "")
