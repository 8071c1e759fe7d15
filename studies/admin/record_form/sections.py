"""Where the page of the form shows which fields and rows, and what is still to do in each section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page. A part is a line of fields of the study, or the name of a list of rows."""

    anchor: str
    title: str
    parts: tuple[Line | str, ...]
    help_text: str = ""


SECTIONS = (
    Section(
        "seccion-titulo",
        "Título e identificación",
        (("title",), ("title_es", "title_en"), ("slug", "language")),
    ),
    Section("seccion-autores", "Autores", ("authors", "editors", "translators")),
    Section(
        "seccion-publicacion",
        "Publicación",
        (
            ("year", "month", "day", "type", "status"),
            ("container_title", "publisher", "place"),
            ("volume", "issue", "pages", "number", "edition"),
            ("conference",),
            ("doi", "url", "open_access"),
            ("open_copy", "text_license"),
            ("issn", "isbn", "pmid"),
        ),
    ),
    Section("seccion-intervenciones", "Temas e intervenciones", (("themes",), "interventions", ("programme",))),
    Section(
        "seccion-que",
        "Qué se estudió, con quiénes y dónde",
        (("exposures",), ("outcomes",), ("populations",), ("settings",), ("countries",)),
    ),
    Section(
        "seccion-como",
        "Diseño y datos",
        (
            ("main_design",),
            ("other_designs",),
            ("data_sources",),
            ("sample_size", "sample_unit", "period"),
            ("registration",),
        ),
    ),
    Section(
        "seccion-textos",
        "Hallazgo principal y resumen del banco",
        (("key_finding_es", "key_finding_en"), ("summary_es", "summary_en")),
    ),
    Section("seccion-hallazgos", "Hallazgos", ("findings",)),
    Section("seccion-entrega", "Cómo se dio y cuánto costó", (("delivery_es", "delivery_en"), "costs")),
    Section("seccion-danos", "Daños", (("harms",), ("harms_es", "harms_en"), ("harms_about",))),
    Section("seccion-juicios", "Juicios publicados por otros", ("appraisals",)),
    Section(
        "seccion-notas",
        "Límites y nota del banco",
        (("limitations_es", "limitations_en"), ("note_es", "note_en")),
        "El límite es de la fuente: lo dicen sus autores o quien la revisó. La advertencia del banco va en la nota.",
    ),
    Section("seccion-incluye", "Estudios incluidos (solo de una revisión)", (("includes",),)),
    Section("seccion-fuentes", "Fuentes", ("sources",)),
)


def _placed() -> Iterator[tuple[str, str]]:
    for section in SECTIONS:
        for part in section.parts:
            for name in [part] if isinstance(part, str) else part:
                yield name, section.anchor


SECTION_OF: Mapping[str, str] = dict(_placed())
"""The section of each field of the study and of each list of rows."""


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A section in the list at the top of the form, and how many things are to be put right in it."""

    anchor: str
    title: str
    count: int


def outline(errors: Mapping[str, int], problems: Iterable[str]) -> list[OutlineEntry]:
    """Return the sections with what is to do in each: errors by the name of a field or list, a section a problem."""
    counts = dict.fromkeys((section.anchor for section in SECTIONS), 0)
    for name, count in errors.items():
        if name in SECTION_OF:
            counts[SECTION_OF[name]] += count
    for problem in problems:
        if problem in counts:
            counts[problem] += 1
    return [OutlineEntry(section.anchor, section.title, counts[section.anchor]) for section in SECTIONS]
