"""How a query was understood, in the page's language: a line under the box, a hint for each thing not taken (S2).

Pieces of the line carry a link that switches them off; what the thesaurus added is in `web.thesaurus`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.criteria.facets import PARAMETERS

if TYPE_CHECKING:
    from search.query.parsed_query import ParsedQuery, QueryPart
    from search.query.tokenizer import QueryNote, QueryNoteCode
    from studies.store.vocabularies import Vocabularies


@dataclass(frozen=True, slots=True)
class Said:
    """A run of the line that tells how the query was understood; `url` switches off the piece that `action` names."""

    text: str
    marked: bool = False
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Teller:
    """Says how `query` was understood. `address` gives the address of the list of another query."""

    query: ParsedQuery
    vocabulary: Vocabularies
    language: str
    address: Callable[[str], str]

    def understood(self) -> tuple[Said, ...]:
        """Return the line that says what was sought, empty where the words speak for themselves."""
        if self.query.is_plain or not self.query.parts:
            return ()
        pieces = [Said(_("Se buscó: "))]
        for number, part in enumerate(self.query.parts):
            pieces += [Said(", ")] if number else []
            pieces += self._said(part)
            if switch := self._switch(part):
                pieces += [Said(" "), switch]
        return (*pieces, Said("."))

    def _joined(self, parts: Iterable[QueryPart], between: str) -> Iterator[Said]:
        for number, part in enumerate(parts):
            if number:
                yield Said(between)
            yield from self._said(part)

    def _said(self, part: QueryPart) -> Iterator[Said]:
        match part.kind:
            case "excluded":
                yield Said(_("sin "))
                yield from self._joined(part.parts, ", ")
            case "alternatives":
                yield from self._joined(part.parts, _(" o "))
            case "group":
                yield Said("(")
                yield from self._joined(part.parts, ", ")
                yield Said(")")
            case "title" | "authors":
                yield Said(_("en el título: ") if part.kind == "title" else _("entre las autoras y los autores: "))
                yield from self._joined(part.parts, ", ")
            case _:
                yield from self._leaf(part)

    def _leaf(self, part: QueryPart) -> Iterator[Said]:
        before, text, after = "", part.text, ""
        match part.kind:
            case "phrase":
                before, after = _("la frase «"), _("»")
            case "prefix":
                before, after = _("palabras que empiezan con «"), _("»")
            case "name":
                after = _(" (también como nombre)")
            case "doi":
                before = _("el DOI ")
            case "years":
                before, text = _("publicados: "), _years(part.text)
            case "country":
                before, text = _("país: "), self._labels(part)
            case "programme":
                before, text = _("programa: "), self._labels(part)
        for said in (Said(before), Said(text, marked=True), Said(after)):
            if said.text:
                yield said

    def _labels(self, part: QueryPart) -> str:
        labels = sorted(PARAMETERS[name].label(code, self.vocabulary, self.language) for name, code in part.codes)
        return _(" o ").join(labels)

    def _switch(self, part: QueryPart) -> Said | None:
        """Return the link that turns a piece of the query into something plainer."""
        match part.kind:
            case "phrase":
                return self._link(self.query.with_part(part, part.text), _("quitar comillas"), part)
            case "prefix":
                return self._link(self.query.with_part(part, part.text), _("solo la palabra"), part)
            case "title" | "authors":
                value = self.query.source[part.parts[0].start : part.parts[0].end]
                return self._link(self.query.with_part(part, value), _("en todo el registro"), part)
            case "excluded" | "years" | "country" | "programme":
                return self._link(self.query.without_part(part), _("quitar"), part)
        return None

    def _link(self, query: str, action: str, part: QueryPart) -> Said:
        return Said(part.text, url=self.address(query), action=action)


def _years(text: str) -> str:
    first, dash, last = text.partition("-")
    if not dash:
        return first
    if not last:
        return _("desde %(year)s") % {"year": first}
    if not first:
        return _("hasta %(year)s") % {"year": last}
    return f"{min(first, last)}\u2013{max(first, last)}"


def hints_of(query: ParsedQuery) -> Iterator[str]:
    """Yield a sentence for each thing in the query that was not taken as typed."""
    for note in query.notes:
        yield _HINTS[note.code](note)


_HINTS: Mapping[QueryNoteCode, Callable[[QueryNote], str]] = {
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
    "short-prefix": lambda note: (
        _("Antes de un asterisco van al menos %(least)s letras: la palabra se buscó entera.") % {"least": note.detail}
    ),
    "unknown-country": lambda note: (
        _("«%(name)s» no es un país de este banco: se buscó como palabra.") % {"name": note.detail}
    ),
    "unknown-programme": lambda note: (
        _("«%(name)s» no es un programa de este banco: se buscó como palabra.") % {"name": note.detail}
    ),
    "unreadable-field": lambda note: (
        _("«%(typed)s» no se pudo leer: se buscó como palabras. Un año lleva cuatro cifras: año:2015-2020.")
        % {"typed": note.detail}
    ),
    "no-words": lambda note: (
        _("«%(typed)s» no tiene letras ni cifras que buscar: se muestran todos los estudios.") % {"typed": note.detail}
    ),
}
