"""The list of programmes along the learning cycle, those of the bank's own makers first, with three filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from studies.learning.programmes import BESIDE_CYCLE, CYCLE, is_own
from studies.models import Programme
from studies.store.vocabularies import Vocabularies
from studies.web.shared.components import ProgrammeLine, name_of, organisation_names, programme_line
from studies.web.shared.learning_cycle import stage_label
from studies.web.shared.links import Link, breadcrumbs

FILTERS = ("theme", "stage", "country")
_Codes = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """A programme in the list, with who runs it and how many studies the bank has of it.

    `is_chosen`: it is marked for a comparison.
    """

    line: ProgrammeLine
    organisation: str
    studies: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ProgrammeGroup:
    """Programmes below one heading, which names their stage unless `shows_stage`."""

    anchor: str
    heading: str
    shows_stage: bool
    rows: tuple[ProgrammeRow, ...]


@dataclass(frozen=True, slots=True)
class FilterOption:
    """A value of a filter with the number of programmes that have it, under the choices of the other filters."""

    code: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ProgrammeListFilter:
    """A filter, of which one value or none is chosen."""

    name: str
    label: str
    choices: tuple[FilterOption, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeList:
    """All that the list prints. `unknown` are (label of the filter, value) for values that the filter does not have.

    `chosen` are slug and name of all that are marked for a comparison, `chosen_elsewhere` the slugs of those that the
    filters leave out.
    """

    crumbs: tuple[Link, ...]
    total: int
    shown: int
    is_narrowed: bool
    filters: tuple[ProgrammeListFilter, ...]
    unknown: tuple[tuple[str, str], ...]
    groups: tuple[ProgrammeGroup, ...]
    chosen: tuple[tuple[str, str], ...]
    chosen_elsewhere: tuple[str, ...]


def programme_list(
    programmes: Iterable[Programme],
    studies: Mapping[int, set[int]],
    vocabulary: Vocabularies,
    language: str,
    parameters: QueryDict,
) -> ProgrammeList:
    """Return the view model of the list: no query. `studies` holds the keys of studies by key of programme."""
    coded = [(each, _codes_of(each)) for each in programmes]
    chosen = {name: parameters.get(name, "") for name in FILTERS}
    labels = _labels(vocabulary, language)
    unknown = tuple(
        (str(_filter_labels()[name]), code) for name, code in chosen.items() if code and code not in labels[name]
    )
    chosen = {name: code for name, code in chosen.items() if code in labels[name]}
    left = [each for each, codes in coded if _matches(codes, chosen)]
    asked = set(parameters.getlist("programme"))
    marked = [each.slug for each, _codes in coded if each.slug in asked]
    rows = {
        each.pk: _row(each, len(studies.get(each.pk, ())), each.slug in marked, vocabulary, language) for each in left
    }
    shown = {each.slug for each in left}
    return ProgrammeList(
        crumbs=breadcrumbs(Link(_("Programas"))),
        total=len(coded),
        shown=len(left),
        is_narrowed=bool(chosen),
        filters=tuple(_filter(name, [codes for _each, codes in coded], chosen, labels[name]) for name in FILTERS),
        unknown=unknown,
        groups=tuple(_groups(left, rows, language)),
        chosen=tuple((each.slug, name_of(each, language)) for each, _codes in coded if each.slug in marked),
        chosen_elsewhere=tuple(slug for slug in marked if slug not in shown),
    )


def _codes_of(programme: Programme) -> _Codes:
    return {
        "theme": tuple(term.code for term in programme.themes.all()),
        "stage": (programme.stage,),
        "country": tuple(term.code for term in programme.countries.all()),
    }


def _labels(vocabulary: Vocabularies, language: str) -> dict[str, dict[str, str]]:
    return {
        "theme": {term.code: term.label(language) for term in vocabulary.terms("themes")},
        "stage": {stage: stage_label(stage) for stage in (*CYCLE, *BESIDE_CYCLE)},
        "country": {term.code: term.label(language) for term in vocabulary.every_term("countries")},
    }


def _filter_labels() -> dict[str, str]:
    return {"theme": _("Tema"), "stage": _("Etapa"), "country": _("País")}


def _matches(codes: _Codes, chosen: Mapping[str, str], *, but: str = "") -> bool:
    return all(code in codes[name] for name, code in chosen.items() if name != but)


def _filter(
    name: str, programmes: list[_Codes], chosen: Mapping[str, str], labels: Mapping[str, str]
) -> ProgrammeListFilter:
    # Without the filter's own choice: an option would replace it.
    counts = Counter(code for codes in programmes if _matches(codes, chosen, but=name) for code in codes[name])
    offered = [code for code in labels if counts[code] or chosen.get(name) == code]
    if name == "country":
        offered.sort(key=lambda code: (code != "PE", labels[code]))
    choices = (FilterOption(code, labels[code], counts[code], chosen.get(name) == code) for code in offered)
    return ProgrammeListFilter(name, _filter_labels()[name], tuple(choices))


def _groups(programmes: list[Programme], rows: Mapping[int, ProgrammeRow], language: str) -> Iterable[ProgrammeGroup]:
    places = {stage: place for place, stage in enumerate((*CYCLE, *BESIDE_CYCLE))}
    programmes = sorted(programmes, key=lambda each: (places[each.stage], name_of(each, language).casefold()))
    own = [rows[each.pk] for each in programmes if is_own(each)]
    if own:
        yield ProgrammeGroup("propios", _("Del MIMP, IPA y J-PAL"), True, tuple(own))
    for stage in places:
        others = [rows[each.pk] for each in programmes if each.stage == stage and not is_own(each)]
        if others:
            yield ProgrammeGroup(f"etapa-{stage}", _heading(stage), False, tuple(others))


def _heading(stage: str) -> str:
    if stage in CYCLE:
        return _("Otros programas, etapa %(place)s: %(stage)s") % {
            "place": CYCLE.index(stage) + 1,
            "stage": stage_label(stage),
        }
    return _("Otros programas, fuera del ciclo: %(stage)s") % {"stage": stage_label(stage)}


def _row(programme: Programme, studies: int, is_chosen: bool, vocabulary: Vocabularies, language: str) -> ProgrammeRow:
    organisations = ", ".join(organisation_names(programme, language))
    return ProgrammeRow(programme_line(programme, vocabulary, language), organisations, studies, is_chosen)
