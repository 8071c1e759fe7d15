"""The studies that a brief cites: which ones, their numbers in the text, and their references.

A reference leads to the work itself, never to a copy on a site for sharing documents: of a work of which only such a
copy is known, it has no address. The bank's page of the study says where it was read.
"""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest

from django.urls import reverse

from search.web.brief.blocks import BriefReference, BriefRuns, Citation, runs_of
from search.web.brief.paper import HEADING_MM, measure_reference
from search.web.evidence.answer import Answer, RowView
from search.web.evidence.basis import Basis
from search.web.evidence.sentences import Sentence
from search.web.evidence.written_texts import WrittenTexts
from studies.citations.reference import make_reference
from studies.citations.styles.registry import CitationStyle
from studies.records.study import StudyRecord
from studies.store.exchange.reading import read_public_records
from studies.synthesis.evidence import StudyEvidence
from studies.text.identifiers import doi_address, is_document_mirror

MOST_REVIEWS, MOST_COSTS, MOST_HARMS = 2, 2, 3
"""Sentences of each kind in a brief; the studies that they name are cited."""


@dataclass(frozen=True)
class CitedStudies:
    """The studies that a brief cites, by id, with the numbers of their references.

    `by_importance` has their ids too, those first that a brief short of room keeps.
    """

    records: Mapping[str, StudyRecord]
    numbers: Mapping[str, int]
    language: str
    by_importance: tuple[str, ...] = ()

    @classmethod
    def of(cls, studies: Iterable[StudyEvidence], basis: Basis) -> CitedStudies:
        """Read these studies and number them in their order: the queries of an export, whatever their number."""
        keys = {study.id: study.key for study in studies}
        found = {record.id: record for record in read_public_records(keys.values(), basis.vocabulary)}
        # A study may be withdrawn between the two queries: then it has no record, and is left out.
        ids = [id_ for id_ in keys if id_ in found]
        return cls(found, {id_: number for number, id_ in enumerate(ids, start=1)}, basis.language)

    @classmethod
    def choose(
        cls,
        basis: Basis,
        answer: Answer,
        findings: Iterable[RowView],
        written: WrittenTexts,
        most: int,
    ) -> CitedStudies:
        """Return at most `most` studies: those of what people wrote, costs, harms, reviews, of each row the nearest."""
        by_id = basis.evidence.by_id
        concluded = list(_linked(written.conclusion.sentences if written.conclusion else (), by_id))
        minded = list(_linked(written.safety.sentences if written.safety else (), by_id))
        told = (*answer.reviews[:MOST_REVIEWS], *costs_told(answer), *answer.harms_in_words[:MOST_HARMS])
        beside = list(_linked(told, by_id))
        papers = [row.papers for row in findings]
        rows = [sorted(own, key=lambda id_: _nearness(by_id[id_])) for own in papers]
        in_turn = [id_ for turn in zip_longest(*rows) for id_ in turn if id_ is not None]
        kept = list(dict.fromkeys([*concluded, *minded, *beside, *in_turn]))[:most]
        # Numbered as they are read: conclusion, table, reviews, costs and harms, safety note.
        in_order = dict.fromkeys([*concluded, *chain(*papers), *beside, *minded])
        cited = cls.of((by_id[id_] for id_ in in_order if id_ in kept), basis)
        return replace(cited, by_importance=tuple(id_ for id_ in kept if id_ in cited.numbers))

    def within(self, room_mm: float, style: CitationStyle, on: datetime.date) -> CitedStudies:
        """Return these studies without the least important ones whose references find no room on paper."""
        ids = {number: id_ for id_, number in self.numbers.items()}
        heights = {ids[each.number]: measure_reference(each) for each in self.references(style, on)}
        room_mm -= HEADING_MM
        kept = set()
        for id_ in self.by_importance:
            room_mm -= heights[id_]
            if room_mm < 0:
                break
            kept.add(id_)
        in_order = [id_ for id_ in self.numbers if id_ in kept]
        numbers = {id_: number for number, id_ in enumerate(in_order, start=1)}
        return replace(self, numbers=numbers, by_importance=tuple(id_ for id_ in self.by_importance if id_ in kept))

    @classmethod
    def none(cls, language: str) -> CitedStudies:
        """Return no studies, for a brief that is only measured."""
        return cls({}, {}, language)

    def citation(self, ids: Iterable[str]) -> tuple[Citation, ...]:
        """Return the numbers of those of these studies that are cited, nothing for none."""
        numbers = tuple(sorted({self.numbers[id_] for id_ in ids if id_ in self.numbers}))
        return (Citation(numbers),) if numbers else ()

    def runs(self, sentence: Sentence) -> BriefRuns:
        """Return a sentence as runs, followed by the numbers of the studies that it names."""
        return (*runs_of(sentence), *self.citation(_linked([sentence], self.numbers)))

    def references(self, style: CitationStyle, on: datetime.date) -> Iterator[BriefReference]:
        """Yield the references in their order. `on` is the day on which they were taken."""
        for id_, number in self.numbers.items():
            record = prefer_official(self.records[id_])
            reference = make_reference(record, language=self.language, on=on)
            yield BriefReference(number, style.cite(reference, self.language, ""), reference.language)


def costs_told(answer: Answer) -> tuple[Sentence, ...]:
    """Return the costs that a brief has room for: one of each study before a second one of any."""
    of_study: dict[str, list[Sentence]] = {}
    for cost in answer.costs:
        of_study.setdefault(cost.parts[0].url, []).append(cost)
    in_turn = (cost for turn in zip_longest(*of_study.values()) for cost in turn if cost is not None)
    return tuple(islice(in_turn, MOST_COSTS))


def prefer_official(record: StudyRecord) -> StudyRecord:
    """Return a record whose address is no copy: that of its DOI, else none."""
    if not record.url or not is_document_mirror(record.url):
        return record
    return replace(record, url=doi_address(record.doi) if record.doi else None)


def _linked(sentences: Iterable[Sentence], studies: Container[str]) -> Iterator[str]:
    """Yield the ids of those of `studies` to whose pages sentences link."""
    folder = reverse("study", args=["x"]).removesuffix("x/")
    for sentence in sentences:
        for part in sentence.parts:
            if part.url.startswith(folder):
                id_ = part.url.removeprefix(folder).removesuffix("/")
                if id_ in studies:
                    yield id_


def _nearness(study: StudyEvidence) -> tuple[int, int, str]:
    return study.nearness, -study.year, study.id
