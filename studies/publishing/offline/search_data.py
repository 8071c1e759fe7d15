"""The data that the script of the offline copy searches: a text for each study, synonyms, and filters.

The search of the copy is simpler than the bank's: each word, or a synonym, must begin a word of the study's text; case,
accents and plurals do not matter. `static/offline/search.js` must stem words exactly as `_stem` does.
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

FILTERS = {"theme": "themes", "country": "countries", "effect": "effects"}
"""The filters of the copy, and the vocabulary of each."""

_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class OfflineFilterOption:
    """An option of a filter with the number of studies that have it."""

    code: str
    label: str
    count: int


def build_script(records: Iterable[StudyRecord], vocabulary: Vocabularies) -> str:
    """Return a script that defines the data to search, study by study in the order of the list.

    A script and not JSON, because a page opened from a file must not fetch.
    """
    data = {
        "studies": [{"text": build_search_text(record, vocabulary), **list_codes(record)} for record in records],
        "meanings": list(list_synonyms(vocabulary)),
    }
    # "</script" cannot occur in a file of its own; U+2028 could end a line of an old engine.
    return f"var BANK = {json.dumps(data, ensure_ascii=True, separators=(',', ':'))};\n"


def build_search_text(record: StudyRecord, vocabulary: Vocabularies) -> str:
    """Return the words of a study, normalised by `normalize_words`."""
    names = (part for author in record.authors for part in (author.given, author.family, author.literal))
    texts = [
        *(record.title, record.title_es, record.title_en, record.key_finding_es, record.key_finding_en),
        *(record.summary_es, record.summary_en, record.programme, record.container_title, record.publisher),
        *(str(record.year or ""), record.doi, *names, *_labels(record, vocabulary)),
    ]
    return normalize_words(" ".join(text for text in texts if text))


def list_codes(record: StudyRecord) -> dict[str, list[str]]:
    """Return the codes of a study by filter."""
    effects = sorted({finding.effect for finding in record.findings})
    return {"theme": list(record.themes), "country": list(record.countries), "effect": effects}


def count_options(
    name: str, records: Iterable[StudyRecord], vocabulary: Vocabularies, language: str
) -> tuple[OfflineFilterOption, ...]:
    """Return the options of a filter that any study has, in the order of the vocabulary."""
    counts: dict[str, int] = {}
    for record in records:
        for code in list_codes(record)[name]:
            counts[code] = counts.get(code, 0) + 1
    terms = vocabulary.every_term(FILTERS[name])
    return tuple(
        OfflineFilterOption(term.code, term.label(language), counts[term.code]) for term in terms if term.code in counts
    )


def list_synonyms(vocabulary: Vocabularies) -> Iterator[list[str]]:
    """Yield the synonyms of each concept, normalised; none of a concept that is ambiguous or never expanded."""
    for concept in vocabulary.concepts:
        if concept.is_ambiguous or concept.only_in_capitals or concept.expand == "no":
            continue
        words = sorted({normalize_words(word).strip() for word in (*concept.es, *concept.en)} - {""})
        if len(words) > 1:
            yield words


def normalize_words(text: str) -> str:
    """Return `text` without case, accents and punctuation, its words stemmed, with a space before each."""
    return " " + " ".join(map(_stem, _NO_WORD.sub(" ", fold_text(text)).split()))


def _stem(word: str) -> str:
    """Remove the ending of a plural and an "e" before it, so that mujer and mujeres, clase and clases become alike."""
    for end in "se":
        if len(word) > 4:
            word = word.removesuffix(end)
    return word


def _labels(record: StudyRecord, vocabulary: Vocabularies) -> Iterator[str]:
    for name, kind in LISTS.items():
        for code in getattr(record, name):
            term = vocabulary.term(kind, code)
            yield from (term.es, term.en)
    for code in record.intervention_codes:
        term = vocabulary.term(Vocabulary.INTERVENTIONS, code)
        yield from (term.es, term.en)
    for finding in record.findings:
        term = vocabulary.term(Vocabulary.OUTCOMES, finding.outcome)
        yield from (term.es, term.en)
