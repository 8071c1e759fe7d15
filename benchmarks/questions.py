"""The queries that are measured: three a kind, chosen by rule from how many studies hold their words.

The rule reads the first 10,000 studies of the corpus whatever its size, so that every size is asked the same.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from whoosh.lang.stopwords import stoplists

from benchmarks.bank import FOLDER
from benchmarks.corpus import CORPUS_VERSION, SEED, MadeUpStudy, make_studies
from search.text.analysis import fold
from search.text.lexicon import STOP_WORDS
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies

READ = 10_000
"""Studies of the corpus by which the queries are chosen."""

T = TypeVar("T")

KINDS = (
    "all",
    "broad",
    "medium",
    "narrow",
    "two words",
    "three words",
    "phrase",
    "prefix",
    "filters only",
    "words, three filters",
    "none",
)

STREAM = 1000
_VERSION = 1
"""Raise it when the rules below choose other queries."""

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 5
_BROAD, _MEDIUM, _NARROW, _PHRASE = 0.3, 0.03, 0.001, 0.01
_STOP_WORDS = STOP_WORDS | {fold(word) for language in ("es", "en") for word in stoplists[language]}
"""Snowball's lists too: a peer that drops a word answers another question."""
_UNKNOWN = ("xyquozl", "wuxyquo")
"""In no study: no syllable of a made-up word has these letters."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks: words, all of which must match, and codes by parameter. `kind` is one of `KINDS`."""

    kind: str
    words: tuple[str, ...] = ()
    is_phrase: bool = False
    is_prefix: bool = False
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def typed(self) -> str:
        """The words as they are typed into a search box."""
        text = " ".join(self.words)
        return f'"{text}"' if self.is_phrase else f"{text}*" if self.is_prefix else text

    def __str__(self) -> str:
        filters = " ".join(f"{parameter}={','.join(codes)}" for parameter, codes in sorted(self.chosen.items()))
        return " ".join(filter(None, (self.typed, filters))) or "(everything)"


class Frequencies:
    """In how many of some studies each word, each pair of neighbours and each code stands."""

    def __init__(self, read: Iterable[MadeUpStudy], vocabulary: Vocabularies) -> None:
        self.size = 0
        self.words: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.pairs: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = (Counter(), Counter())
        self.codes: dict[str, Counter[str]] = {}
        for study in read:
            self.size += 1
            for side, texts in enumerate(_texts_by_language(study.record)):
                words = [_WORD.findall(text) for text in texts if text]
                self.words[side].update({word for run in words for word in run if _is_query_word(word)})
                self.pairs[side].update(
                    {pair for run in words for pair in pairwise(run) if all(map(_is_query_word, pair))}
                )
            for parameter, codes in study.codes(vocabulary).items():
                self.codes.setdefault(parameter, Counter()).update(codes)

    def nearest(self, side: int, share: float, place: int = 0) -> str:
        """Return the word of a language (0 Spanish, 1 English) that is `place`th nearest to this share of studies."""
        return _nearest(self.words[side], share * self.size, place)

    def nearest_pair(self, side: int, share: float, place: int = 0) -> tuple[str, str]:
        """Return the neighbours that stand side by side in this share of the studies."""
        return _nearest(self.pairs[side], share * self.size, place)

    def code(self, parameter: str, place: int = 0) -> tuple[str, ...]:
        """Return the `place`th commonest code of a parameter, "not stated" left out."""
        ordered = sorted(self.codes[parameter].items(), key=lambda item: (-item[1], item[0]))
        return (next(code for at, code in enumerate(c for c, _ in ordered if c != "none") if at == place),)


def choose_questions(found: Frequencies) -> list[Question]:
    """Return the queries of all kinds, three of each (one of "all"): of words, two Spanish and one English."""
    sides = ((0, 0), (1, 0), (0, 1))
    broad = [found.nearest(side, _BROAD, place) for side, place in sides]
    chosen = [Question("all")]
    chosen += [Question("broad", (word,)) for word in broad]
    chosen += [Question("medium", (found.nearest(side, _MEDIUM, place),)) for side, place in sides]
    chosen += [Question("narrow", (found.nearest(side, _NARROW, place),)) for side, place in sides]
    chosen += [
        Question("two words", tuple(found.nearest(side, share, place + 2) for share in (0.2, 0.08)))
        for side, place in sides
    ]
    chosen += [
        Question("three words", tuple(found.nearest(side, share, place + 4) for share in (0.3, 0.2, 0.1)))
        for side, place in sides
    ]
    chosen += [Question("phrase", found.nearest_pair(side, _PHRASE, place), is_phrase=True) for side, place in sides]
    chosen += [
        Question("prefix", (found.nearest(side, _MEDIUM, place + 2)[:_SHORTEST],), is_prefix=True)
        for side, place in sides
    ]
    # No outcome: we count effects by what was found of it, which no peer was taught.
    chosen += [
        Question("filters only", chosen={"theme": found.code("theme"), "country": found.code("country")}),
        Question(
            "filters only",
            chosen={"intervention": found.code("intervention"), "population": found.code("population", 1)},
        ),
        Question("filters only", chosen={"type": found.code("type"), "setting": found.code("setting", 1)}),
    ]
    filters = {
        "theme": (*found.code("theme"), *found.code("theme", 1)),
        "population": found.code("population"),
        "type": found.code("type"),
    }
    chosen += [Question("words, three filters", (word,), chosen=filters) for word in broad]
    chosen += [
        Question("none", (_UNKNOWN[0],)),
        Question("none", (broad[0], _UNKNOWN[1])),
        Question("none", (_UNKNOWN[0],), chosen={"theme": found.code("theme")}),
    ]
    return chosen


def draw_stream(read: Sequence[MadeUpStudy], length: int) -> Iterator[Question]:
    """Yield different queries as readers might send them: one to three words of one study, a third with a filter."""
    rng, seen = random.Random(SEED), set[str]()
    while len(seen) < length:
        study = rng.choice(read)
        words = [word for text in rng.choice(_texts_by_language(study.record)) if text for word in _WORD.findall(text)]
        asked = [word for word in words if _is_query_word(word)]
        if not asked:
            continue
        themes = study.record.themes[:1] if rng.random() < 1 / 3 else ()
        question = Question(
            "stream",
            tuple(dict.fromkeys(rng.choices(asked, k=rng.randint(1, 3)))),
            chosen={"theme": themes} if themes else {},
        )
        if str(question) not in seen:
            seen.add(str(question))
            yield question


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The queries of a run: those of each kind, and a stream of different ones."""

    questions: tuple[Question, ...]
    stream: tuple[Question, ...]


def load_questions(vocabulary: Vocabularies) -> QuestionSet:
    """Return the queries for the corpus, which are chosen once (ten seconds) and kept below var/bench."""
    kept = FOLDER / f"asked-{SEED}-{CORPUS_VERSION}-{_VERSION}.json"
    if not kept.exists():
        read = list(make_studies(READ, vocabulary))
        made = QuestionSet(tuple(choose_questions(Frequencies(read, vocabulary))), tuple(draw_stream(read, STREAM)))
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(made), ensure_ascii=False))
    held = json.loads(kept.read_text())
    return QuestionSet(*(tuple(map(_from_json, held[name])) for name in ("questions", "stream")))


def _from_json(held: dict[str, Any]) -> Question:
    chosen = {parameter: tuple(codes) for parameter, codes in held["chosen"].items()}
    return Question(held["kind"], tuple(held["words"]), held["is_phrase"], held["is_prefix"], chosen)


def _texts_by_language(record: StudyRecord) -> tuple[list[str | None], list[str | None]]:
    """Return the texts that searches read, Spanish and English apart."""
    findings = record.findings
    return (
        [record.title_es, record.key_finding_es, record.summary_es, *(each.statement_es for each in findings)],
        [record.title_en, record.key_finding_en, record.summary_en, *(each.statement_en for each in findings)],
    )


def _is_query_word(word: str) -> bool:
    return len(word) >= _SHORTEST and word.islower() and fold(word) not in _STOP_WORDS


def _nearest(counted: Counter[T], wanted: float, place: int) -> T:
    ordered = sorted(counted.items(), key=lambda item: (abs(math.log(item[1] / wanted)), str(item[0])))
    return ordered[place][0]
