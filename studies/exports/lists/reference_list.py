"""Lists of references in a citation style: what they say, whatever the file. Each format writes a `ReferenceList`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studies.citations import reference
from studies.citations.bibliography import BibliographyEntry, iterate_entries
from studies.citations.styles.registry import STYLES
from studies.citations.styles.words import format_long_date
from studies.exports.asked import Asked
from studies.records.study import StudyRecord

_WORDS = {
    "es": {
        "title": "Lista de referencias",
        "taken": "Tomada del Banco de Evidencias el {day}.",
        "undated": "Tomada del Banco de Evidencias.",
        "in-text": "En el texto:",
        "empty": "La lista no tiene ningún estudio.",
    },
    "en": {
        "title": "List of references",
        "taken": "Taken from the Banco de Evidencias on {day}.",
        "undated": "Taken from the Banco de Evidencias.",
        "in-text": "In the text:",
        "empty": "The list holds no study.",
    },
}


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """A list in words. `entries` can be read once; `is_numbered` says whether their numbers are part of the style."""

    language: str
    title: str
    about: tuple[str, ...]
    address: str
    in_text_label: str
    empty: str
    is_numbered: bool
    entries: Iterator[BibliographyEntry]


def reference_list(records: Iterable[StudyRecord], asked: Asked) -> ReferenceList:
    """Make the list of `records` in the style asked for; nothing is read before the entries are."""
    language = "en" if asked.language == "en" else "es"
    style, words = STYLES[asked.style], _WORDS[language]
    references = (reference.make_reference(record, language=language, on=asked.on) for record in records)
    taken = words["taken"].format(day=format_long_date(asked.on, language)) if asked.on else words["undated"]
    return ReferenceList(
        language=language,
        title=words["title"],
        about=(f"{style.label(language)}.", taken),
        address=asked.address,
        in_text_label=words["in-text"],
        empty=words["empty"],
        is_numbered=style.cite_in_text is None,
        entries=iterate_entries(references, style, language),
    )
