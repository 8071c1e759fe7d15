"""How a query was understood, in the page's language: a line under the box, a hint for each thing not taken (S2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.highlight import Fragment

if TYPE_CHECKING:
    from search.querylang import Note, NoteCode, ParsedQuery, Part


def understood(query: ParsedQuery) -> tuple[Fragment, ...] | None:
    """Return the line that says what was sought, or None where the words speak for themselves."""
    if query.is_plain or not query.understood:
        return None
    return (Fragment(_("Se buscó: ")), *_joined(query.understood, ", "), Fragment("."))


def hints_of(query: ParsedQuery) -> Iterator[str]:
    """Yield a sentence for each thing in the query that was not taken as typed."""
    for note in query.notes:
        yield _HINTS[note.code](note)


def _joined(parts: Iterable[Part], between: str) -> Iterator[Fragment]:
    for number, part in enumerate(parts):
        if number:
            yield Fragment(between)
        yield from _fragments(part)


def _fragments(part: Part) -> Iterator[Fragment]:
    match part.kind:
        case "word":
            yield Fragment(part.text, marked=True)
        case "phrase":
            yield Fragment(_("la frase «"))
            yield Fragment(part.text, marked=True)
            yield Fragment(_("»"))
        case "name":
            yield Fragment(part.text, marked=True)
            yield Fragment(_(" (también como nombre)"))
        case "doi":
            yield Fragment(_("el DOI "))
            yield Fragment(part.text, marked=True)
        case "excluded":
            yield Fragment(_("sin "))
            yield from _joined(part.parts, ", ")
        case "alternatives":
            yield from _joined(part.parts, _(" o "))
        case "group":
            yield Fragment("(")
            yield from _joined(part.parts, ", ")
            yield Fragment(")")


_HINTS: Mapping[NoteCode, Callable[[Note], str]] = {
    "too-long": lambda note: (
        _("La búsqueda pasa de %(most)s caracteres: lo que sigue no se leyó.") % {"most": note.detail}
    ),
    "too-many-words": lambda note: (
        _("La búsqueda pasa de %(most)s palabras: las demás no se usaron.") % {"most": note.detail}
    ),
    "too-deep": lambda note: (
        _("Hay más de %(most)s paréntesis unos dentro de otros: los de más adentro no se usaron.")
        % {"most": note.detail}
    ),
    "unbalanced-quote": lambda note: _("Falta una comilla: las palabras se buscaron sueltas."),
    "unbalanced-parenthesis": lambda note: _("Falta un paréntesis: el que sobra no se usó."),
    "operator-without-word": lambda note: (
        _("«%(operator)s» no tiene una palabra a cada lado: no se usó.") % {"operator": note.detail}
    ),
    "question-words": lambda note: (
        _("De la pregunta se dejaron fuera las palabras «%(words)s».") % {"words": note.detail}
    ),
    "address": lambda note: (
        _("«%(address)s» es una dirección: se buscó como frase. Para un estudio, pegue su DOI.")
        % {"address": note.detail}
    ),
    "no-words": lambda note: (
        _("«%(typed)s» no tiene letras ni cifras que buscar: se muestran todos los estudios.") % {"typed": note.detail}
    ),
}
