"""The table of all interventions as a file: the columns, order and filters of the page, numbers as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from search.web.evidence.intervention_index import InterventionIndex, intervention_list
from search.web.evidence.intervention_rows import InterventionRow
from studies.exports.table_workbook import TableSheet, build_workbook
from studies.exports.tabular import format_cell, write_table
from studies.exports.workbook import MEDIA_TYPE
from studies.store import vocabularies
from studies.text.dates import format_day
from studies.text.language import page_language
from studies.web.shared.addresses import absolute_url
from studies.web.shared.bank_counts import bank_version
from studies.web.shared.downloads import as_attachment, text_response

_Cell = str | float | None


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: `code` heads it in the CSV, `heading` in the workbook."""

    code: str
    heading: str
    read: Callable[[InterventionRow], _Cell]


@require_safe
def intervention_file(request: HttpRequest, ext: str) -> HttpResponse | StreamingHttpResponse:
    """Send the table as `xlsx` or `csv`: the queries of the page, one more for the version of the bank."""
    if ext not in ("xlsx", "csv"):
        raise Http404(ext)
    page = intervention_list(vocabularies.current(), page_language(), request.GET)
    rows = [row for group in page.groups for row in group.rows]
    columns = _columns()
    cells = [[column.read(row) for column in columns] for row in rows]
    stem = _("intervenciones")
    if ext == "csv":
        head = [column.code for column in columns]
        return text_response(write_table([head, *(map(format_cell, row) for row in cells)]), stem, ext)
    table = TableSheet(_("Intervenciones"), [column.heading for column in columns], cells)
    notes = TableSheet(_("Notas"), (_("Qué es"), _("Texto")), list(_notes(page, request)))
    return as_attachment(HttpResponse(build_workbook([table, notes]), content_type=MEDIA_TYPE), f"{stem}.{ext}")


def _columns() -> tuple[_Column, ...]:
    return (
        _Column("intervention", _("Código"), lambda row: row.code),
        _Column("intervention_label", _("Intervención"), lambda row: row.label),
        _Column("theme", _("Tema"), lambda row: row.theme_label),
        _Column("ratios", _("Razones de violencia, cada una con su intervalo"), lambda row: row.strip_words),
        _Column("direction", _("Hacia dónde apunta"), _direction),
        _Column("ratio_low", _("Razón más baja"), lambda row: row.ratios[0] if row.ratios else None),
        _Column("ratio_high", _("Razón más alta"), lambda row: row.ratios[1] if row.ratios else None),
        _Column("evaluations_with_ratio", _("Evaluaciones con razón"), lambda row: row.with_ratio),
        _Column("evaluations_of_violence", _("Evaluaciones que miden violencia"), lambda row: row.violence),
        _Column("evaluations", _("Evaluaciones"), lambda row: row.evaluations.number),
        _Column("randomised", _("Evaluaciones aleatorizadas"), lambda row: row.randomised.number),
        _Column("with_interval", _("Evaluaciones con intervalo"), lambda row: row.with_interval.number),
        _Column("cost_studies", _("Estudios que dicen el costo"), lambda row: row.costs.number),
        _Column("harm_evaluations", _("Evaluaciones que informan de algún daño"), lambda row: row.harms.number),
        _Column("nearest", _("Más cerca del Perú"), lambda row: row.nearest),
    )


def _direction(row: InterventionRow) -> str:
    """Return the words of the cell on the page."""
    if not row.evaluations.number:
        return _("Ninguna evaluación en este banco")
    # The page keeps a word and its number together; a cell of a spreadsheet is searched.
    text = str(row.directions).replace("\N{NO-BREAK SPACE}", " ")
    return text or _("Sin este resultado en los registros")


def _notes(page: InterventionIndex, request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield what stands around the table on the page: the file is read without it."""
    day = format_day(timezone.localtime(bank_version().changed_at))
    yield _("Fuente"), "Banco de Evidencias"
    yield _("Dirección"), absolute_url(request, f"{reverse('interventions')}{page.query}")
    for each in page.filters:
        yield each.label, next(choice.label for choice in each.choices if choice.is_chosen)
    yield _("Cómo leerla"), page.legend
    yield (
        _("Alcance"),
        _(
            "Los conteos describen este banco, que no es una búsqueda sistemática, no toda la literatura."
            " Datos al %(date)s."
        )
        % {"date": day},
    )
    yield _("Licencia"), f"{settings.DATA_LICENCE_NAME}, {settings.DATA_LICENCE_URL}"
