"""Examples of queries, one for each feature of the query language: the help page prints them, a test runs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from search.criteria.criteria import Criteria

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Example:
    """A purpose, what to type for it in either language, and what that finds."""

    purpose: _StrPromise
    es: str
    en: str
    finds: _StrPromise

    def query(self, language: str) -> str:
        """Return what to type, in "es" or "en"."""
        return self.en if language == "en" else self.es

    def query_string(self, language: str) -> str:
        """Return the query string of the list that it finds."""
        return Criteria(q=self.query(language)).query_string


EXAMPLES = (
    Example(_("Todas las palabras"), "hombres escuela", "men school", _("estudios que tienen las dos")),
    Example(
        _("Una frase"),
        '"violencia de pareja"',
        '"partner violence"',
        _("las palabras juntas y en ese orden, sin sinónimos ni traducciones"),
    ),
    Example(
        _("Alternativas"),
        "refugio O alquiler",
        "shelter OR rent",
        _("estudios que tienen una u otra; sirven O y OR"),
    ),
    Example(
        _("Sin una palabra"),
        "transferencias -brasil",
        "transfers -brazil",
        _("estudios sin la segunda: el guion va pegado a ella y después de un espacio; también sirven NO y NOT"),
    ),
    Example(
        _("Grupos"),
        "(policía O juzgado) capacitación",
        "(police OR court) training",
        _("los paréntesis dicen qué va junto"),
    ),
    Example(
        _("El comienzo de una palabra"),
        "psico*",
        "psycho*",
        _("todas las palabras que empiezan así; antes del asterisco van al menos tres letras"),
    ),
    Example(
        _("En el título"),
        "título:alcohol",
        "title:alcohol",
        _("la palabra o la frase solo en el título, en cualquiera de sus idiomas"),
    ),
    Example(_("De una autora o un autor"), "autor:agüero", "author:aguero", _("estudios que firma esa persona")),
    Example(
        _("De un país"),
        "país:perú policía",
        "country:peru police",
        _("estudios hechos en ese país; sirve también su código, país:PE"),
    ),
    Example(
        _("De unos años"),
        "año:2015-2020 alcohol",
        "year:2015-2020 alcohol",
        _("publicados en esos años; también año:2015, año:2015- y año:-2020"),
    ),
    Example(_("De un programa"), "programa:juntos", "programme:juntos", _("estudios de ese programa")),
    Example(_("Un DOI"), "10.1186/s12916-014-0122-5", "10.1186/s12916-014-0122-5", _("el estudio que lo lleva")),
)
