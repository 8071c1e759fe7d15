"""The view model of the evidence map: cells with their numbers, marks and addresses, totals, and the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.contract import NOT_STATED
from search.criteria.criteria import Criteria
from search.criteria.evidence_address import TablePlace, evidence_list_url
from search.services.evidence_scope import EvidenceScope
from search.web.evidence import cell_text, dimensions, kept
from search.web.evidence.dimensions import DimensionCode
from search.web.map.axes import PLACES, Axes, EvidenceMap
from search.web.shared import facet_options
from search.web.shared.evidence_request import criteria_hints, with_query
from search.web.shared.view_models import Chip
from studies.store import vocabularies
from studies.synthesis.evidence import FIGURES_GROUP
from studies.synthesis.tables import Tally, Total
from studies.text.numbers import format_number

_PAGES_OF_CODES = {"intervention": "intervention", "theme": "theme"}
"""Dimensions whose codes have a page of their own, by the name of its address."""


@dataclass(frozen=True, slots=True)
class MapCell:
    """A cell. Screen readers read `spoken` after the `count` and its noun; `note` is printed below the marks.

    `count` is that of the evaluations, or of the studies on a map that counts no evaluations.
    """

    evaluations: int
    count: int
    noun: str
    marks: tuple[cell_text.Mark, ...]
    spoken: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class MapHeader:
    """The head of a row or column: its label, the page of its code if there is one, and its total.

    `count` is that of the cells, of what `noun` names; `note` says where no evaluation tests an intervention.
    """

    code: str
    label: str
    url: str
    total: Total
    total_url: str
    studies: str
    count: int
    noun: str
    note: str


@dataclass(frozen=True, slots=True)
class MapRow:
    """A row with its cells; None for a cell without studies."""

    head: MapHeader
    cells: tuple[MapCell | None, ...]


@dataclass(frozen=True, slots=True)
class MapRowGroup:
    """Rows under a heading, or without one."""

    label: str
    rows: tuple[MapRow, ...]


@dataclass(frozen=True, slots=True)
class ControlOption:
    """An option of a select of the map's form."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class MapPage:
    """All that the map prints. `hidden` are the criteria that its form carries on."""

    axes: Axes
    heading: str
    lead: str
    caption: str
    corner: str
    groups: tuple[MapRowGroup, ...]
    columns: tuple[MapHeader, ...]
    total: Total
    total_url: str
    total_studies: str
    total_count: int
    total_noun: str
    total_label: str
    counts_evaluations: bool
    exposures_url: str
    left_out: str
    chips: tuple[Chip, ...]
    clear_url: str
    hints: tuple[str, ...]
    hidden: tuple[tuple[str, str], ...]
    rows_choice: tuple[ControlOption, ...]
    columns_choice: tuple[ControlOption, ...]
    marks_choice: tuple[ControlOption, ...]
    places_choice: tuple[ControlOption, ...]
    search_url: str
    evidence_url: str
    csv_url: str
    svg_url: str
    other_view_url: str
    effects: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether the criteria find no study."""
        return not self.total.studies


def map_page(body: EvidenceScope, axes: Axes, language: str) -> MapPage:
    """Return the view model of the map of a body of evidence, made once as long as none of its studies changes."""
    evidence_map = EvidenceMap(body, axes, language)
    defined = body.criteria.query_string, body.slugs, body.unknown, vocabularies.current()
    key = evidence_map.identity, axes, language, defined
    return kept.keep(body.evidence, key, evidence_map.keys, _MapPageBuilder(evidence_map).page)


class _MapPageBuilder:
    def __init__(self, evidence_map: EvidenceMap) -> None:
        self.map = evidence_map
        self.body = evidence_map.body
        self.axes = evidence_map.axes
        self.language = evidence_map.language
        self.vocabulary = vocabularies.current()
        # Relative to the map's own address, as hundreds of cells repeat it.
        self.list_path = reverse("evidence-studies").removeprefix(reverse("map"))

    def page(self) -> MapPage:
        totals, column_totals, total = self.map.row_totals, self.map.column_totals, self.map.table.total()
        rows = [
            MapRow(
                self._line(self.axes.rows, entry, totals.get(entry.code), TablePlace(row=entry.code)),
                tuple(self._cell(entry.code, column.code) for column in self.map.column_entries),
            )
            for entry in self.map.row_entries
        ]
        columns = tuple(
            self._line(self.axes.columns, entry, column_totals.get(entry.code), TablePlace(column=entry.code))
            for entry in self.map.column_entries
        )
        names = {"rows": dimensions.NAMES[self.axes.rows], "columns": dimensions.NAMES[self.axes.columns]}
        caption = (
            _("Evaluaciones y estudios: %(rows)s en las filas, %(columns)s en las columnas")
            if self.map.counts_evaluations
            else _("Estudios: %(rows)s en las filas, %(columns)s en las columnas")
        )
        query = self.body.query
        other = replace(self.axes, view="figure" if self.axes.view == "table" else "table")
        return MapPage(
            axes=self.axes,
            heading=self._heading(columns, total),
            lead=self._lead(rows, total),
            caption=caption % {name: dimensions.lower_first(str(text)) for name, text in names.items()},
            corner=str(names["rows"]),
            groups=tuple(_group_rows(rows, [entry.group for entry in self.map.row_entries])),
            columns=columns,
            total=total,
            total_url=evidence_list_url(query, None if self.map.counts_evaluations else self.map.place()),
            total_studies=cell_text.studies_text(total.studies, total.reviews, self.language),
            total_count=self._count(total),
            total_noun=self._noun(self._count(total)),
            total_label=_("Evaluaciones distintas") if self.map.counts_evaluations else _("Estudios distintos"),
            counts_evaluations=self.map.counts_evaluations,
            exposures_url=with_query(reverse("map"), Axes(rows="exposure").query(query))
            if self.map.counts_evaluations
            else "",
            left_out=self._left_out(),
            chips=tuple(self._chips()),
            clear_url=self._address(self.body.criteria.without_filters().without_words()),
            hints=tuple(criteria_hints(self.body)),
            hidden=tuple(parse_qsl(query)),
            rows_choice=_control_options(self.axes.rows, dimensions.NAMES),
            columns_choice=_control_options(self.axes.columns, dimensions.NAMES),
            marks_choice=_control_options(self.axes.marks, _mark_labels()),
            places_choice=tuple(_place_options(self.body)),
            search_url=with_query(reverse("search"), query),
            evidence_url=with_query(reverse("evidence"), query),
            csv_url=with_query(reverse("map-data"), self.axes.query(query)),
            svg_url=with_query(reverse("map-figure"), self.axes.query(query)),
            other_view_url=with_query(reverse("map"), other.query(query)),
            effects=tuple((term.code, term.label(self.language)) for term in self.vocabulary.terms("effects")),
        )

    def _chips(self) -> Iterator[Chip]:
        """Yield the criteria of the map; the words too, as the page has no search box to show them."""
        criteria = self.body.criteria
        if criteria.q:
            yield Chip(_("Palabras"), criteria.q, self._address(criteria.without_words()))
        yield from facet_options.filter_chips(
            criteria, self.body.filters, self.vocabulary, self.language, self._address
        )

    def _cell(self, row: str, column: str) -> MapCell | None:
        tally = self.map.table.cells.get((row, column))
        if tally is None:
            return None
        shown = tuple(cell_text.marks(tally, self.body.evidence, self.axes.marks, self.vocabulary, self.language))
        if self.map.counts_evaluations:
            count = tally.evaluations
        else:
            count = len(tally.studies)
        return MapCell(
            evaluations=tally.evaluations,
            count=count,
            noun=self._noun(count),
            marks=shown,
            spoken=cell_text.spoken_text(shown) if self.axes.marks == "effect" else "",
            note=self._note(tally),
            url=evidence_list_url(self.body.query, self.map.place(row, column), path=self.list_path),
        )

    def _count(self, total: Total) -> int:
        return total.evaluations if self.map.counts_evaluations else total.studies

    def _noun(self, count: int) -> str:
        """Return what the map counts, as the name of a number."""
        if self.map.counts_evaluations:
            return ngettext("evaluación", "evaluaciones", count)
        return ngettext("estudio", "estudios", count)

    def _note(self, tally: Tally) -> str:
        evidence = self.body.evidence
        parts = [cell_text.studies_text(len(tally.studies), len(tally.reviews), self.language)]
        if self.map.shows_interventions and tally.together:
            parts.append(cell_text.together_text(len(tally.together), self.language))
        parts += [str(cell_text.newest_year(tally, evidence)), cell_text.strongest_design(tally, evidence)]
        return " · ".join(filter(None, parts))

    def _line(self, dimension: str, entry: DimensionCode, total: Total | None, place: TablePlace) -> MapHeader:
        total = total or Total(0, 0, 0)
        count = self._count(total)
        page = _PAGES_OF_CODES.get(dimension, "")
        own = replace(place, rows=self.axes.rows, columns=self.axes.columns)
        return MapHeader(
            code=entry.code,
            label=entry.label,
            url=reverse(page, args=[entry.code]) if page and entry.code != NOT_STATED else "",
            total=total,
            total_url=evidence_list_url(self.body.query, own, path=self.list_path) if total.studies else "",
            studies=cell_text.studies_text(total.studies, total.reviews, self.language),
            count=count,
            noun=self._noun(count),
            note=_("ninguna evaluación")
            if dimension == "intervention" and entry.code != NOT_STATED and not total.evaluations
            else "",
        )

    def _heading(self, columns: tuple[MapHeader, ...], total: Total) -> str:
        """Return a heading on the columns with most and with fewest evaluations; a general one without evaluations."""
        stated = [column for column in columns if column.code != NOT_STATED and self._can_be_effect(column.code)]
        if not total.evaluations or len(stated) < 2:
            return _("Mapa de evidencia")
        most = max(stated, key=lambda column: column.total.evaluations)
        least = min(reversed(stated), key=lambda column: column.total.evaluations)
        return _("Lo más evaluado: %(most)s, %(most_count)s de %(total)s. Lo menos: %(least)s, %(least_count)s") % {
            "most": dimensions.lower_first(most.label),
            "most_count": format_number(most.total.evaluations, self.language),
            "total": format_number(total.evaluations, self.language),
            "least": dimensions.lower_first(least.label),
            "least_count": format_number(least.total.evaluations, self.language),
        }

    def _can_be_effect(self, code: str) -> bool:
        """Return False for a column of figures, of which no evaluation could say more or less."""
        if self.axes.columns == "outcome":
            return self.body.evidence.taxonomy.can_be_effect(code)
        return self.axes.columns != "outcome_group" or code != FIGURES_GROUP

    def _lead(self, rows: list[MapRow], total: Total) -> str:
        if not self.map.counts_evaluations:
            studies = sum(bool(study.exposures) for study in self.body.studies)
            text = ngettext(
                "%(number)s estudio mira un factor que nadie ofreció como programa. Este mapa cuenta estudios, no "
                "evaluaciones de una intervención.",
                "%(number)s estudios miran factores que nadie ofreció como programa. Este mapa cuenta estudios, no "
                "evaluaciones de una intervención.",
                studies,
            )
            return text % {"number": format_number(studies, self.language)}
        filled = sum(bool(row.head.total.evaluations) and row.head.code != NOT_STATED for row in rows)
        of_rows = {
            "intervention": ngettext("de %(n)s tipo de intervención", "de %(n)s tipos de intervención", filled),
            "country": ngettext("de %(n)s país", "de %(n)s países", filled),
        }.get(self.axes.rows, "")
        counted = cell_text.evaluations_text(total.evaluations, self.language)
        if of_rows:
            counted = f"{counted} {of_rows % {'n': format_number(filled, self.language)}}"
        return _("%(evaluations)s, contadas una vez aunque tengan varios artículos.") % {"evaluations": counted}

    def _left_out(self) -> str:
        if dimensions.LONG.isdisjoint((self.axes.rows, self.axes.columns)):
            return ""
        return _("Los países sin estudios con estos criterios no se muestran.")

    def _address(self, criteria: Criteria) -> str:
        return with_query(reverse("map"), self.axes.query(criteria.as_set().query_string))


def _group_rows(rows: list[MapRow], groups: list[str]) -> Iterator[MapRowGroup]:
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or groups[end] != groups[start]:
            yield MapRowGroup(groups[start], tuple(rows[start:end]))
            start = end


def _mark_labels() -> dict[str, str]:
    return {"effect": _("Efecto, según los autores"), "design": _("Diseño"), "nearness": _("Cercanía al Perú")}


def _control_options(chosen: str, labels: Mapping[str, object]) -> tuple[ControlOption, ...]:
    return tuple(ControlOption(value, str(label), value == chosen) for value, label in labels.items())


def _place_options(body: EvidenceScope) -> Iterator[ControlOption]:
    regions, countries = (body.criteria.chosen.get(name, ()) for name in ("region", "country"))
    own = next((name for name, codes in PLACES.items() if not countries and sorted(codes) == sorted(regions)), "")
    # To choose the country Peru is the same as to choose the region that has only Peru.
    own = own or ("peru" if countries == ("PE",) and not regions else "")
    is_free = not regions and not countries
    yield ControlOption("all", _("Todos los países"), is_free)
    yield ControlOption("latin-america", _("América Latina y el Caribe"), own == "latin-america")
    yield ControlOption("peru", _("Solo el Perú"), own == "peru")
    if not is_free and not own:
        yield ControlOption("filtered", _("Los del filtro"), is_chosen=True)
