"""The view model of what lies under an answer: its studies, their estimates on plots, what they cover, what is missing.

The same for an intervention, for a theme and for any criteria: only the studies differ. `answer` says what was found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace
from search.web.evidence import cell_text
from search.web.evidence.basis import Basis
from search.web.evidence.coverage import Coverage, CoverageSurvey, CoveredTerm, Gap, LadderStep
from search.web.evidence.dimensions import lower_first
from search.web.evidence.effect_plot_view import EffectPlotView, effect_plot_view
from search.web.evidence.forest_view import MOST_ROWS, ForestView, forest_view
from search.web.evidence.row_names import name_study
from studies.citations.names import join_with_and
from studies.synthesis.forest import Forest, ForestRow
from studies.synthesis.plots import REGRESSION_COEFFICIENT
from studies.synthesis.tables import find_shared_data, tally_by_dimension, tally_claims
from studies.text.numbers import format_number
from studies.web.shared import queries

TESTED_SHOWN = 6


@dataclass(frozen=True, slots=True)
class CountLink:
    """A count with its noun, and the address of the list behind it."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Synthesis:
    """All that a page prints under its answer.

    `tested` says what the evaluations put to the test where the criteria name something else, "" elsewhere.
    `shared_data` are sentences on evaluations that use the same data.
    """

    tested: str
    shared_data: tuple[str, ...]
    evaluations: CountLink
    studies: CountLink
    evaluation_count: int
    study_count: int
    effects: EffectPlotView | None
    forests: tuple[ForestView, ...]
    forest_note: str
    ladder: tuple[LadderStep, ...]
    relevance: tuple[CoveredTerm, ...]
    coverage: tuple[Coverage, ...]
    follow_ups: tuple[CoveredTerm, ...]
    gaps: tuple[Gap, ...]
    all_reviews: CountLink | None
    map_url: str
    effects_csv_url: str
    estimates_csv_url: str
    outcomes_csv_url: str
    figure_url: str
    criteria_url: str
    brief_url: str
    is_chosen_by_effect: bool


def build_synthesis(basis: Basis) -> Synthesis:
    """Return what lies under an answer: one query, whatever the number of studies, none if it draws no estimate.

    One more for the names of data sets that several evaluations use. The rest is worked out once for each version of
    the bank.
    """
    synthesis, shared = basis.keep("synthesis", lambda: _build_synthesis(basis))
    names = queries.evaluation_names(shared) if shared else {}
    return replace(
        synthesis,
        shared_data=tuple(shared_data_sentences(shared, names, basis.language)),
        effects=effect_plot_view(basis),
    )


def _build_synthesis(basis: Basis) -> tuple[Synthesis, Mapping[str, Sequence[str]]]:
    """Return the synthesis, but for what is read from tables, and the works of each data set that several use."""
    total = tally_claims(basis.studies, basis.evidence, basis.scope)
    gathered = basis.forests()
    views = forest_views(basis)
    surveyor = CoverageSurvey(
        basis.studies, basis.evidence, basis.scope, basis.vocabulary, basis.language, basis.address, total
    )
    shared = find_shared_data(total, basis.evidence)
    count = len(total.reviews)
    number = format_number(count, basis.language)
    synthesis = Synthesis(
        tested=tested_text(basis) if basis.is_chosen_by_context and total.evaluations else "",
        shared_data=(),
        evaluations=CountLink(
            cell_text.evaluations_text(total.evaluations, basis.language), basis.address(TablePlace(kind="evaluation"))
        ),
        studies=CountLink(cell_text.studies_text(len(total.studies), 0, basis.language), basis.address(TablePlace())),
        evaluation_count=total.evaluations,
        study_count=len(total.studies),
        effects=None,
        forests=views,
        forest_note=_forest_note(gathered, views, basis.language),
        ladder=surveyor.ladder(),
        relevance=surveyor.relevance(),
        coverage=surveyor.coverage(),
        follow_ups=surveyor.follow_ups(),
        gaps=tuple(surveyor.gaps()),
        all_reviews=CountLink(
            ngettext("Ver la revisión", "Ver las %(number)s revisiones", count) % {"number": number},
            basis.address(TablePlace(kind="review")),
        )
        if count
        else None,
        map_url=_url(reverse("map"), basis.query),
        effects_csv_url=_url(reverse("evidence-data"), basis.query),
        estimates_csv_url=_url(reverse("evidence-data"), basis.query, table="estimates"),
        outcomes_csv_url=_url(reverse("evidence-data"), basis.query, table="outcomes"),
        figure_url=_url(reverse("evidence-figure"), basis.query),
        criteria_url=_url(reverse("evidence"), basis.query),
        brief_url=_url(reverse("brief"), basis.query),
        is_chosen_by_effect=basis.is_chosen_by_effect,
    )
    return synthesis, shared


def tested_text(basis: Basis) -> str:
    """Return a sentence that names the interventions that the evaluations put to the test, those of most first."""
    tallies = tally_by_dimension("intervention", basis.studies, basis.evidence, basis.scope)
    numbers = {code: tally.evaluations for code, tally in tallies.items() if tally.evaluations}
    # Python's sort is stable: the order of the vocabulary decides ties.
    ordered = [term for term in basis.vocabulary.terms("interventions") if term.code in numbers]
    ordered.sort(key=lambda term: -numbers[term.code])
    names = [
        f"{lower_first(term.label(basis.language))} ({format_number(numbers[term.code], basis.language)})"
        for term in ordered[:TESTED_SHOWN]
    ]
    if more := len(ordered) - TESTED_SHOWN if len(ordered) > TESTED_SHOWN else 0:
        names.append(
            ngettext("%(number)s intervención más", "%(number)s intervenciones más", more)
            % {"number": format_number(more, basis.language)}
        )
    return _(
        "Lo que estas evaluaciones ponen a prueba es: %(interventions)s. Ninguna pone a prueba un factor, ni un "
        "servicio del que solo se toman datos."
    ) % {"interventions": join_with_and(names, basis.language)}


def forest_views(basis: Basis) -> tuple[ForestView, ...]:
    """Return the forests of a synthesis."""

    def naming(row: ForestRow) -> tuple[str, str]:
        return name_study(basis, row.study)

    return tuple(
        forest_view(number, forest, basis.vocabulary, basis.language, naming)
        for number, forest in enumerate(plottable_forests(basis.forests()), start=1)
    )


def shared_data_sentences(
    shared: Mapping[str, Sequence[str]], names: Mapping[str, tuple[str, str]], language: str, most: int | None = None
) -> Iterator[str]:
    """Yield one sentence on all data sets that several evaluations use, none without any.

    `shared` holds the works of each set, `names` the names of the sets in both languages. A sentence for each set would
    make a page longer with every set. It names at most `most` sets, and says how many more there are.
    """
    sets = [
        f"{names.get(data_set, ('', ''))[language == 'en'] or data_set} ({format_number(len(works), language)})"
        for data_set, works in shared.items()
        if len(works) > 1
    ]
    if most is not None and (more := len(sets) - most) > 0:
        text = ngettext("%(number)s conjunto de datos más", "%(number)s conjuntos de datos más", more)
        sets = [*sets[:most], text % {"number": format_number(more, language)}]
    if sets:
        yield _(
            "Hay evaluaciones que usan los mismos datos; cada una se cuenta, pero no son pruebas independientes y "
            "nunca se promedian juntas: %(sets)s."
        ) % {"sets": "; ".join(sets)}


def plottable_forests(found: Iterable[Forest]) -> list[Forest]:
    """Return the forests worth a plot: at most MOST_ROWS rows, and of each outcome and design two evaluations or more.

    Those may have been compared with different things, and then stand in sets of their own, below one another. A
    regression coefficient is never drawn: each is in the scale of its own model.
    """
    kept = []
    for forest in found:
        if forest.measure.code == REGRESSION_COEFFICIENT:
            continue
        counts = Counter((each.outcome, each.design) for each in forest.sets for _row in each.rows)
        sets = tuple(each for each in forest.sets if counts[each.outcome, each.design] > 1)
        kept.append(replace(forest, sets=sets))
    return [forest for forest in kept if forest.has_intervals and len(forest.rows) <= MOST_ROWS]


def _forest_note(gathered: tuple[Forest, ...], views: tuple[ForestView, ...], language: str) -> str:
    """Return a sentence on what is not drawn and why; "" if all is drawn."""
    if any(len(forest.rows) > MOST_ROWS for forest in gathered):
        return _("Hay demasiadas estimaciones para dibujarlas: elija una intervención, un resultado o un lugar.")
    if not gathered:
        return _("Ningún registro de estas evaluaciones trae un intervalo con que dibujar sus cifras.")
    alone = sum(len(forest.rows) for forest in gathered) - sum(len(view.plot.forest.rows) for view in views)
    if not alone:
        return ""
    return ngettext(
        "Hay %(number)s estimación sin otra de la misma medida con que compararla: está en la descarga.",
        "Hay %(number)s estimaciones sin otra de la misma medida con que compararlas: están en la descarga.",
        alone,
    ) % {"number": format_number(alone, language)}


def _url(path: str, query: str, **more: str) -> str:
    joined = "&".join(filter(None, [query, urlencode(more)]))
    return f"{path}?{joined}" if joined else path
