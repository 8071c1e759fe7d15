"""Made-up content for the pattern page: every component in every state, without the database. Spanish only."""

from __future__ import annotations

from typing import Any

from evidencebank.glance import GlanceCell, GlanceGroup, GlanceRow, SmallMap
from search.query.highlight import Fragment
from search.web.evidence.cell_text import Mark, spoken_text
from search.web.selection.page import ListItem
from search.web.shared.view_models import (
    Card,
    CardEffect,
    Chip,
    ExportLink,
    FacetOption,
    FacetOptionGroup,
    FacetView,
    PageLink,
    YearsView,
)
from studies.records.finding import FindingRecord
from studies.synthesis.plots import Measure, build_plots
from studies.synthesis.tables import Total
from studies.text.bilingual import LocalizedText
from studies.text.numbers import format_number
from studies.web.shared.arm_table import ArmCell, ArmColumn, ArmRow, ArmTable
from studies.web.shared.components import StudyLine
from studies.web.shared.finding_notes import FindingNote
from studies.web.shared.findings import FindingRow, FindingsTable, interval_text
from studies.web.shared.links import Fact, Link, SourceLink
from studies.web.study.interval_plots import label_plot

EFFECTS = (
    ("favourable", "Favorable"),
    ("no-effect", "Sin efecto detectable"),
    ("mixed", "Mixto"),
    ("ambiguous", "De sentido incierto"),
    ("unfavourable", "Desfavorable"),
    ("not-estimated", "Dato descriptivo"),
)
JUDGEMENTS = (
    ("low", "Riesgo de sesgo bajo"),
    ("some", "Algunas dudas"),
    ("high", "Riesgo de sesgo alto"),
    ("not-appraised", "Calidad: aún sin revisar"),
    ("", "No procede"),
)


def samples() -> dict[str, Any]:
    """Return what the pattern page prints, by component."""
    return {
        "crumbs": (Link("Inicio", "#"), Link("Prevención de la violencia", "#"), Link("Autora, 2024")),
        "chips": (Chip("Efecto", "Favorable", "#"), Chip("País", "Perú", "#")),
        "facets": (_facet(), _grouped_facet()),
        "years": YearsView.of(
            {2008: 1, 2012: 2, 2015: 4, 2016: 3, 2020: 2, 2025: 1},
            "20155",
            "",
            "escriba un año de cuatro cifras, como 2015.",
        ),
        "exports": (
            ExportLink("RIS (Zotero, Mendeley, EndNote)", "#", "citations"),
            ExportLink("Word", "#", "references"),
            ExportLink("CSV", "#", "data"),
        ),
        "effects": [{"code": code, "label": label, "definition": "Qué quiere decir."} for code, label in EFFECTS],
        "judgements": [{"code": code, "label": label} for code, label in JUDGEMENTS],
        "map": _small_map(),
        "cards": (_card(), _card(is_foreign=True)),
        "picks": (_pick(), ListItem("muestra-d", "", "withdrawn", None, None, "#")),
        "pager": {
            "previous_url": "#",
            "next_url": "#",
            "pages": (
                PageLink(1, "#"),
                PageLink(2, "#", current=True),
                PageLink(3, "#"),
                PageLink(None),
                PageLink(9, "#"),
            ),
        },
        "facts": (Fact("Diseño", (Link("Ensayo aleatorizado", "#"),)), Fact("Muestra", (Link("1\u202f322 jóvenes"),))),
        "study": _study(),
    }


def _facet() -> FacetView:
    options = (
        FacetOption("muestra-a", "1", "Sin marcar", 12),
        FacetOption("muestra-a", "2", "Marcado: nunca desaparece", 7, selected=True),
        FacetOption("muestra-a", "3", "Sin resultados: se atenúa", 0, disabled=True),
    )
    return FacetView(
        "muestra-a", "Tema", (FacetOptionGroup(None, options),), option_count=14, more_url="#", is_open=True
    )


def _grouped_facet() -> FacetView:
    first = FacetOptionGroup("Violencia de pareja", (FacetOption("muestra-b", "1", "Violencia física", 1234),))
    second = FacetOptionGroup(
        None,
        (FacetOption("muestra-b", "2", "Países andinos", 5), FacetOption("muestra-b", "3", "Ecuador", 3, indent=1)),
    )
    return FacetView("muestra-b", "Con grupos", (first, second), hint="Una aclaración.", fewer_url="#", is_open=True)


def _pick() -> ListItem:
    line = StudyLine(
        "#", LocalizedText("Un estudio de la selección", "es", is_fallback=False), "Autoras · 2024 · Perú · Encuesta"
    )
    finding = LocalizedText("Lo que encontró, en una frase", "es", is_fallback=False)
    return ListItem("muestra-c", "Para el anexo.", "published", line, finding)


def _card(*, is_foreign: bool = False) -> Card:
    finding = (
        LocalizedText("Cash lowered violence", "en", True)
        if is_foreign
        else LocalizedText("Bajó la violencia física", "es", False)
    )
    return Card(
        slug="muestra-b" if is_foreign else "muestra",
        url="#",
        title=(Fragment("El efecto de las "), Fragment("transferencias", marked=True), Fragment(" en los hogares")),
        title_language="es",
        key_finding=finding,
        authors_short="Díaz y Saldarriaga",
        year=2022,
        container="Una revista",
        design="Ensayo aleatorizado por conglomerados",
        countries=() if is_foreign else ("Perú",),
        sample="" if is_foreign else "2\u202f446 hogares",
        effects=(
            CardEffect("favourable", "Favorable", ("violencia física de pareja",)),
            CardEffect("mixed", "Mixto", ("ingresos",)),
        ),
        summary=(
            Fragment("Dos o tres líneas del resumen con la palabra "),
            Fragment("transferencia", marked=True),
            Fragment("."),
        ),
        summary_language="es",
        text_language="inglés",
        open_access=True,
        cite_url="#",
        coins="ctx_ver=Z39.88-2004",
        data_only="Usa llamadas a líneas de ayuda solo como datos: no evalúa esos servicios." if is_foreign else "",
    )


def _small_map() -> SmallMap:
    marks = tuple(Mark(code, label, count) for count, (code, label) in enumerate(EFFECTS, start=1))
    cells = (
        GlanceCell(15, "evaluaciones", marks, spoken_text(marks), "#"),
        GlanceCell(0, "evaluaciones", (), "", "#"),
        None,
    )
    return SmallMap(
        columns=("Un grupo de resultados", "Otro, con estudios que no son evaluaciones", "Otro, sin estudios"),
        groups=(GlanceGroup("Un tema", (GlanceRow("Una intervención", "#", cells),)),),
        total=Total(15, 20, 0),
        crossings=3,
        empty=1,
    )


def _arms() -> ArmTable:
    columns = (ArmColumn("n", "Analizados"), ArmColumn("percent", "Porcentaje"))
    cells = (("Con el programa", "968", "7,4\u202f%"), ("Comparación", "754", ""))
    return ArmTable(
        columns,
        tuple(
            ArmRow("Un resultado medido (chicas)", name, (ArmCell("Analizados", n), ArmCell("Porcentaje", percent)))
            for name, n, percent in cells
        ),
    )


def _study() -> dict[str, Any]:
    numbers = ((0.48, 0.16, 1.39), (0.76, 0.33, 1.72), (0.54, 0.38, 0.79), (1.28, 1.07, 1.52), (0.9, 0.02, 60.0))
    codes = ("no-effect", "mixed", "favourable", "unfavourable", "not-estimated")
    labels = dict(EFFECTS)
    records = [
        FindingRecord("muestra", effect=code, measure="risk ratio", value=value, ci_low=low, ci_high=high)
        for code, (value, low, high) in zip(codes, numbers, strict=True)
    ]
    notes = (
        FindingNote("Para", "", LocalizedText("chicas", "es", is_fallback=False)),
        FindingNote("El otro grupo", "otra intervención", LocalizedText("los mismos temas", "es", is_fallback=False)),
        FindingNote("", "Resultado principal, según los autores."),
    )
    rows = tuple(
        FindingRow(
            outcome="Un resultado medido",
            qualifier="chicas" if record.effect == "no-effect" else "",
            effect_code=record.effect,
            effect_label=labels[record.effect],
            is_inconclusive=record.effect == "no-effect",
            statement=LocalizedText("Lo que se encontró, en una frase.", "es", is_fallback=False),
            notes=notes if record.effect == "no-effect" else (),
            figure=format_number(record.value or 0, "es", 2),
            interval=interval_text(record, "es"),
            p="",
            measure="",
            follow_up="48 meses" if record.effect == "favourable" else "",
        )
        for record in records
    )
    drawn = build_plots(records, {"risk ratio": Measure("risk ratio", 1.0, "log", "ratio")})
    return {
        "found": FindingsTable(
            rows,
            "Razón de riesgos [intervalo]",
            (SourceLink("https://a.example/", "a.example"),),
            True,
            arms=_arms(),
        ),
        "plots": [
            label_plot(number, plot, rows, "Razón de riesgos", "es") for number, plot in enumerate(drawn, start=1)
        ],
    }
