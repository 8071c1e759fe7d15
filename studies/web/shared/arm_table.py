"""The data of single groups of findings as one table, as the source gives them. No query."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from studies.records.finding import ArmRecord, FindingRecord
from studies.store.vocabularies import Vocabularies
from studies.text.numbers import format_number, format_percent
from studies.web.shared.finding_notes import qualifier_text


@dataclass(frozen=True, slots=True)
class ArmColumn:
    """A column that at least one group has a number for."""

    name: str
    heading: str


@dataclass(frozen=True, slots=True)
class ArmCell:
    """A number with the heading of its column, "" where the source gives none."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class ArmRow:
    """A group: of which finding, its name, and its numbers in the order of the columns."""

    finding: str
    arm: str
    cells: tuple[ArmCell, ...]


@dataclass(frozen=True, slots=True)
class ArmTable:
    """All groups of a study's findings. A row repeats the finding of the row above."""

    columns: tuple[ArmColumn, ...]
    rows: tuple[ArmRow, ...]


def arm_table(findings: tuple[FindingRecord, ...], vocabulary: Vocabularies, language: str) -> ArmTable | None:
    """Return the table of the groups of these findings; None if the record has no data by group."""
    arms = [arm for finding in findings for arm in finding.arms]
    if not arms:
        return None
    headings = {
        "n": _("Analizados"),
        "events": _("Con el resultado"),
        "percent": _("Porcentaje"),
        "mean": _("Media"),
        "sd": _("Desviación estándar"),
    }
    names = [name for name in headings if any(getattr(arm, name) is not None for arm in arms)]
    return ArmTable(
        columns=tuple(ArmColumn(name, headings[name]) for name in names),
        rows=tuple(
            ArmRow(
                _finding_name(finding, vocabulary, language),
                arm_name(arm),
                tuple(ArmCell(headings[name], _figure(arm, name, language)) for name in names),
            )
            for finding in findings
            for arm in finding.arms
        ),
    )


def arm_name(arm: ArmRecord) -> str:
    """Return the name of a group; the few that the format knows in the language of the page, others as recorded."""
    return {
        "intervention": _("Con el programa"),
        "comparison": _("Comparación"),
        "women": _("Mujeres"),
        "men": _("Hombres"),
        "cases": _("Casos"),
        "controls": _("Controles"),
        "before": _("Antes"),
        "after": _("Después"),
    }.get(arm.arm, arm.arm)


def _finding_name(finding: FindingRecord, vocabulary: Vocabularies, language: str) -> str:
    outcome, qualifier = vocabulary.label("outcomes", finding.outcome, language), qualifier_text(finding, language)
    return f"{outcome} ({qualifier})" if qualifier else outcome


def _figure(arm: ArmRecord, name: str, language: str) -> str:
    number = getattr(arm, name)
    if number is None:
        return ""
    return format_percent(number, language) if name == "percent" else format_number(number, language)
