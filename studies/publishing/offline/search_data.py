"""What the script of the offline copy searches: a text for each study, the thesaurus, and the choices.

The search of the copy is plainer than the bank's: each word, or words of the same meaning, must begin a word of the
study's text; case, accents and plurals do not matter. The script cuts words by the rule of `_stem`, as is done here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studies.models import Vocabulary
from studies.records.study import StudyRecord
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies
from studies.text.normalize import fold_text

CHOICES = {"theme": "themes", "country": "countries", "effect": "effects"}
"""The choices of the copy, and the vocabulary of each."""

_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice with the number of studies that have it."""

    code: str
    label: str
    count: int


def script(records: Iterable[StudyRecord], vocabulary: Vocabularies) -> str:
    """Return a script that defines what is searched, study by study in the order of the list.

    A script and not JSON: a page that was opened from a file may not fetch.
    """
    data = {
        "studies": [{"text": text_of(record, vocabulary), **choices_of(record)} for record in records],
        "meanings": list(meanings(vocabulary)),
    }
    # "</script" cannot occur in a file of its own; U+2028 could end a line of an old engine.
    return f"var BANK = {json.dumps(data, ensure_ascii=True, separators=(',', ':'))};\n"


def text_of(record: StudyRecord, vocabulary: Vocabularies) -> str:
    """Return the words of a study, folded, with a space before each."""
    names = (part for author in record.authors for part in (author.given, author.family, author.literal))
    texts = [
        *(record.title, record.title_es, record.title_en, record.key_finding_es, record.key_finding_en),
        *(record.summary_es, record.summary_en, record.programme, record.container_title, record.publisher),
        *(str(record.year or ""), record.doi, *names, *_labels(record, vocabulary)),
    ]
    return plain(" ".join(text for text in texts if text))


def choices_of(record: StudyRecord) -> dict[str, list[str]]:
    """Return the codes of a study by choice."""
    effects = sorted({finding.effect for finding in record.findings})
    return {"theme": list(record.themes), "country": list(record.countries), "effect": effects}


def choices(name: str, records: Iterable[StudyRecord], vocabulary: Vocabularies, language: str) -> tuple[Choice, ...]:
    """Return what can be chosen, in the order of the vocabulary, and what no study has left out."""
    counts: dict[str, int] = {}
    for record in records:
        for code in choices_of(record)[name]:
            counts[code] = counts.get(code, 0) + 1
    terms = vocabulary.every_term(CHOICES[name])
    return tuple(Choice(term.code, term.label(language), counts[term.code]) for term in terms if term.code in counts)


def meanings(vocabulary: Vocabularies) -> Iterator[list[str]]:
    """Yield the words of each concept that stand for one another, folded; none of those that mean several things."""
    for concept in vocabulary.concepts:
        if concept.is_ambiguous or concept.only_in_capitals or concept.expand == "no":
            continue
        words = sorted({plain(word).strip() for word in (*concept.es, *concept.en)} - {""})
        if len(words) > 1:
            yield words


def plain(text: str) -> str:
    """Return `text` without case, accents and signs, its words cut, parted by single spaces, one before the first."""
    return " " + " ".join(map(_stem, _NO_WORD.sub(" ", fold_text(text)).split()))


def _stem(word: str) -> str:
    """Cut what a plural adds, and the "e" that it adds it to: mujer, mujeres; clase, clases."""
    for end in "se":
        if len(word) > 4:
            word = word.removesuffix(end)
    return word


def _labels(record: StudyRecord, vocabulary: Vocabularies) -> Iterator[str]:
    for name, kind in LISTS.items():
        for code in getattr(record, name):
            term = vocabulary.term(kind, code)
            yield from (term.es, term.en)
    for finding in record.findings:
        term = vocabulary.term(Vocabulary.OUTCOMES, finding.outcome)
        yield from (term.es, term.en)
