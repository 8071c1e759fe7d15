"""The studies in the table of a brief, the nearest to Peru first and one of each evaluation, and their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.brief.blocks import BriefRun, Citation, EffectList, OutcomeEffect, TableCell, TableColumn
from search.web.evidence.dimensions import lower_first
from studies.citations.names import format_short_authors, join_with_and
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import (
    NOT_ESTIMATED,
    STRENGTHS,
    Evidence,
    Scope,
    StudyEvidence,
    classify_design,
    combine_effects,
)
from studies.text.bilingual import choose_text
from studies.text.numbers import format_number

_EFFECTS_SHOWN = 2
_COUNTRIES_SHOWN = 3


def order_nearest_first(studies: Iterable[StudyEvidence], evidence: Evidence) -> list[StudyEvidence]:
    """Return studies in order: evaluations first, by nearness to Peru, then by strength of design and year.

    Each work comes first with one study, that with most estimated effects. The works' other studies follow after all
    of these.
    """
    by_work: dict[str, list[StudyEvidence]] = {}
    for study in studies:
        by_work.setdefault(evidence.works[study.id].id, []).append(study)
    places: dict[str, int] = {}
    for members in by_work.values():
        members.sort(key=lambda study: (-_estimated(study), study.nearness, -study.year, study.id))
        places |= {study.id: place for place, study in enumerate(members)}

    def rank(study: StudyEvidence) -> tuple[int, bool, int, int, int, str]:
        work = evidence.works[study.id]
        design = STRENGTHS.index(classify_design(work))
        return places[study.id], not work.is_evaluation, study.nearness, design, -study.year, study.id

    return sorted((study for members in by_work.values() for study in members), key=rank)


def study_columns() -> tuple[TableColumn, ...]:
    """Return the columns of `study_cells`."""
    return (
        TableColumn(_("Estudio"), 32),
        TableColumn(_("Lugar"), 22, is_labelled=True),
        TableColumn(_("Diseño"), 28, is_labelled=True),
        TableColumn(_("Efecto, según los autores"), 42),
        TableColumn(_("Hallazgo principal"), 50),
    )


def study_cells(
    study: StudyEvidence,
    record: StudyRecord,
    number: int,
    scope: Scope,
    outcomes: Mapping[str, int],
    vocabulary: Vocabularies,
    language: str,
) -> tuple[TableCell, ...]:
    """Return a study as a row of the table. `number` is that of its reference; `outcomes` has their order."""
    url = reverse("study", args=[record.id])
    countries = [vocabulary.label("countries", code, language) for code in record.countries]
    if not countries:
        place = _("Varios países o sin dato")
    else:
        place = join_with_and(countries, language) if len(countries) <= _COUNTRIES_SHOWN else _("Varios países")
    design = vocabulary.label("designs", record.designs[0], language) if record.designs else ""
    finding = choose_text(record.key_finding_es, record.key_finding_en, language)
    return (
        (BriefRun(study_name(record, language), url), Citation((number,))),
        (BriefRun(place),),
        (BriefRun(design),),
        _effect_cell(_effects(study, scope, outcomes), url, vocabulary, language),
        finding or (BriefRun(_("Sin dato"), look="soft"),),
    )


def study_name(record: StudyRecord, language: str) -> str:
    """Return authors and year, by which a brief names a study."""
    return f"{format_short_authors(record.authors, language)}, {record.year}"


def _effect_cell(effects: list[tuple[str, str]], url: str, vocabulary: Vocabularies, language: str) -> TableCell:
    if not effects:
        return (BriefRun(_("Sin estimación en el registro"), look="soft"),)
    shown = tuple(
        OutcomeEffect(
            code,
            vocabulary.label("effects", code, language),
            lower_first(vocabulary.label("outcomes", outcome, language)),
        )
        for outcome, code in effects[:_EFFECTS_SHOWN]
    )
    more = len(effects) - len(shown)
    text = ngettext("y %(number)s más", "y %(number)s más", more) % {"number": format_number(more, language)}
    return EffectList(shown, text if more else "", url)


def _effects(study: StudyEvidence, scope: Scope, outcomes: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return (outcome, effect) of what this study estimated, whatever other studies of its evaluation found."""
    found: dict[str, list[str]] = {}
    for claim in scope.filter_claims(study):
        if claim.outcome and claim.effect != NOT_ESTIMATED:
            found.setdefault(claim.outcome, []).append(claim.effect)
    shared = [(outcome, combine_effects(effects)) for outcome, effects in found.items()]
    return sorted(shared, key=lambda pair: outcomes.get(pair[0], len(outcomes)))


def _estimated(study: StudyEvidence) -> int:
    return sum(claim.effect != NOT_ESTIMATED for claim in study.claims)
