"""Renders the public page of a record that is not saved: one that is typed, or one that is proposed.

The page is printed from rows, so the record is written, read, and taken back in one transaction that nobody else sees.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from studies.curation.stages import CurationError
from studies.models import Study
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import save_record
from studies.web.shared.responses import mark_not_public
from studies.web.study.views import render_study

if TYPE_CHECKING:
    from studies.records.study import StudyRecord

PREVIEW = "_preview"
"""The name of the buttons that ask a form for its preview; their value is the language."""


class PreviewFailed(CurationError):
    """The record cannot be written, not even to be looked at."""


def render_preview(request: HttpRequest, record: StudyRecord, study: Study | None, language: str) -> HttpResponse:
    """Print the public page that `study`, or a new one, would have with this record. Raises PreviewFailed.

    Nothing stays written. The counter is not raised and nothing is announced: no index sees the record.
    """
    row = Study.objects.get(pk=study.pk) if study else None
    try:
        with transaction.atomic():
            saved = save_record(record, row)
            found = Study.objects.for_detail().get(pk=saved.pk)
            with translation.override("en" if language == "en" else "es"):
                response = render_study(request, found, translation.get_language() or "es", is_preview=True)
            transaction.set_rollback(True)
    except IntegrityError as error:
        raise PreviewFailed("Otro estudio tiene el mismo identificador o el mismo DOI.") from error
    except UnknownTerm as error:
        raise PreviewFailed(f"El registro nombra algo que el banco ya no tiene: {error}.") from error
    return mark_not_public(response)
