"""Made-up studies, as many as are wanted, from the real ones: what the measurements of search are made on.

A record's words, lengths, codes and their skew are those of the fixtures: sentences of several studies are put
together, some of their words are exchanged for other words of the same language, and some for made-up ones, of which
every thousand records bring new ones (Zipf's tail, so the vocabulary grows with the corpus). No record says anything
about the world: slug, DOI and source of each name it as made up, and none must ever be loaded into a bank of readers.

Record number `n` depends on the seed and on `n` alone, so a small corpus is the beginning of a larger one. A hundred
thousand take about a minute.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from search.contract import Document
from search.criteria.facet import CodedStudy
from search.index.builder import build_document_of_record, collect_codes
from studies.records.appraisal import AppraisalRecord
from studies.records.finding import FindingRecord
from studies.records.study import AuthorRecord, SourceRecord, StudyRecord
from studies.store.vocabularies import Vocabularies

SEED = 2026
CORPUS_VERSION = 3
"""Raise it when the same seed gives other records: what was built from them is built again."""

_STUDIES = Path(__file__).resolve().parents[1] / "fixtures" / "studies.jsonl"
_EXCHANGED = 0.25
_MADE_UP = 0.1
_MADE_UP_NAMES = 0.3
"""Shares of the words that can be exchanged: for a word of another study, for a made-up one; of family names."""
_TAIL = 0.5
_COMMON_RANKS = 50
"""Exponent of the tail and where it begins: of n made-up words about 6 n^(2/3) are different, 1 in 100 is the first."""
_APPRAISED = {"low": 5, "some": 10, "high": 5, None: 80}
"""How many in a hundred are appraised so; of the real ones, none is yet."""
_FIRST_ADDED_S = 1_600_000_000

_WORD = re.compile(r"[^\W\d_]{5,}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_ONSETS = "b,br,c,ch,d,f,g,gl,l,m,n,p,pr,r,s,t,tr,v,z,j"
_SYLLABLES = [onset + vowel for onset in _ONSETS.split(",") for vowel in "aeiou"]

_Pair = tuple[str, str]
"""A text in Spanish and in English."""


def read_records(path: Path = _STUDIES) -> list[StudyRecord]:
    """Read the studies of the fixtures."""
    with path.open(encoding="utf-8") as lines:
        return [StudyRecord.from_json(json.loads(line)) for line in lines]


def make_records(size: int, seed: int = SEED) -> Iterator[StudyRecord]:
    """Yield `size` made-up studies, all of which could be published: slugs and DOIs are unique."""
    maker = _Maker(read_records(), seed)
    return (maker.record(number) for number in range(1, size + 1))


@dataclass(frozen=True, slots=True)
class MadeUpStudy:
    """A record with what only rows hold of a study; `number` counts from 1, `added` is in microseconds."""

    number: int
    record: StudyRecord
    added: int
    programme: str | None

    def document(self, vocabulary: Vocabularies) -> Document:
        """Describe the study for an engine: its texts are analysed, which costs most of a millisecond."""
        return build_document_of_record(
            self.record,
            study_id=self.number,
            added=self.added,
            programme=self.programme,
            vocabulary=vocabulary,
        )

    def codes(self, vocabulary: Vocabularies) -> Mapping[str, frozenset[str]]:
        """Return the codes of the study for every facet, without reading its texts."""
        return collect_codes(CodedStudy(self.record, self.programme, vocabulary))


def make_studies(size: int, vocabulary: Vocabularies, seed: int = SEED) -> Iterator[MadeUpStudy]:
    """Yield `records` as studies: when each was added and how it was appraised is made up too."""
    programmes = {programme.name: programme.slug for programme in vocabulary.programmes}
    for number, record in enumerate(make_records(size, seed), start=1):
        appraisal = random.Random(f"{seed} appraisal {number}").choices([*_APPRAISED], [*_APPRAISED.values()])[0]
        yield MadeUpStudy(
            number=number,
            record=replace(record, own_appraisals=_appraisals(appraisal)),
            added=(_FIRST_ADDED_S + 600 * number) * 1_000_000,
            programme=programmes[record.programme] if record.programme else None,
        )


def _appraisals(risk_of_bias: str | None) -> tuple[AppraisalRecord, ...]:
    return (AppraisalRecord("made-up", risk_of_bias, risk_of_bias, "2026-01-01"),) if risk_of_bias else ()


class _Maker:
    """Holds the pieces of the real studies, and puts them together anew."""

    def __init__(self, real: Sequence[StudyRecord], seed: int) -> None:
        self._seed = seed
        self._real = real
        self._sentences = [_side_by_side(record.summary_es, record.summary_en) for record in real]
        self._limitations = [_side_by_side(record.limitations_es, record.limitations_en) for record in real]
        self._families = [author.family for record in real for author in record.authors if author.family]
        self._givens = [author.given for record in real for author in record.authors if author.given]
        self._words = tuple(
            [word for sentences in self._sentences for pair in sentences for word in _exchangeable(pair[side])]
            for side in (0, 1)
        )

    def record(self, number: int) -> StudyRecord:
        """Make a record. What, where, how and when come each from a study of its own, so that codes mix as they may."""
        rng = random.Random(f"{self._seed} {number}")
        what, where, how, when = (rng.choice(self._real) for _ in range(4))
        title_es, title_en = self._title(rng)
        key_finding_es, key_finding_en = self._varied(rng, self._key_finding(rng))
        summary_es, summary_en = self._text(rng, self._sentences, len(self._sentences[rng.randrange(len(self._real))]))
        limitations = rng.choice(self._limitations)
        limitations_es, limitations_en = self._text(rng, [limitations], len(limitations))
        address = f"https://example.org/made-up/{number}"
        return replace(
            how,
            id=f"made-up-{number:07}",
            title=title_es if how.language == "es" else title_en,
            title_es=title_es,
            title_en=title_en,
            authors=self._authors(rng, len(rng.choice(self._real).authors)),
            year=when.year,
            doi=f"10.5555/made-up.{number}" if how.doi else None,
            url=address,
            themes=what.themes,
            registration=(f"Made-up registry {number}",) if how.registration else (),
            interventions=what.interventions,
            exposures=what.exposures,
            data_sources=what.data_sources,
            outcomes=what.outcomes,
            programme=what.programme,
            populations=where.populations,
            settings=where.settings,
            countries=where.countries,
            key_finding_es=key_finding_es,
            key_finding_en=key_finding_en,
            summary_es=summary_es,
            summary_en=summary_en,
            harms=what.harms,
            harms_es=what.harms_es,
            harms_en=what.harms_en,
            harms_about=what.harms_about,
            findings=tuple(self._finding(rng, finding) for finding in what.findings),
            limitations_es=limitations_es or None,
            limitations_en=limitations_en or None,
            # The pages of the real studies would name hundreds of made-up reviews.
            includes=(),
            sources=(SourceRecord(address, ("bibliography", "findings", "design", "limitations")),),
        )

    def _title(self, rng: random.Random) -> _Pair:
        """Join the beginning of one title to the end of another, where they have two parts."""
        first, second = rng.choice(self._real), rng.choice(self._real)
        heads = [str(title).partition(": ")[0] for title in (first.title_es, first.title_en)]
        tails = [str(title).partition(": ")[2] for title in (second.title_es, second.title_en)]
        if not all(tails):
            return self._varied(rng, (heads[0], heads[1]))
        return self._varied(rng, (f"{heads[0]}: {tails[0]}", f"{heads[1]}: {tails[1]}"))

    def _key_finding(self, rng: random.Random) -> _Pair:
        donor = rng.choice(self._real)
        return donor.key_finding_es or "", donor.key_finding_en or ""

    def _text(self, rng: random.Random, donors: Sequence[Sequence[_Pair]], length: int) -> _Pair:
        """Put `length` sentences together, each from any of `donors` that has one."""
        sentences = [self._varied(rng, rng.choice(rng.choice(donors) or donors[0])) for _ in range(length)]
        return " ".join(es for es, _ in sentences), " ".join(en for _, en in sentences)

    def _finding(self, rng: random.Random, finding: FindingRecord) -> FindingRecord:
        es, en = self._varied(rng, (finding.statement_es or "", finding.statement_en or ""))
        return replace(finding, statement_es=es or None, statement_en=en or None)

    def _authors(self, rng: random.Random, size: int) -> tuple[AuthorRecord, ...]:
        return tuple(
            AuthorRecord(
                family=_made_up_word(_draw_tail_rank(rng)).capitalize()
                if rng.random() < _MADE_UP_NAMES
                else rng.choice(self._families),
                given=rng.choice(self._givens),
            )
            for _ in range(size or 1)
        )

    def _varied(self, rng: random.Random, pair: _Pair) -> _Pair:
        """Exchange some of the words of both texts. A word that begins with a capital stays: most are names."""
        return self._exchanged(rng, pair[0], 0), self._exchanged(rng, pair[1], 1)

    def _exchanged(self, rng: random.Random, text: str, side: int) -> str:
        words = self._words[side]

        def other(match: re.Match[str]) -> str:
            chance = rng.random()
            if chance > _EXCHANGED or not match[0].islower():
                return match[0]
            if chance < _MADE_UP:
                return _made_up_word(_draw_tail_rank(rng))
            return rng.choice(words)

        return _WORD.sub(other, text)


def _exchangeable(text: str) -> Iterable[str]:
    return (word for word in _WORD.findall(text) if word.islower())


def _side_by_side(es: str | None, en: str | None) -> list[_Pair]:
    """Pair the sentences of a text and of its translation, as far as both go."""
    return list(zip(_SENTENCE_END.split(es or ""), _SENTENCE_END.split(en or ""), strict=False)) if es and en else []


def _draw_tail_rank(rng: random.Random) -> int:
    return int(_COMMON_RANKS * rng.paretovariate(_TAIL))


@lru_cache(maxsize=200_000)
def _made_up_word(rank: int) -> str:
    """Return the made-up word of this rank: syllables that spell it, at least three."""
    syllables: list[str] = []
    left = rank
    while left or len(syllables) < 3:
        left, digit = divmod(left, len(_SYLLABLES))
        # Neighbours in rank shall not look alike, as they would in a row of digits.
        syllables.append(_SYLLABLES[(37 * digit + 11 * rank) % len(_SYLLABLES)])
    return "".join(syllables)
