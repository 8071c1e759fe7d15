"""The words for studies around an intervention that are no evaluation of it, each use under a heading of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.dimensions import lower_first
from studies.citations.names import join_with_and
from studies.models import Study
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import StudyEvidence
from studies.synthesis.uses import RECORDS_OF, Use
from studies.text.numbers import format_number
from studies.web.shared.components import StudyLine, study_line

SHOWN = 5


@dataclass(frozen=True, slots=True)
class UseSection:
    """Studies of one use: the first ones, and the `more` in a drawer. `note` says what they don't tell."""

    id: str
    heading: str
    note: str
    studies: tuple[StudyLine, ...]
    more: tuple[StudyLine, ...]


def use_sections(
    intervention: str, groups: Mapping[Use, Sequence[StudyEvidence]], vocabulary: Vocabularies, language: str
) -> tuple[UseSection, ...]:
    """Return the sections of an intervention's page: four queries, none without any study."""
    keys = [study.key for own in groups.values() for study in own]
    if not keys:
        return ()
    rows = {row.pk: row for row in Study.objects.for_results().in_order_of(keys)}
    sections = []
    for use, own in groups.items():
        lines = tuple(study_line(rows[study.key], vocabulary, language) for study in own if study.key in rows)
        heading, note = _heading(use, intervention, vocabulary, language)
        sections.append(UseSection(use.value, heading, note, lines[:SHOWN], lines[SHOWN:]))
    return tuple(sections)


def no_evaluation_text() -> str:
    """Return the sentence on an intervention that nobody evaluated, for its own page and brief."""
    return _("Este banco no tiene ninguna evaluación de esta intervención: no permite decir qué efecto tiene.")


def what_there_is(
    intervention: str, groups: Mapping[Use, Sequence[StudyEvidence]], vocabulary: Vocabularies, language: str
) -> str:
    """Return in a sentence which studies there are instead of evaluations."""
    if not groups:
        return _("Tampoco tiene otros estudios sobre ella.")
    parts = []
    for use, own in groups.items():
        text = {
            Use.ONGOING: ngettext("%(n)s estudio en curso", "%(n)s estudios en curso", len(own)),
            Use.UNCOUNTED: ngettext(
                "%(n)s estudio cuyo diseño principal no cuenta como evaluación",
                "%(n)s estudios cuyo diseño principal no cuenta como evaluación",
                len(own),
            ),
            Use.DESCRIBED: ngettext(
                "%(n)s estudio que solo la describe", "%(n)s estudios que solo la describen", len(own)
            ),
            Use.REVIEWED: ngettext("%(n)s revisión", "%(n)s revisiones", len(own)),
            Use.RECORDS: ngettext(
                "%(n)s estudio que usa %(sources)s como datos, sin evaluar la intervención",
                "%(n)s estudios que usan %(sources)s como datos, sin evaluar la intervención",
                len(own),
            ),
        }[use]
        parts.append(
            text % {"n": format_number(len(own), language), "sources": _sources(intervention, vocabulary, language)}
        )
    return _("Lo que hay: %(studies)s.") % {"studies": join_with_and(parts, language)}


def use_label(use: Use) -> str:
    """Return what one study does with the intervention, for a cell of a table."""
    return {
        Use.ONGOING: _("En curso, sin resultados"),
        Use.UNCOUNTED: _("La estudia; su diseño principal no cuenta como evaluación"),
        Use.DESCRIBED: _("Solo la describe"),
        Use.REVIEWED: _("Revisión de estudios"),
        Use.RECORDS: _("Solo usa registros como datos"),
    }[use]


def _heading(use: Use, intervention: str, vocabulary: Vocabularies, language: str) -> tuple[str, str]:
    return {
        Use.ONGOING: (_("Estudios en curso"), _("Aún no hay resultados públicos.")),
        Use.UNCOUNTED: (
            _("Estudios cuyo diseño principal no cuenta como evaluación"),
            _("Su diseño principal no es un sorteo ni un cuasiexperimento."),
        ),
        Use.DESCRIBED: (
            _("Estudios que solo la describen"),
            _("Cuentan cómo es, quién la usa o qué cuesta; no miden su efecto."),
        ),
        Use.REVIEWED: (_("Revisiones que reúnen estudios sobre ella"), ""),
        Use.RECORDS: (
            _("Estudios que usan %(sources)s como datos") % {"sources": _sources(intervention, vocabulary, language)},
            _("Toman datos de lo que un servicio registra; no lo evalúan ni dicen qué efecto tiene."),
        ),
    }[use]


def _sources(intervention: str, vocabulary: Vocabularies, language: str) -> str:
    labels = (vocabulary.label("data_sources", code, language) for code in RECORDS_OF.get(intervention, ()))
    return join_with_and([lower_first(label) for label in labels], language)
