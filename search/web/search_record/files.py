"""The record of a search as a text for people, and as JSON with codes for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from search.web.search_record.page import SearchRecordView

# Programs read it as "form": to be raised when a key of the JSON changes its meaning.
_FORMAT_VERSION = 1


def as_text(record: SearchRecordView) -> str:
    """Return the rows as text, each with its PRISMA-S item, then the sentences for a section on methods."""
    title = _("REGISTRO DE UNA BÚSQUEDA EN EL BANCO DE EVIDENCIAS")
    lines = [title, "=" * len(title), ""]
    for row in record.rows:
        item = f" [PRISMA-S {row.item}]" if row.item else ""
        lines += [f"{row.label}{item}:", *(f"  {_one_line(value)}" for value in row.values), ""]
    lines += [_("Texto para la sección de métodos:"), f"  {_one_line(record.summary)}", ""]
    lines += [_("Qué cambió desde entonces [PRISMA-S 12]:"), f"  {record.compare_url}", ""]
    return "\n".join(lines)


def as_json(record: SearchRecordView) -> dict[str, Any]:
    """Return the record under stable English keys: codes of what was chosen, labels in the page's language."""
    criteria = record.criteria
    return {
        "form": _FORMAT_VERSION,
        "source": {
            "name": "Banco de Evidencias",
            "url": record.home_url,
            "bank": record.bank_id,
            "version": record.version.change_no,
            "version_at": record.version.changed_at.isoformat(),
            "vocabulary_version": record.vocabulary_no,
            "studies": record.version.studies,
        },
        "searched_at": record.at.isoformat(timespec="seconds"),
        "language": record.language,
        "query": {
            "typed": criteria.q,
            "understood": record.understood or None,
            "notes": list(record.notes),
            "exact": criteria.exact,
            "without": list(criteria.without),
            "match": criteria.match,
        },
        "expansions": [
            {
                "concept": each.concept,
                "label": each.label,
                "words": [{"text": word, "language": language} for word, language in each.words],
            }
            for each in record.additions
        ],
        "filters": {name: list(codes) for name, codes in criteria.chosen.items() if codes},
        "year_from": criteria.year_from,
        "year_to": criteria.year_to,
        "filters_in_words": [{"facet": chip.facet_label, "label": chip.label} for chip in record.filters],
        "sort": criteria.order,
        "found": record.total,
        "url": record.url,
        "changes_url": record.compare_url,
        "summary": record.summary,
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
