"""The view model of a synthesis: what evaluations found on each outcome, which studies are behind it, what is missing.

The same for an intervention, for a theme and for any criteria: only the studies differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace, evidence_list_url
from search.web.evidence import cell_text
from search.web.evidence.coverage import Coverage, CoverageSurvey, CoveredTerm, Gap, LadderStep
from search.web.evidence.dimensions import lower_first
from search.web.evidence.forest_view import MOST_ROWS, ForestView, forest_view
from search.web.evidence.harvest_view import HarvestView, harvest_view
from search.web.evidence.sentences import Sentence, SentencePart, StatementWriter, rule_examples
from studies.citations.names import format_short_authors, join_with_and
from studies.models import Study
from studies.store import evidence_snapshot as bank_evidence
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import Evidence, Scope, StudyEvidence
from studies.synthesis.forest import Forest, ForestRow, build_forests
from studies.synthesis.statements import build_statements, rank_outcomes
from studies.synthesis.tables import Tally, find_shared_data, tally_by_dimension, tally_claims
from studies.text.numbers import format_number
from studies.web.shared import queries
from studies.web.shared.components import StudyLine, study_line

REVIEWS_SHOWN = 5
SENTENCES_SHOWN = 6
TESTED_SHOWN = 6


@dataclass(frozen=True, slots=True)
class CountLink:
    """A count with its noun, and the address of the list behind it."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Synthesis:
    """All that a synthesis prints below its head. `more_sentences` are on outcomes with fewer evaluations.

    `tested` says what the evaluations put to the test where the criteria name something else, "" elsewhere.
    `shared_data` are sentences on evaluations that use the same data. Without an evaluation no sentence speaks of an
    effect, and `lead` says that there is none.
    """

    tested: str
    lead: Sentence | None
    shared_data: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    more_sentences: tuple[Sentence, ...]
    rules: tuple[tuple[str, str], ...]
    heading: str
    evaluations: CountLink
    studies: CountLink
    evaluation_count: int
    study_count: int
    harvest: HarvestView
    forests: tuple[ForestView, ...]
    forest_note: str
    ladder: tuple[LadderStep, ...]
    relevance: tuple[CoveredTerm, ...]
    coverage: tuple[Coverage, ...]
    follow_ups: tuple[CoveredTerm, ...]
    gaps: tuple[Gap, ...]
    reviews: tuple[StudyLine, ...]
    reviews_heading: str
    all_reviews: CountLink | None
    map_url: str
    effects_csv_url: str
    estimates_csv_url: str
    harvest_svg_url: str
    criteria_url: str
    brief_url: str
    is_chosen_by_effect: bool


@dataclass(frozen=True)
class Basis:
    """The input of a synthesis. `query` is the query string of the criteria, or picks, that define the studies.

    `is_chosen_by_context`: the criteria name a factor or a source of data and no intervention, so that a reader could
    take what evaluations found for an effect of the factor, or of the service that keeps the records.
    """

    studies: list[StudyEvidence]
    evidence: Evidence
    scope: Scope
    query: str
    vocabulary: Vocabularies
    language: str
    is_chosen_by_effect: bool = False
    is_chosen_by_context: bool = False

    def address(self, place: TablePlace) -> str:
        """Return the address of the list behind a place of this synthesis."""
        return evidence_list_url(self.query, place)

    def outcomes(self) -> dict[str, Tally]:
        """Return the tallies of the claims by code of outcome."""
        return tally_by_dimension("outcome", self.studies, self.evidence, self.scope)

    def outcome_codes(self) -> tuple[str, ...]:
        """Return the codes of all outcomes, in the order of the vocabulary."""
        return tuple(term.code for term in self.vocabulary.terms("outcomes"))

    def forests(self) -> tuple[Forest, ...]:
        """Return the estimates that may be compared, a forest for each measure and unit; only those with intervals."""
        measures = bank_evidence.read_measures(self.vocabulary)
        found = build_forests(self.studies, self.evidence, measures, self.outcome_codes(), self.scope)
        return tuple(forest for forest in found if forest.has_intervals)


def build_synthesis(basis: Basis) -> Synthesis:
    """Return the view model of a synthesis: four queries, whatever the number of studies, none if it names no study.

    One more for the names of data sets that several evaluations use.
    """
    outcomes = basis.outcomes()
    order = rank_outcomes(outcomes, basis.outcome_codes(), basis.evidence.taxonomy)
    total = tally_claims(basis.studies, basis.evidence, basis.scope)
    teller = StatementWriter(basis.vocabulary, basis.language, basis.address)
    by_outcome = [
        [teller.sentence(each) for each in build_statements(code, outcomes[code], basis.evidence)] for code in order
    ]
    sentences = [sentence for of_outcome in by_outcome for sentence in of_outcome]
    gathered = basis.forests()
    found = plottable_forests(gathered)
    rows = _read_studies(basis, found, total)
    views = tuple(
        forest_view(number, forest, basis.vocabulary, basis.language, partial(_name_row, basis, rows))
        for number, forest in enumerate(found, start=1)
    )
    surveyor = CoverageSurvey(
        basis.studies, basis.evidence, basis.scope, basis.vocabulary, basis.language, basis.address, total
    )
    reviews = _reviews(basis, total)
    shared = find_shared_data(total, basis.evidence)
    names = queries.evaluation_names(shared) if shared else {}
    count = len(total.reviews)
    number = format_number(count, basis.language)
    return Synthesis(
        tested=tested_text(basis) if basis.is_chosen_by_context and total.evaluations else "",
        lead=sentences[0] if sentences else None if total.evaluations else _no_evaluation(),
        shared_data=tuple(shared_data_sentences(shared, names, basis.language)),
        sentences=tuple(sentences[1 : SENTENCES_SHOWN + 1]),
        more_sentences=tuple(sentences[SENTENCES_SHOWN + 1 :]),
        rules=rule_examples(),
        heading=_heading(total, len(order), basis.language),
        evaluations=CountLink(
            cell_text.evaluations_text(total.evaluations, basis.language), basis.address(TablePlace(kind="evaluation"))
        ),
        studies=CountLink(cell_text.studies_text(len(total.studies), 0, basis.language), basis.address(TablePlace())),
        evaluation_count=total.evaluations,
        study_count=len(total.studies),
        harvest=harvest_view(outcomes, order, basis.evidence, basis.vocabulary, basis.language, basis.address),
        forests=views,
        forest_note=_forest_note(gathered, views, basis.language),
        ladder=surveyor.ladder(),
        relevance=surveyor.relevance(),
        coverage=surveyor.coverage(),
        follow_ups=surveyor.follow_ups(),
        gaps=tuple(surveyor.gaps()),
        reviews=tuple(
            study_line(rows[study.key], basis.vocabulary, basis.language) for study in reviews if study.key in rows
        ),
        reviews_heading=ngettext(
            "%(number)s revisión ya reunió estudios", "%(number)s revisiones ya reunieron estudios", count
        )
        % {"number": number},
        all_reviews=CountLink(
            ngettext("Ver la revisión", "Ver las %(number)s revisiones", count) % {"number": number},
            basis.address(TablePlace(kind="review")),
        )
        if count
        else None,
        map_url=_url(reverse("map"), basis.query),
        effects_csv_url=_url(reverse("evidence-data"), basis.query),
        estimates_csv_url=_url(reverse("evidence-data"), basis.query, table="estimates"),
        harvest_svg_url=_url(reverse("evidence-figure"), basis.query),
        criteria_url=_url(reverse("evidence"), basis.query),
        brief_url=_url(reverse("brief"), basis.query),
        is_chosen_by_effect=basis.is_chosen_by_effect,
    )


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
    """Return only the forests of a synthesis, for a file: four queries."""
    found = plottable_forests(basis.forests())
    rows = _read_studies(basis, found, None)
    return tuple(
        forest_view(number, forest, basis.vocabulary, basis.language, partial(_name_row, basis, rows))
        for number, forest in enumerate(found, start=1)
    )


def shared_data_sentences(
    shared: Mapping[str, Sequence[str]], names: Mapping[str, tuple[str, str]], language: str
) -> Iterator[str]:
    """Yield one sentence on all data sets that several evaluations use, none without any.

    `shared` holds the works of each set, `names` the names of the sets in both languages. A sentence for each set would
    make a page, and the paper of a brief, longer with every set.
    """
    sets = [
        f"{names.get(data_set, ('', ''))[language == 'en'] or data_set} ({format_number(len(works), language)})"
        for data_set, works in shared.items()
        if len(works) > 1
    ]
    if sets:
        yield _(
            "Hay evaluaciones que usan los mismos datos; cada una se cuenta, pero no son pruebas independientes y "
            "nunca se promedian juntas: %(sets)s."
        ) % {"sets": "; ".join(sets)}


def _reviews(basis: Basis, total: Tally) -> list[StudyEvidence]:
    """Return the newest study of each of the newest reviews."""
    newest: dict[str, StudyEvidence] = {}
    for key in total.studies:
        study = basis.evidence.studies[key]
        work = basis.evidence.works[study.id]
        if work.id in total.reviews and (work.id not in newest or study.year > newest[work.id].year):
            newest[work.id] = study
    return sorted(newest.values(), key=lambda study: (-study.year, study.id))[:REVIEWS_SHOWN]


def _read_studies(basis: Basis, found: Iterable[Forest], total: Tally | None) -> dict[int, Study]:
    """Read the studies that the page names, by key: those of the drawn estimates, and with `total` the reviews."""
    # One read for forests and reviews together: queries must not grow with what is drawn.
    keys = {row.study.key for forest in found for row in forest.rows}
    if total is not None:
        keys |= {study.key for study in _reviews(basis, total)}
    return {row.pk: row for row in Study.objects.for_results().in_order_of(sorted(keys))}


def _name_row(basis: Basis, rows: dict[int, Study], row: ForestRow) -> tuple[str, str]:
    """Return name and address of an evaluation: its programme, or else its authors, with its country if it has one."""
    study = row.study
    programme = basis.vocabulary.programme_by_slug.get(study.programme or "")
    stored = rows.get(study.key)
    authors = format_short_authors(list(stored.authorships.all()), basis.language) if stored else study.id
    name = programme.label(basis.language) if programme else f"{authors}, {study.year}"
    if len(study.countries) == 1:
        name = f"{name} ({basis.vocabulary.label('countries', study.countries[0], basis.language)})"
    return name, reverse("study", args=[study.id])


def _no_evaluation() -> Sentence:
    text = _("Este banco no tiene ninguna evaluación con estos criterios: no permite decir qué efecto hay.")
    return Sentence((SentencePart(text),))


def _heading(total: Tally, measured: int, language: str) -> str:
    if not total.evaluations:
        return _("Ninguna evaluación en este banco")
    return ngettext(
        "Las evaluaciones midieron %(number)s resultado", "Las evaluaciones midieron %(number)s resultados", measured
    ) % {"number": format_number(measured, language)}


def plottable_forests(found: Iterable[Forest]) -> list[Forest]:
    """Return the forests worth a plot: only sets of two evaluations or more, and at most MOST_ROWS rows a forest."""
    kept = [replace(forest, sets=tuple(each for each in forest.sets if len(each.rows) > 1)) for forest in found]
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
