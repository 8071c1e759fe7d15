"""How other programs name types of publications in tables."""

from __future__ import annotations

import re

from studies.text.normalize import fold_text

_NAMES = {
    "article-journal": """
        journalArticle; Journal Article; JournalArticle; Article; Artículo; Artículo de revista; Article in Press;
        Review; Editorial; Letter; Note; Short Survey; Erratum; Data Paper; magazineArticle; newspaperArticle;
        Journal; JOUR; J; Meeting Abstract; Conference Abstract; Early Access; Systematic Review; Clinical Trial;
        Academic Journal; Randomized Controlled Trial; Meta-Analysis; Scholarly Journal; Book Review
    """,
    "chapter": """
        bookSection; Book Chapter; Book Section; incollection; inbook; inproceedings; conference; Proceedings Paper;
        CHAP; CONF; Chapter; encyclopediaArticle; Capítulo de libro
    """,
    "article": """
        preprint; Working paper; Conference Paper; conferencePaper; unpublished; manuscript; Unpublished Work; UNPB;
        CPAPER; Documento de trabajo; posted-content
    """,
    "report": "techreport; RPRT; Government Document; GOVDOC; Research Report; Informe; document",
    "book": "BOOK; B; Monograph; Libro; Edited Book; Whole book",
    "thesis": "phdthesis; mastersthesis; THES; Dissertation; Dissertation/Thesis; Doctoral thesis; Tesis",
    "webpage": "ELEC; Web Page; Website; blogPost; online; Página web",
}
_OURS = {fold_text(name): code for code, names in _NAMES.items() for name in names.split(";")}


def find_type(written: str) -> str | None:
    """Return our type for that of another program, of several ("Article; Early Access") for the first that is known.

    The code of a working paper, "article" in small letters, is none of theirs.
    """
    parts = re.split("[;,|]", written)
    return next((code for part in parts if part != "article" and (code := _OURS.get(fold_text(part)))), None)
