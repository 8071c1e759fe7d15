"""Sentences for the statements of `synthesis.statements`: one for each rule, its numbers linked to their studies.

No sentence says that something works: it says how many evaluations found what, according to their authors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from search.criteria.evidence_address import TablePlace
from search.web.evidence.dimensions import lower_first
from studies.citations.names import join_with_and
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import ANY_ESTIMATED, NOT_ESTIMATED
from studies.synthesis.statements import Statement, StatementKind
from studies.text.numbers import format_number

PlaceUrl = Callable[[TablePlace], str]

_LESS_IS_BETTER = frozenset({"partner-violence", "other-violence"})
"""Groups of outcomes that a favourable effect reduces: acts of violence themselves."""

_TOLD_BY_MEN = "perpetration"
"""The outcome that only men report: that they report less may not be that there is less."""

_MARKED_LINK = re.compile("\x02(.*?)\x1f(.*?)\x03")


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A part of a sentence; a number carries the address of the studies behind it."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in parts; `str` gives its plain text."""

    parts: tuple[SentencePart, ...]

    def __str__(self) -> str:
        return "".join(part.text for part in self.parts)


def mark_link(text: str, url: str) -> str:
    """Return `text` with a link to `url` in control characters, which `parse_sentence` reads.

    So that a linked number can go through translation and formatting like any other text.
    """
    return f"\x02{text}\x1f{url}\x03"


def parse_sentence(marked: str) -> Sentence:
    """Return the sentence of a text whose links were marked by `mark_link`."""
    return Sentence(tuple(_split_parts(marked)))


class StatementWriter:
    """Writes statements as sentences; `address` returns the address of the list behind a place."""

    def __init__(self, vocabulary: Vocabularies, language: str, address: PlaceUrl) -> None:
        self.vocabulary = vocabulary
        self.language = language
        self.address = address

    def sentence(self, statement: Statement) -> Sentence:
        """Return the sentence of a statement, with a capital first letter."""
        written = {
            StatementKind.ONLY_ONE: self._only_one,
            StatementKind.ALL_ALIKE: self._all_alike,
            StatementKind.SOME_FAVOURABLE: self._some_favourable,
            StatementKind.NONE_FAVOURABLE: self._none_favourable,
            StatementKind.NOT_ESTIMATED: self._not_estimated,
        }[statement.kind](statement)
        return parse_sentence(written[:1].upper() + written[1:])

    def _only_one(self, statement: Statement) -> str:
        (effect,) = statement.by_effect
        outcome = self._outcome(statement)
        return {
            "favourable": _("%(one)s evaluación %(design)s encontró, según sus autores, %(found)s."),
            "no-effect": _("%(one)s evaluación %(design)s no detectó, según sus autores, un efecto en %(outcome)s."),
            "mixed": _("%(one)s evaluación %(design)s halló, según sus autores, resultados mixtos en %(outcome)s."),
            "ambiguous": _(
                "%(one)s evaluación %(design)s halló, según sus autores, un cambio en %(outcome)s que puede ser para "
                "bien o para mal."
            ),
            "unfavourable": _(
                "%(one)s evaluación %(design)s halló, según sus autores, un efecto desfavorable en %(outcome)s."
            ),
        }[effect] % {
            "one": self._linked(pgettext("evaluación", "La única"), statement, ANY_ESTIMATED),
            "design": _design(statement, 1),
            "found": self._change_found(statement),
            "outcome": outcome,
        }

    def _all_alike(self, statement: Statement) -> str:
        (effect,) = statement.by_effect
        return {
            "favourable": _("Las %(all)s evaluaciones %(design)s encontraron, según sus autores, %(found)s."),
            "no-effect": _(
                "Las %(all)s evaluaciones %(design)s no detectaron, según sus autores, un efecto en %(outcome)s."
            ),
            "mixed": _(
                "Las %(all)s evaluaciones %(design)s hallaron, según sus autores, resultados mixtos en %(outcome)s."
            ),
            "ambiguous": _(
                "Las %(all)s evaluaciones %(design)s hallaron, según sus autores, cambios en %(outcome)s que pueden "
                "ser para bien o para mal."
            ),
            "unfavourable": _(
                "Las %(all)s evaluaciones %(design)s hallaron, según sus autores, "
                "un efecto desfavorable en %(outcome)s."
            ),
        }[effect] % {
            "all": self._number(statement.total, statement, ANY_ESTIMATED),
            "design": _design(statement, statement.total),
            "found": self._change_found(statement),
            "outcome": self._outcome(statement),
        }

    def _some_favourable(self, statement: Statement) -> str:
        some = statement.by_effect["favourable"]
        return ngettext(
            "%(some)s de %(all)s evaluaciones %(design)s encontró, según sus autores, %(found)s; %(others)s.",
            "%(some)s de %(all)s evaluaciones %(design)s encontraron, según sus autores, %(found)s; %(others)s.",
            some,
        ) % {
            "some": self._number(some, statement, "favourable"),
            "all": self._number(statement.total, statement, ANY_ESTIMATED),
            "design": _design(statement, statement.total),
            "found": self._change_found(statement),
            "others": self._other_effects(statement),
        }

    def _none_favourable(self, statement: Statement) -> str:
        return _("De %(all)s evaluaciones %(design)s, ninguna encontró, según sus autores, %(found)s: %(others)s.") % {
            "all": self._number(statement.total, statement, ANY_ESTIMATED),
            "design": _design(statement, statement.total),
            "found": self._change_found(statement),
            "others": self._other_effects(statement),
        }

    def _not_estimated(self, statement: Statement) -> str:
        return ngettext(
            "%(all)s evaluación midió %(outcome)s; el registro no trae una estimación de su efecto.",
            "%(all)s evaluaciones midieron %(outcome)s; los registros no traen una estimación de su efecto.",
            statement.total,
        ) % {
            "all": self._number(statement.total, statement, NOT_ESTIMATED),
            "outcome": self._outcome(statement),
        }

    def _other_effects(self, statement: Statement) -> str:
        phrases = {
            "no-effect": lambda count: ngettext(
                "%(number)s no detectó efecto", "%(number)s no detectaron efecto", count
            ),
            "mixed": lambda count: ngettext(
                "%(number)s halló resultados mixtos", "%(number)s hallaron resultados mixtos", count
            ),
            "ambiguous": lambda count: ngettext(
                "%(number)s halló un cambio que puede ser para bien o para mal",
                "%(number)s hallaron cambios que pueden ser para bien o para mal",
                count,
            ),
            "unfavourable": lambda count: ngettext(
                "%(number)s halló un efecto desfavorable", "%(number)s hallaron un efecto desfavorable", count
            ),
        }
        parts = [
            phrases[effect](count) % {"number": self._number(count, statement, effect)}
            for effect, count in statement.by_effect.items()
            if effect != "favourable"
        ]
        return join_with_and(parts, self.language)

    def _change_found(self, statement: Statement) -> str:
        term = self.vocabulary.find("outcomes", statement.outcome)
        if statement.outcome == _TOLD_BY_MEN:
            return _("menos violencia ejercida, según los propios hombres")
        if term is not None and term.parent in _LESS_IS_BETTER:
            return _("menos %(outcome)s") % {"outcome": self._outcome(statement)}
        return _("un cambio favorable en %(outcome)s") % {"outcome": self._outcome(statement)}

    def _outcome(self, statement: Statement) -> str:
        return lower_first(self.vocabulary.label("outcomes", statement.outcome, self.language))

    def _number(self, number: int, statement: Statement, effect: str) -> str:
        return self._linked(format_number(number, self.language), statement, effect)

    def _linked(self, text: str, statement: Statement, effect: str) -> str:
        place = TablePlace(columns="outcome", column=statement.outcome, shows=effect, strength=statement.design)
        return mark_link(text, self.address(place))


def rule_examples() -> tuple[tuple[str, str], ...]:
    """Return each rule in words with an example of its sentence, for the page to show."""
    return (
        (
            _("Una sola evaluación estimó un efecto"),
            _("La única evaluación aleatorizada encontró, según sus autores, menos violencia física de pareja."),
        ),
        (
            _("Varias estimaron un efecto y todas coinciden"),
            _("Las 3 evaluaciones aleatorizadas no detectaron, según sus autores, un efecto en salud mental."),
        ),
        (
            _("Difieren, y alguna es favorable"),
            _(
                "4 de 6 evaluaciones aleatorizadas encontraron, según sus autores, menos violencia física de pareja; "
                "2 no detectaron efecto."
            ),
        ),
        (
            _("Difieren, y ninguna es favorable"),
            _(
                "De 2 evaluaciones cuasiexperimentales, ninguna encontró, según sus autores, un cambio favorable en "
                "denuncias: 1 no detectó efecto y 1 halló resultados mixtos."
            ),
        ),
        (
            _("Midieron el resultado y ningún registro trae una estimación"),
            _("3 evaluaciones midieron uso del tiempo y cuidados; los registros no traen una estimación de su efecto."),
        ),
    )


def _design(statement: Statement, count: int) -> str:
    if statement.design == "randomised":
        return ngettext("aleatorizada", "aleatorizadas", count)
    if statement.design == "quasi-experimental":
        return ngettext("cuasiexperimental", "cuasiexperimentales", count)
    return pgettext("evaluación", "de otro diseño")


def _split_parts(marked: str) -> Iterator[SentencePart]:
    end = 0
    for match in _MARKED_LINK.finditer(marked):
        if match.start() > end:
            yield SentencePart(marked[end : match.start()])
        yield SentencePart(match[1], match[2])
        end = match.end()
    if end < len(marked):
        yield SentencePart(marked[end:])
