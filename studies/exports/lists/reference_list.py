"""The content of a list of references in a citation style, whatever the file format. Each format writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
        "by": "Hecha por {by}.",
        "own": "El título, el nombre y las notas son de quien hizo la lista, no del banco.",
        "note": "Nota:",
    },
    "en": {
        "title": "List of references",
        "taken": "Taken from the Banco de Evidencias on {day}.",
        "undated": "Taken from the Banco de Evidencias.",
        "in-text": "In the text:",
        "empty": "The list holds no study.",
        "by": "Made by {by}.",
        "own": "The title, the name and the notes are by whoever made the list, not by the bank.",
        "note": "Note:",
    },
}


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """The texts of a list. `entries` can be read once; `is_numbered`: the style prints their numbers.

    `notes` are the reader's own, by the key of their entry.
    """

    language: str
    title: str
    about: tuple[str, ...]
    address: str
    in_text_label: str
    empty: str
    is_numbered: bool
    entries: Iterator[BibliographyEntry]
    note_label: str
    notes: Mapping[str, str]

    def note(self, entry: BibliographyEntry) -> str:
        """Return the line of the reader's note on an entry; "" if there is none."""
        note = " ".join(self.notes.get(entry.key, "").split())
        return f"{self.note_label} {note}" if note else ""


def build_reference_list(records: Iterable[StudyRecord], options: ExportOptions) -> ReferenceList:
    """Return the list of `records` in a citation style. No record is read before its entry is."""
    language = "en" if options.language == "en" else "es"
    style, words = STYLES[options.style], _WORDS[language]
    references = (reference.make_reference(record, language=language, on=options.on) for record in records)
    taken = words["taken"].format(day=format_long_date(options.on, language)) if options.on else words["undated"]
    own = options.words
    about = [f"{style.label(language)}.", taken]
    if own.by:
        about.append(words["by"].format(by=own.by.rstrip(".")))
    if own:
        about.append(words["own"])
    return ReferenceList(
        language=language,
        title=own.title or words["title"],
        about=tuple(about),
        address=options.address,
        in_text_label=words["in-text"],
        empty=words["empty"],
        is_numbered=style.cite_in_text is None,
        entries=iterate_entries(references, style, language),
        note_label=words["note"],
        notes=own.notes,
    )
