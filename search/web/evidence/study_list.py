"""The list behind a number of the evidence: its studies grouped by evaluation, then reviews, then all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from search.criteria.evidence_address import TablePlace, evidence_list_url
from search.services.evidence_scope import EvidenceScope, tally_place
from search.web.evidence import cell_text, dimensions
from search.web.shared.evidence_request import criteria_hints, with_query
from search.web.shared.view_models import PageLink
from studies.models import Study
from studies.store import vocabularies
from studies.synthesis.evidence import ANY_ESTIMATED, StudyEvidence, Work, classify_design
from studies.synthesis.tables import Tally
from studies.web.shared import queries
from studies.web.shared.components import StudyLine, study_line

PAGE_SIZE = 25
"""Works on a page."""
_NEIGHBOURS = 2


@dataclass(frozen=True, slots=True)
class WorkView:
    """An evaluation, a review or another work with its studies. `name` is empty if its one study names it."""

    name: str
    effect: tuple[str, str] | None
    note: str
    studies: tuple[StudyLine, ...]


@dataclass(frozen=True, slots=True)
class WorkSection:
    """The works of one kind on the page."""

    heading: str
    works: tuple[WorkView, ...]


@dataclass(frozen=True, slots=True)
class EvidenceList:
    """All that the list prints. `hints` say what was wrong with the criteria.

    `search_url` leads to the list of studies, or to the selection where they were picked; there is no map of these.
    """

    heading: str
    path: tuple[tuple[str, str], ...]
    evaluations: int
    studies: int
    reviews: int
    sections: tuple[WorkSection, ...]
    hints: tuple[str, ...]
    search_url: str
    map_url: str
    pages: tuple[PageLink, ...]
    previous_url: str
    next_url: str


def evidence_list(body: EvidenceScope, place: TablePlace, page: int, language: str) -> EvidenceList:
    """Return a page of the list: six queries, whatever its length. A number past the end gives the last page."""
    return _EvidenceListBuilder(body, place, language).page(page)


class _EvidenceListBuilder:
    def __init__(self, body: EvidenceScope, place: TablePlace, language: str) -> None:
        self.body = body
        self.place = place
        self.language = language
        self.vocabulary = vocabularies.current()
        self.tally: Tally = tally_place(body, place)
        self.effects = self.tally.select_evaluations(
            body.evidence, effect=place.shows, design=place.strength, tested=place.tested
        )
        self.members = self._members()

    def page(self, wanted: int) -> EvidenceList:
        works = sorted(self.members, key=self._order)
        last = max(1, -(-len(works) // PAGE_SIZE))
        number = min(max(wanted, 1), last)
        shown = works[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        keys = [study.key for work in shown for study in self.members[work]]
        rows = {row.pk: row for row in Study.objects.for_results().in_order_of(keys)}
        names = queries.evaluation_names(work.id.removeprefix("trial ") for work in shown)
        studies = sum(len(own) for own in self.members.values())
        reviews = sum(work.is_review for work in works)
        return EvidenceList(
            heading=self._heading(studies, reviews),
            path=tuple(self._path()),
            evaluations=len(self.effects),
            studies=studies,
            reviews=reviews,
            sections=tuple(self._sections(shown, rows, names)),
            hints=tuple(criteria_hints(self.body)),
            search_url=with_query(reverse("selection" if self.body.slugs else "search"), self.body.query),
            map_url="" if self.body.slugs else with_query(reverse("map"), self.body.query),
            pages=tuple(self._pages(number, last)),
            previous_url=self._address(number - 1) if number > 1 else "",
            next_url=self._address(number + 1) if number < last else "",
        )

    def _members(self) -> dict[Work, list[StudyEvidence]]:
        """Return the studies behind the place by work, the oldest of each work first."""
        members: dict[Work, list[StudyEvidence]] = {}
        for key in self.tally.studies:
            study = self.body.evidence.studies[key]
            work = self.body.evidence.works[study.id]
            if self._is_asked_for(study, work):
                members.setdefault(work, []).append(study)
        for studies in members.values():
            studies.sort(key=lambda study: (study.year, study.id))
        return members

    def _is_asked_for(self, study: StudyEvidence, work: Work) -> bool:
        if self.place.kind == "ongoing":
            return study.status == "ongoing"
        if self.place.kind == "review":
            return work.is_review
        # `effects` has the evaluations with the effect and design of the place, if it names any. Other works are listed
        # unless the place is of evaluations.
        return work.id in self.effects or not (self.place.is_of_evaluations or work.is_evaluation)

    def _order(self, work: Work) -> tuple[int, int, str]:
        kind = 0 if work.is_evaluation else 1 if work.is_review else 2
        return kind, -max(study.year for study in self.members[work]), work.id

    def _sections(
        self, works: Iterable[Work], rows: Mapping[int, Study], names: Mapping[str, tuple[str, str]]
    ) -> Iterator[WorkSection]:
        by_kind: dict[str, list[WorkView]] = {}
        for work in works:
            kind = (
                _("Evaluaciones") if work.is_evaluation else _("Revisiones") if work.is_review else _("Otros estudios")
            )
            by_kind.setdefault(kind, []).append(self._work(work, rows, names))
        for heading, views in by_kind.items():
            yield WorkSection(heading, tuple(views))

    def _work(self, work: Work, rows: Mapping[int, Study], names: Mapping[str, tuple[str, str]]) -> WorkView:
        studies = [rows[study.key] for study in self.members[work] if study.key in rows]
        name = (
            names.get(work.id.removeprefix("trial "), ("", ""))[self.language == "en"]
            if work.id.startswith("trial ")
            else ""
        )
        effect = None
        parts: list[str] = []
        if work.is_evaluation:
            code = self.tally.effect_of(work.id)
            effect = code, self.vocabulary.label("effects", code, self.language)
            parts.append(cell_text.design_text(classify_design(work), 1))
            if work.id in self.tally.together:
                parts.append(_("probada junto con otras intervenciones"))
        return WorkView(
            name=name,
            effect=effect,
            note=" · ".join(parts),
            studies=tuple(study_line(row, self.vocabulary, self.language) for row in studies),
        )

    def _heading(self, studies: int, reviews: int) -> str:
        if self.place.is_of_evaluations:
            text = cell_text.evaluations_text(len(self.effects), self.language)
            return f"{text}, {cell_text.studies_text(studies, 0, self.language)}"
        return (
            f"{cell_text.evaluations_text(len(self.effects), self.language)}, "
            f"{cell_text.studies_text(studies, reviews, self.language)}"
        )

    def _path(self) -> Iterator[tuple[str, str]]:
        for dimension, code in ((self.place.rows, self.place.row), (self.place.columns, self.place.column)):
            if code:
                yield (
                    str(dimensions.NAMES.get(dimension, "")),
                    dimensions.code_label(dimension, code, self.vocabulary, self.language),
                )
        if self.place.shows:
            yield _("Efecto, según los autores"), self._effect(self.place.shows)
        if self.place.strength:
            yield _("Diseño"), cell_text.design_text(self.place.strength, 2)
        if self.place.tested:
            yield (
                _("Cómo se probó"),
                _("sola") if self.place.tested == "alone" else _("junto con otras intervenciones"),
            )

    def _effect(self, code: str) -> str:
        if code == ANY_ESTIMATED:
            return _("cualquiera, si se estimó")
        return self.vocabulary.label("effects", code, self.language)

    def _address(self, page: int) -> str:
        address = evidence_list_url(self.body.query, self.place)
        if page == 1:
            return address
        return f"{address}{'&' if '?' in address else '?'}{urlencode({'page': page})}"

    def _pages(self, current: int, last: int) -> Iterator[PageLink]:
        near = range(current - _NEIGHBOURS, current + _NEIGHBOURS + 1)
        before = 0
        for number in (number for number in range(1, last + 1) if number in (1, last) or number in near):
            if number > before + 1:
                yield PageLink(None)
            yield PageLink(number, self._address(number), number == current)
            before = number
