"""The studies in the table of a brief, the nearest to Peru first and one of each evaluation, and their cells."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.brief.blocks import BriefRun, Citation, EffectList, OutcomeEffect, TableCell, TableColumn
from search.web.evidence.dimensions import lower_first
from search.web.evidence.uses import use_label
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
from studies.synthesis.tables import Tally, group_by_work
from studies.synthesis.uses import Use
from studies.text.bilingual import choose_text
from studies.text.numbers import format_number

_EFFECTS_SHOWN = 2
_COUNTRIES_SHOWN = 3


def order_nearest_first(tally: Tally, evidence: Evidence) -> list[StudyEvidence]:
    """Return the studies of a tally in order: evaluations first, by nearness to Peru, strength of design and year.

    Each work comes first with one study, that with most estimated effects. The works' other studies follow after all
    of these.
    """
    ranks: dict[int, tuple[int, bool, int, int, int, str]] = {}
    for group in group_by_work(tally, evidence):
        design = STRENGTHS.index(classify_design(group.work))
        members = sorted(group.studies, key=lambda study: (-_estimated(study), study.nearness, -study.year, study.id))
        for place, study in enumerate(members):
            own = (place, not group.is_evaluation, study.nearness, design, -study.year, study.id)
            # A study of several trials stands where the first of them puts it.
            ranks[study.key] = min(own, ranks.get(study.key, own))
    return sorted((evidence.studies[key] for key in ranks), key=lambda study: ranks[study.key])


def study_columns(*, has_effects: bool) -> tuple[TableColumn, ...]:
    """Return the columns of `study_cells`: without effects it tells what each study does instead."""
    return (
        TableColumn(_("Estudio"), 32),
        TableColumn(_("Lugar"), 22, is_labelled=True),
        TableColumn(_("Diseño"), 28, is_labelled=True),
        TableColumn(_("Efecto, según los autores") if has_effects else _("Qué hace"), 42),
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
    use: Use | None = None,
) -> tuple[TableCell, ...]:
    """Return a study as a row of the table. `number` is that of its reference; `outcomes` has their order.

    `use` is what it does with an intervention that nobody evaluated: then no effect is told.
    """
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
        (BriefRun(use_label(use)),)
        if use is not None
        else _effect_cell(_effects(study, scope, outcomes), url, vocabulary, language),
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
    """Return (outcome, effect) of what this study estimated, whatever other studies of its evaluation found.

    Of interventions that were asked for, only what it puts to the test: a review tells its own in its main finding.
    """
    found: dict[str, list[str]] = {}
    for claim in scope.filter_claims(study):
        if scope.interventions and scope.interventions.isdisjoint(study.tested):
            continue
        if claim.outcome and claim.effect != NOT_ESTIMATED:
            found.setdefault(claim.outcome, []).append(claim.effect)
    shared = [(outcome, combine_effects(effects)) for outcome, effects in found.items()]
    return sorted(shared, key=lambda pair: outcomes.get(pair[0], len(outcomes)))


def _estimated(study: StudyEvidence) -> int:
    return sum(claim.effect != NOT_ESTIMATED for claim in study.claims)
