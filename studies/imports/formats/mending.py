"""Makes a reference of the fields that a format found: each is mended, or dropped with a note; the reference stays.

The bank's own JSONL alone does without: there a value that cannot be held refuses its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from studies.imports.formats.base import Json, ParsedReference, format_thousands
from studies.imports.formats.field_values import read_addresses, read_doi, read_year
from studies.imports.formats.plain_text import known_text, plain_text
from studies.imports.formats.standard_numbers import find_isbns, find_issns, read_month_and_day
from studies.records.json_record import fields_of
from studies.records.study import StudyRecord
from studies.text.bibliographic_ids import normalize_pmid

MOST_AUTHORS = 100
"""As many as the curators' form holds; the first are taken, and the curator is told."""
MOST_EDITORS = 20
_LONGEST_TITLE = 2_000
_LONGEST_OTHER = 1_000
_NAMES = {
    "container_title": "La revista o libro",
    "publisher": "La editorial o institución",
    "volume": "El volumen",
    "issue": "El número de la revista",
    "pages": "Las páginas",
    "number": "El número de la serie",
    "place": "El lugar de publicación",
    "edition": "La edición",
    "conference": "El congreso",
    "text_license": "La licencia del texto",
    "open_copy": "La dirección de la copia",
    "doi": "El DOI",
    "url": "La dirección",
    "language": "El idioma",
    "type": "El tipo",
}
"""How the notes name a field whose length is bounded."""
_LONGEST_PARTS = {"literal": 500, "non-dropping-particle": 50, "dropping-particle": 50}
_LONGEST_NAME = 200
_DAMAGED = re.compile("Ã[\u0080-\u00bf©¡­³º±]|â€|Â[¿¡«»]")


def make_reference(
    fields: Json, keywords: Iterable[str] = (), abstract: str = "", notes: Iterable[str] = ()
) -> ParsedReference:
    """Return a reference without its empty values. `year` and `doi` may be as the file has them, `url` a list.

    `numbers` are texts that hold ISSN and ISBN, `date` a whole date: what they tell is taken, the rest is left.
    """
    told = list(notes)
    kept = {key: known_text(value) if isinstance(value, str) else value for key, value in fields.items()}
    _read_standard_numbers(kept)
    _read_date(kept)
    kept["year"], note_on_year = read_year(kept.get("year"))
    kept["doi"], note_on_doi = read_doi(kept.get("doi"))
    told += (note_on_year, note_on_doi, _mend_address(kept))
    told += (_cut_title(kept), *_drop_long_values(kept), *_mend_authors(kept))
    told += _describe_damage(kept)
    words = (plain_text(keyword).strip(" *.,;:") for keyword in keywords)
    return ParsedReference(
        {key: value for key, value in kept.items() if value not in (None, "", [], ())},
        tuple(dict.fromkeys(filter(known_text, words))),
        known_text(abstract),
        tuple(filter(None, told)),
    )


def _read_standard_numbers(fields: Json) -> None:
    texts = [known_text(text) for text in fields.pop("numbers", None) or []]
    fields["issn"] = fields.get("issn") or find_issns(texts)
    fields["isbn"] = fields.get("isbn") or find_isbns(texts)
    fields["pmid"] = normalize_pmid(fields.get("pmid") or "")


def _read_date(fields: Json) -> None:
    month, day = read_month_and_day(known_text(fields.pop("date", None) or ""))
    if fields.get("month") is None:
        fields["month"], fields["day"] = month, day
    if fields["month"] is None:
        fields["day"] = None


def _mend_address(fields: Json) -> str:
    """Keep the first address that leads to a page; one that leads to a DOI gives the DOI, if there is none yet."""
    given = fields.get("url") or []
    texts = list(filter(None, map(known_text, given if isinstance(given, list) else [given])))
    fields["url"], found = read_addresses(texts)
    fields["doi"] = fields.get("doi") or found
    if fields["url"] or found or not texts:
        return ""
    return f"«{texts[0][:80]}» no es una dirección completa de la web y no se tomó."


def _cut_title(fields: Json) -> str:
    title = fields.get("title")
    if not isinstance(title, str) or len(title) <= _LONGEST_TITLE:
        return ""
    fields["title"] = title[:_LONGEST_TITLE].rstrip()
    return f"El título pasa de {format_thousands(_LONGEST_TITLE)} signos y se cortó."


def _drop_long_values(fields: Json) -> Iterable[str]:
    for key, name in _NAMES.items():
        value, longest = fields.get(key), fields_of(StudyRecord)[key].longest or _LONGEST_OTHER
        if isinstance(value, str) and len(value) > longest:
            fields[key] = None
            yield f"{name} pasa de {format_thousands(longest)} signos y no se tomó: «{value[:40]}…»."


def _mend_authors(fields: Json) -> Iterable[str]:
    authors = fields.get("authors", [])
    for people in ("editors", "translators"):
        # Who stands in for the authors of a book is not named twice.
        named = [] if fields.get(people) == authors else fields.get(people) or []
        fields[people] = [person for person in named if not _is_too_long(person)][:MOST_EDITORS]
    held = [author for author in authors if not _is_too_long(author)]
    if len(held) < len(authors):
        yield "Un autor es más largo que un nombre y no se tomó: revise cómo los separa el archivo."
    if len(held) > MOST_AUTHORS:
        yield f"Tiene {len(held)} autores: se toman los primeros {MOST_AUTHORS}."
    if authors:
        fields["authors"] = held[:MOST_AUTHORS]


def _is_too_long(author: Json) -> bool:
    return any(len(part) > _LONGEST_PARTS.get(key, _LONGEST_NAME) for key, part in author.items())


def _describe_damage(fields: Json) -> Iterable[str]:
    title = fields.get("title") or ""
    if isinstance(title, str) and _DAMAGED.search(title):
        yield "Las tildes del título parecen dañadas: revise con qué codificación se guardó el archivo."
    authors = " ".join(" ".join(author.values()) for author in fields.get("authors") or [])
    texts = {"el título": title, "la autoría": authors, "la revista o libro": fields.get("container_title") or ""}
    if damaged := [name for name, text in texts.items() if "\ufffd" in str(text)]:
        yield f"Tiene signos dañados (�) en {' y '.join(damaged)}: corríjalos en el borrador."
