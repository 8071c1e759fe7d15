"""The public history of a record in words: dates and kinds of change, nobody's name."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from studies.citations.names import join_with_and
from studies.curation.history import HistoryEvent, read_public_history
from studies.models import Study


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened on a day: "corrección de resultados y fuentes"."""

    on: datetime.datetime
    what: str
    is_withdrawal: bool = False


def history_lines(study: Study, language: str) -> tuple[HistoryLine, ...]:
    """Return the history of a study that is or was public, newest first: one query."""
    events = reversed(read_public_history(study))
    return tuple(HistoryLine(event.on, describe_event(event, language), event.kind == "withdrawn") for event in events)


def describe_event(event: HistoryEvent, language: str) -> str:
    """Return what happened, in the page's language: "corrección de resultados y fuentes"."""
    if event.kind == "corrected":
        return _("corrección de %(parts)s") % {"parts": name_parts(event.parts, language)}
    return {
        "published": _("publicación en el banco"),
        "appraised": _("cambio en la evaluación de calidad"),
        "withdrawn": _("retiro de la publicación"),
        "restored": _("vuelta a la publicación"),
    }[event.kind]


def name_parts(parts: Iterable[str], language: str) -> str:
    """Return parts of a record (`history.PARTS`) as a sentence names them: "resultados y fuentes"."""
    names = {
        "results": _("resultados"),
        "texts": _("textos del banco"),
        "methods": _("métodos"),
        "classification": _("clasificación"),
        "bibliography": _("datos bibliográficos"),
        "sources": _("fuentes"),
        "published_appraisals": _("juicios publicados por otros"),
        "appraisal": _("evaluación de calidad"),
    }
    return join_with_and([names[part] for part in parts], language)
