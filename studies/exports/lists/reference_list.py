"""The content of a list of references in a citation style, whatever the file format. Each format writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studies.citations import reference
from studies.citations.bibliography import BibliographyEntry, iterate_entries
from studies.citations.styles.registry import STYLES
from studies.citations.styles.words import format_long_date
from studies.exports.options import ExportOptions
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
    """The texts of a list. `entries` can be read once; `is_numbered`: the style prints their numbers."""

    language: str
    title: str
    about: tuple[str, ...]
    address: str
    in_text_label: str
    empty: str
    is_numbered: bool
    entries: Iterator[BibliographyEntry]


def build_reference_list(records: Iterable[StudyRecord], options: ExportOptions) -> ReferenceList:
    """Return the list of `records` in a citation style. No record is read before its entry is."""
    language = "en" if options.language == "en" else "es"
    style, words = STYLES[options.style], _WORDS[language]
    references = (reference.make_reference(record, language=language, on=options.on) for record in records)
    taken = words["taken"].format(day=format_long_date(options.on, language)) if options.on else words["undated"]
    return ReferenceList(
        language=language,
        title=words["title"],
        about=(f"{style.label(language)}.", taken),
        address=options.address,
        in_text_label=words["in-text"],
        empty=words["empty"],
        is_numbered=style.cite_in_text is None,
        entries=iterate_entries(references, style, language),
    )
