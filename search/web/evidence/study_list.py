"""The list behind a number of the evidence: its studies grouped by evaluation, then reviews, then all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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
from studies.synthesis.evidence import ANY_ESTIMATED, classify_design
from studies.synthesis.tables import UNCOUNTED, Tally, WorkGroup, group_by_work
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
        if place.kind in ("review", "ongoing"):
            # None of these is an evaluation: the list must not tell of any.
            self.effects = {}
        self.groups = [group for each in group_by_work(self.tally, body.evidence) if (group := self._asked_for(each))]

    def page(self, wanted: int) -> EvidenceList:
        works = sorted(self.groups, key=self._order)
        last = max(1, -(-len(works) // PAGE_SIZE))
        number = min(max(wanted, 1), last)
        shown = works[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        keys = [study.key for group in shown for study in group.studies]
        rows = {row.pk: row for row in Study.objects.for_results().in_order_of(keys)}
        names = queries.evaluation_names(group.work.id.removeprefix("trial ") for group in shown)
        studies = len({study.key for group in works for study in group.studies})
        reviews = sum(group.work.is_review for group in works)
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

    def _asked_for(self, group: WorkGroup) -> WorkGroup | None:
        """Return the studies of a group that the place is of, None if there are none."""
        if self.place.kind == "ongoing":
            ongoing = tuple(study for study in group.studies if study.status == "ongoing")
            return replace(group, studies=ongoing) if ongoing else None
        if self.place.kind == "review":
            return group if group.work.is_review else None
        if not group.is_evaluation:
            return None if self.place.is_of_evaluations else group
        # `effects` has the evaluations with the effect and design of the place, if it names any.
        return group if group.work.id in self.effects else None

    def _order(self, group: WorkGroup) -> tuple[int, int, str]:
        kind = 0 if group.is_evaluation else 1 if group.work.is_review else 2
        return kind, -max(study.year for study in group.studies), group.work.id

    def _sections(
        self, groups: Iterable[WorkGroup], rows: Mapping[int, Study], names: Mapping[str, tuple[str, str]]
    ) -> Iterator[WorkSection]:
        by_kind: dict[str, list[WorkView]] = {}
        for group in groups:
            if group.is_evaluation:
                kind = _("Evaluaciones")
            else:
                kind = _("Revisiones") if group.work.is_review else _("Otros estudios")
            by_kind.setdefault(kind, []).append(self._work(group, rows, names))
        for heading, views in by_kind.items():
            yield WorkSection(heading, tuple(views))

    def _work(self, group: WorkGroup, rows: Mapping[int, Study], names: Mapping[str, tuple[str, str]]) -> WorkView:
        work = group.work
        studies = [rows[study.key] for study in group.studies if study.key in rows]
        name = (
            names.get(work.id.removeprefix("trial "), ("", ""))[self.language == "en"]
            if work.id.startswith("trial ")
            else ""
        )
        effect = None
        parts: list[str] = []
        if group.is_evaluation:
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
        is_uncounted = not UNCOUNTED.isdisjoint((self.place.rows, self.place.columns))
        if is_uncounted or self.place.kind in ("review", "ongoing"):
            return cell_text.studies_text(studies, reviews, self.language)
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
