"""What metadata formats share: a study to describe, its titles, names and subjects, each text with its language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studies.citations.names import format_family_name
from studies.models import Vocabulary
from studies.records.study import AuthorRecord, StudyRecord
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies

XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANGUAGES = ("es", "en")
ISO_639_3 = {"es": "spa", "en": "eng", "pt": "por", "fr": "fra"}
_VOCABULARIES = {"themes": Vocabulary.THEMES, "interventions": Vocabulary.INTERVENTIONS, **LISTS}
SUBJECTS = tuple(name for name in _VOCABULARIES if name not in ("countries", "data_sources"))
"""What a study is about: interventions in any role, and exposures. Where its data come from is no subject."""


@dataclass(frozen=True, slots=True)
class DescribedStudy:
    """A study to describe: its record, the vocabularies of its codes, and the URLs of its pages by language."""

    record: StudyRecord
    vocabulary: Vocabularies
    pages: Mapping[str, str]


def list_titles(record: StudyRecord) -> list[tuple[str, str]]:
    """Return the title as published, then its translations, each with its language."""
    found = [(record.title, record.language or "")]
    for language, title in (("es", record.title_es), ("en", record.title_en)):
        if title and title != record.title and language != record.language:
            found.append((title, language))
    return found


def list_labels(study: DescribedStudy, lists: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the names of the codes in these lists of a study, each with its language."""
    for name in lists:
        codes = study.record.intervention_codes if name == "interventions" else getattr(study.record, name)
        for code in codes:
            yield from list_label(study, _VOCABULARIES[name], code)


def list_label(study: DescribedStudy, vocabulary: str, code: str | None) -> Iterator[tuple[str, str]]:
    """Yield the names of a code, each with its language; nothing for None."""
    if code:
        term = study.vocabulary.term(vocabulary, code)
        yield from ((term.label(language), language) for language in LANGUAGES)


def full_name(author: AuthorRecord) -> str:
    """Return an institution as it is, a person as "Family, Given"."""
    return author.literal or ", ".join(part for part in (format_family_name(author), author.given) if part)
