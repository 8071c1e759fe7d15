"""Explains in the page's language how a query was read: a line under the box, and hints on what was not (S2).

Parts of the line have a link that removes them. What the thesaurus added is explained in `web.results.thesaurus`.
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
class ExplanationRun:
    """A run of the line that explains a query. One with a `url` is a link that applies `action` to the part `text`."""

    text: str
    marked: bool = False
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class QueryExplainer:
    """Explains how `query` was read. `address` returns the URL of the list of another query."""

    query: ParsedQuery
    vocabulary: Vocabularies
    language: str
    address: Callable[[str], str]

    def explain(self) -> tuple[ExplanationRun, ...]:
        """Return the line that says what was searched for, empty if the query needs no explanation."""
        if self.query.is_plain or not self.query.parts:
            return ()
        pieces = [ExplanationRun(_("Se buscó: "))]
        for number, part in enumerate(self.query.parts):
            pieces += [ExplanationRun(", ")] if number else []
            pieces += self._explain_part(part)
            if switch := self._make_switch(part):
                pieces += [ExplanationRun(" "), switch]
        return (*pieces, ExplanationRun("."))

    def _explain_joined(self, parts: Iterable[QueryPart], between: str) -> Iterator[ExplanationRun]:
        for number, part in enumerate(parts):
            if number:
                yield ExplanationRun(between)
            yield from self._explain_part(part)

    def _explain_part(self, part: QueryPart) -> Iterator[ExplanationRun]:
        match part.kind:
            case "excluded":
                yield ExplanationRun(_("sin "))
                yield from self._explain_joined(part.parts, ", ")
            case "alternatives":
                yield from self._explain_joined(part.parts, _(" o "))
            case "group":
                yield ExplanationRun("(")
                yield from self._explain_joined(part.parts, ", ")
                yield ExplanationRun(")")
            case "title" | "authors":
                yield ExplanationRun(
                    _("en el título: ") if part.kind == "title" else _("entre las autoras y los autores: ")
                )
                yield from self._explain_joined(part.parts, ", ")
            case _:
                yield from self._explain_leaf(part)

    def _explain_leaf(self, part: QueryPart) -> Iterator[ExplanationRun]:
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
                before, text = _("publicados: "), _format_years(part.text)
            case "country":
                before, text = _("país: "), self._labels(part)
            case "programme":
                before, text = _("programa: "), self._labels(part)
        for said in (ExplanationRun(before), ExplanationRun(text, marked=True), ExplanationRun(after)):
            if said.text:
                yield said

    def _labels(self, part: QueryPart) -> str:
        labels = sorted(PARAMETERS[name].label(code, self.vocabulary, self.language) for name, code in part.codes)
        return _(" o ").join(labels)

    def _make_switch(self, part: QueryPart) -> ExplanationRun | None:
        """Return the link that removes a part of the query or makes it a plain word, or None."""
        match part.kind:
            case "phrase":
                return self._make_link(self.query.with_part(part, part.text), _("quitar comillas"), part)
            case "prefix":
                return self._make_link(self.query.with_part(part, part.text), _("solo la palabra"), part)
            case "title" | "authors":
                value = self.query.source[part.parts[0].start : part.parts[0].end]
                return self._make_link(self.query.with_part(part, value), _("en todo el registro"), part)
            case "excluded" | "years" | "country" | "programme":
                return self._make_link(self.query.without_part(part), _("quitar"), part)
        return None

    def _make_link(self, query: str, action: str, part: QueryPart) -> ExplanationRun:
        return ExplanationRun(part.text, url=self.address(query), action=action)


def _format_years(text: str) -> str:
    first, dash, last = text.partition("-")
    if not dash:
        return first
    if not last:
        return _("desde %(year)s") % {"year": first}
    if not first:
        return _("hasta %(year)s") % {"year": last}
    return f"{min(first, last)}\u2013{max(first, last)}"


def iterate_hints(query: ParsedQuery) -> Iterator[str]:
    """Yield a sentence for each note: what in the query was not read as typed."""
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
    "question-words": lambda note: _("De lo escrito no se buscó: «%(words)s».") % {"words": note.detail},
    "most-words": lambda note: _("No hace falta que un estudio tenga todas las palabras; las menos comunes pesan más."),
    "subject-words": lambda note: (
        _("«%(words)s» es lo común en este banco: un estudio puede no decirlo con esas palabras.")
        % {"words": note.detail}
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
