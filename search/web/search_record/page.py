"""The view model of the record of a search: labelled rows in the page's language, with the items of PRISMA-S."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.help.query_explanation import QueryExplainer
from search.services import public_search
from search.services.query_reader import get_query_reader
from search.web.results.page import list_hints, search_url, sort_label
from search.web.results.zero_results import tell_match
from search.web.shared.criteria_text import describe_criteria, list_applied_filters
from search.web.shared.subscribe_links import record_url
from studies.store import bank_state, vocabularies
from studies.templatetags.bank import day
from studies.text.numbers import format_number
from studies.web.shared.addresses import absolute_url
from studies.web.shared.bank_counts import BankVersion, bank_version

if TYPE_CHECKING:
    from django.http import HttpRequest

    from search.criteria.criteria import Criteria
    from search.query.parsed_query import ParsedQuery
    from search.services.public_search import SearchPage
    from search.web.shared.view_models import Chip


@dataclass(frozen=True, slots=True)
class ThesaurusAddition:
    """A concept of the thesaurus with the words that it added, each as (word, language)."""

    concept: str
    label: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A line of the record. `item` is the number of the PRISMA-S item that it answers, 0 if it answers none."""

    label: str
    values: tuple[str, ...]
    item: int = 0


@dataclass(frozen=True, slots=True)
class SearchRecordView:
    """A search as it was run at a moment. `total` is None where there was no index to count with.

    `understood` says how the words were read, `match` how many of their parts a study has, if not all, `notes` what
    was not taken as typed. `url` is the whole address of the list, `compare_url` that of what will have changed in it
    since.
    """

    criteria: Criteria
    at: datetime
    version: BankVersion
    bank_id: str
    vocabulary_no: int
    language: str
    understood: str
    match: str
    notes: tuple[str, ...]
    additions: tuple[ThesaurusAddition, ...]
    switched_off: tuple[str, ...]
    filters: tuple[Chip, ...]
    sort: str
    total: int | None
    home_url: str
    url: str
    compare_url: str
    summary: str
    files: tuple[tuple[str, str], ...]

    @property
    def rows(self) -> tuple[RecordRow, ...]:
        """The rows as they are printed, without empty ones."""
        return tuple(row for row in _rows(self) if row.values)


def record_search(criteria: Criteria, request: HttpRequest, language: str) -> SearchRecordView:
    """Run the search of the criteria and return its record: seven queries."""
    criteria = replace(criteria, page=1)
    found = public_search.search(criteria)
    counter, vocabulary = bank_state.current(), vocabularies.current()
    thesaurus = get_query_reader(vocabulary).thesaurus
    query = criteria.query_string
    compare_url = record_url(criteria, since=counter.change_no, words=counter.vocabulary_no)
    record = SearchRecordView(
        criteria=criteria,
        at=timezone.localtime(),
        version=bank_version(),
        bank_id=str(counter.bank_id),
        vocabulary_no=counter.vocabulary_no,
        language=language,
        understood=_understood(found, language),
        match=tell_match(criteria.match or 0, found.part_count) if found.part_count else "",
        notes=tuple(list_hints(found)),
        additions=tuple(
            ThesaurusAddition(
                added.slug,
                label.text if (label := thesaurus.label(added.slug, language)) else added.slug,
                tuple((word.text, word.language) for word in added.words),
            )
            for added in (found.query.added if found.has_index else ())
        ),
        switched_off=_switched_off(found.query, language),
        filters=list_applied_filters(criteria, language),
        sort=sort_label(criteria.order),
        total=found.total,
        home_url=absolute_url(request, reverse("home")),
        url=absolute_url(request, search_url(criteria)),
        compare_url=absolute_url(request, compare_url),
        summary="",
        files=tuple(
            (ext.upper(), reverse("search-record-file", args=[ext]) + (f"?{query}" if query else ""))
            for ext in ("txt", "json")
        ),
    )
    return replace(record, summary=_summary(record))


def _understood(found: SearchPage, language: str) -> str:
    if not found.criteria.q.strip():
        return ""
    # Without the links to act on, which a record has not, their spaces are left before commas and full stops.
    said = QueryExplainer(found.query, vocabularies.current(), language, lambda _query: "").explain()
    return "".join(piece.text for piece in said if not piece.action).replace(" ,", ",").replace(" .", ".") or _(
        "Todas las palabras, en cualquier parte del registro, sin distinguir tildes, mayúsculas ni plurales."
    )


def _switched_off(query: ParsedQuery, language: str) -> tuple[str, ...]:
    thesaurus = get_query_reader(vocabularies.current()).thesaurus
    labels = (thesaurus.label(slug, language) for slug in query.switched_off)
    return tuple(label.text for label in labels if label)


def _rows(record: SearchRecordView) -> Iterator[RecordRow]:
    version = record.version
    studies = format_number(version.studies, record.language)
    yield RecordRow(_("Fuente"), (f"Banco de Evidencias, {record.home_url}",), 1)
    yield RecordRow(_("Fecha y hora"), (format_moment(record),), 13)
    yield RecordRow(
        _("Versión del banco"),
        (
            _("%(number)s, del %(date)s; %(studies)s estudios; vocabularios y sinónimos, versión %(words)s")
            % {
                "number": format_number(version.change_no, record.language),
                "date": day(timezone.localtime(version.changed_at)),
                "studies": studies,
                "words": format_number(record.vocabulary_no, record.language),
            },
        ),
    )
    yield RecordRow(
        _("Consulta escrita"), (record.criteria.q,) if record.criteria.q.strip() else (_("ninguna palabra"),), 8
    )
    yield RecordRow(_("Consulta entendida"), (record.understood,) if record.understood else (), 8)
    yield RecordRow(_("Coincidencia"), (record.match,) if record.match else (), 8)
    yield RecordRow(_("No se tomó como se escribió"), record.notes, 8)
    yield RecordRow(_("Sinónimos y traducciones añadidos"), tuple(_thesaurus_lines(record)), 8)
    yield RecordRow(_("Filtros y límites"), tuple(_filter_lines(record)), 9)
    yield RecordRow(_("Orden de la lista"), (record.sort,))
    yield RecordRow(_("Estudios encontrados"), (total_text(record),), 15)
    yield RecordRow(_("Dirección de la lista"), (record.url,), 8)


def _thesaurus_lines(record: SearchRecordView) -> Iterator[str]:
    if record.criteria.exact:
        yield _("Ninguno: se buscaron solo las palabras escritas.")
    for addition in record.additions:
        words = ", ".join(word for word, _language in addition.words)
        yield f"{addition.label}: {words}" if words else addition.label
    for label in record.switched_off:
        yield _("No se añadió: %(label)s") % {"label": label}


def _filter_lines(record: SearchRecordView) -> Iterator[str]:
    labels: dict[str, list[str]] = {}
    either = _(" o ")
    for chip in record.filters:
        labels.setdefault(chip.facet_label, []).append(chip.label)
    for facet, names in labels.items():
        yield f"{facet}: {either.join(names)}"
    if not labels:
        yield _("ninguno")


def total_text(record: SearchRecordView) -> str:
    """Return how many studies were found, in words where they could not be counted."""
    if record.total is None:
        return _("sin contar: la búsqueda no estaba completa en ese momento")
    return format_number(record.total, record.language)


def format_moment(record: SearchRecordView) -> str:
    """Return day, hour and time zone: 26 de noviembre de 2026, 10:15 (UTC−05:00)."""
    # `%z` gives -0500.
    offset = f"{record.at:%z}"
    zone = f"UTC{offset[:3].replace('-', '−')}:{offset[3:]}"
    return f"{day(record.at)}, {record.at:%H:%M} ({zone})"


def _summary(record: SearchRecordView) -> str:
    """Return the sentences that the methods section of a paper can quote."""
    number = format_number(record.version.change_no, record.language)
    sentence = _("Se buscó en el Banco de Evidencias (%(url)s, versión %(number)s) el %(moment)s: %(criteria)s.") % {
        "url": record.home_url,
        "number": number,
        "moment": format_moment(record),
        "criteria": describe_criteria(record.criteria, record.language),
    }
    if record.total is None:
        return sentence
    found = ngettext("Se encontró %(total)s estudio.", "Se encontraron %(total)s estudios.", record.total) % {
        "total": format_number(record.total, record.language)
    }
    caution = _("El banco no es una búsqueda sistemática.")
    return f"{sentence} {found} {caution} {record.url}"
