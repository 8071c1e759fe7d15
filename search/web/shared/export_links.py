"""Links to the files of a list, in every format of the registry: of result lists, selections and frozen lists."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from search.web.shared.view_models import ExportLink, ReferenceForm
from studies.citations.styles.registry import DEFAULT_STYLE, STYLES
from studies.exports.registry import EXPORTS, Export


def export_links(name: str, query: str = "", **in_path: str) -> Iterator[ExportLink]:
    """Yield a link for each export format. `name` is the URL name of the view that sends files; `query` its list.

    A file that has a citation style comes in the default one: `reference_form` lets the reader choose.
    """
    for ext, export in EXPORTS.items():
        path = reverse(name, kwargs={**in_path, "ext": ext})
        yield ExportLink(export.label, f"{path}?{query}" if query else path, _group(export))


def reference_form(name: str, query: str = "", **in_path: str) -> ReferenceForm:
    """Return the form to choose style and language of a list's references: one button for each file, no script."""
    headings = {"es": _("En español"), "en": _("En inglés")}
    here = get_language() or ""
    rows = []
    # The page's own language first.
    for language, _name in sorted(settings.LANGUAGES, key=lambda pair: pair[0] != here):
        with override(language):
            links = tuple(
                ExportLink(export.label, reverse(name, kwargs={**in_path, "ext": ext}), "references")
                for ext, export in EXPORTS.items()
                if export.has_style
            )
        rows.append((headings[language], links))
    styles = tuple((style.code, style.label(here), style.code == DEFAULT_STYLE) for style in STYLES.values())
    return ReferenceForm(tuple(parse_qsl(query)), styles, tuple(rows))


def _group(export: Export) -> str:
    if export.has_style:
        return "references"
    return "citations" if export.is_citation else "data"
