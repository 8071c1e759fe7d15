"""The pages that say how the bank works, section by section. No query.

Titles are those of the headings, which a test compares; `words` are what people call it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from search.pages.page import Page
from studies.store.vocabularies import Vocabularies
from studies.text.language import in_both_languages

SECTIONS: tuple[tuple[str, str, Promise, tuple[str, ...]], ...] = (
    ("help", "", _("Ayuda"), ("cómo usar el banco", "instrucciones", "how to use the bank", "instructions")),
    ("help", "palabras", _("Buscar con palabras"), ("cómo buscar", "operadores", "comillas", "how to search")),
    ("help", "sinonimos", _("Sinónimos y traducciones"), ("tesauro", "thesaurus", "synonyms")),
    ("help", "filtros", _("Filtrar"), ("filtros", "filters", "facetas")),
    ("help", "orden", _("Ordenar"), ("orden de los resultados", "relevancia", "sort order", "relevance")),
    ("help", "efectos", _("Leer los efectos y las cifras"), ("cómo leer los efectos", "how to read effects")),
    ("help", "calidad", _("Leer la evaluación de calidad"), ("calidad de los estudios", "study quality")),
    ("help", "evidencia", _("Ver qué dice la evidencia y comparar"), ("comparar estudios", "compare studies")),
    (
        "help",
        "exportar",
        _("Descargar las citas y los datos"),
        ("exportar", "descargar", "citar", "RIS", "BibTeX", "Zotero", "Mendeley", "EndNote", "export", "download"),
    ),
    (
        "help",
        "seleccion",
        _("Elegir estudios y guardar una versión fija"),
        ("selección", "guardar una lista", "selection", "save a list"),
    ),
    ("help", "ficha", _("Preparar una ficha de evidencia"), ("ficha de evidencia", "policy brief", "evidence brief")),
    (
        "help",
        "seguir",
        _("Seguir una lista y registrar una búsqueda"),
        ("avisos por correo", "alertas", "feed", "RSS", "Atom", "PRISMA", "registro de búsqueda", "e-mail alerts"),
    ),
    ("help", "teclado", _("Usar el banco con el teclado"), ("teclado", "lector de pantalla", "keyboard")),
    ("help", "cuidado", _("Salir rápido y privacidad"), ("salir rápido", "quick exit", "cookies")),
    ("about", "", _("Acerca del banco y su método"), ("quiénes somos", "método del banco", "about the bank")),
    ("about", "que-no-es", _("No es una búsqueda sistemática"), ("búsqueda sistemática", "systematic search")),
    ("about", "evaluacion", _("Qué se cuenta como evaluación"), ("qué es una evaluación", "what is an evaluation")),
    ("about", "licencia", _("Licencia"), ("licencia", "derechos de autor", "Creative Commons", "licence", "copyright")),
    ("data", "", _("Datos abiertos"), ("descargar el banco", "datos abiertos", "open data", "CSV")),
    ("api-docs", "", _("API para programas"), ("API", "OpenAPI", "JSON")),
    ("accessibility", "", _("Accesibilidad"), ("accesibilidad", "WCAG", "accessibility")),
    ("privacy", "", _("Privacidad y quién responde por el banco"), ("privacidad", "datos personales", "privacy")),
    ("glossary", "", _("Glosario"), ("glosario", "definiciones", "definitions", "glossary")),
)
"""Name of the page, id of the part of it ("" for all of it), its heading, and other words for it."""


def list_help(vocabulary: Vocabularies) -> Iterator[Page]:
    """Yield each section."""
    for route, anchor, title, words in SECTIONS:
        spanish, english = in_both_languages(title)
        yield Page("help", spanish, english, route, anchor=anchor, words=words)
