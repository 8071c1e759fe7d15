"""Tells studies that only take their data from the records of a service, so that nobody reads them as tests of it."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from studies.citations.names import join_with_and
from studies.store.vocabularies import Vocabularies
from studies.text.normalize import lower_first

_RESPONSE_THEME = "attention"
_HELPLINES = ("helpline-calls", "helpline")
_RESPONSE_RECORDS = frozenset({"police-records", "court-records", "health-records"})
_ANY_SERVICE = "service-records"


def service_data_text(
    interventions: Collection[str], data_sources: Collection[str], vocabulary: Vocabularies, language: str
) -> str:
    """Return a sentence that names the services whose records are only the data of a study; "" if there are none.

    It is silent wherever the service might be among the `interventions`, which are those in any role: calls to
    helplines can be of helplines alone, records of police, courts and health of any service of response, and the
    records of "services" of whatever the study is about.
    """
    codes = [code for code in data_sources if _is_data_only(code, interventions, vocabulary)]
    if not codes:
        return ""
    records = [lower_first(vocabulary.label("data_sources", code, language)) for code in codes]
    text = _("Usa %(records)s solo como datos: no evalúa esos servicios.")
    return text % {"records": join_with_and(records, language)}


def _is_data_only(source: str, interventions: Collection[str], vocabulary: Vocabularies) -> bool:
    if source == _HELPLINES[0]:
        return _HELPLINES[1] not in interventions
    if source in _RESPONSE_RECORDS:
        themes = {vocabulary.term("interventions", code).parent for code in interventions}
        return _RESPONSE_THEME not in themes
    return source == _ANY_SERVICE and not interventions
