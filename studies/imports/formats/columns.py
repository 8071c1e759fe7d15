"""The columns of the bank's own table: their names and what they hold. `table_rows` reads rows, also of others'."""

from __future__ import annotations

from dataclasses import dataclass

from studies.exports.tabular import FINDING_PARTS
from studies.records.json_record import fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord

COST_PARTS = tuple(fields_of(CostRecord))
"""What a cost is made of, joined by `|`; a part that is not known is empty."""
JUDGEMENT_PARTS = tuple(key for key in fields_of(PublishedAppraisalRecord) if key != "domains")
"""What a judgement that others published is made of, likewise."""


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column. Its header is `code`, `label`, one of `names`, or of those that other programs use (`other_columns`).

    `vocabulary` says whose codes or labels the cells hold; a cell of `is_list` has several values, separated by ";".
    """

    code: str
    label: str
    meaning: str
    example: str = ""
    names: tuple[str, ...] = ()
    vocabulary: str = ""
    is_list: bool = False


COLUMNS = (
    ImportColumn(
        "title",
        "título",
        "Título tal como se publicó. Es el único dato necesario.",
        "Violencia de pareja en el Perú rural",
    ),
    ImportColumn("title_es", "título en español", "Si el original está en otro idioma, una traducción llana."),
    ImportColumn("title_en", "título en inglés", "Si el original está en otro idioma, una traducción llana."),
    ImportColumn(
        "language",
        "idioma",
        "Idioma de la publicación. Si falta, se reconoce por el título.",
        "es",
        (),
        "languages",
    ),
    ImportColumn(
        "authors",
        "autores",
        "En el orden publicado. Cada persona como «Apellidos, Nombres»; una institución va sin coma.",
        "Quispe Mamani, Ana María; Ministerio de la Mujer y Poblaciones Vulnerables",
        is_list=True,
    ),
    ImportColumn(
        "editors", "edición a cargo de", "Del libro o de las actas que lo contienen, como los autores.", is_list=True
    ),
    ImportColumn("translators", "traducción de", "Como los autores.", is_list=True),
    ImportColumn("year", "año", "De la versión que se cita.", "2021"),
    ImportColumn("month", "mes", "De 1 a 12.", "3"),
    ImportColumn("day", "día", "De 1 a 31, solo con el mes.", "8"),
    ImportColumn("type", "tipo", "Tipo de publicación.", "article-journal", (), "types"),
    ImportColumn(
        "container_title",
        "revista o libro",
        "La revista, el libro, la serie o el sitio que lo contiene.",
        "Revista Peruana de Medicina Experimental y Salud Pública",
    ),
    ImportColumn("volume", "volumen", "Volumen de la revista.", "38"),
    ImportColumn("issue", "número", "Número de la revista.", "2"),
    ImportColumn("pages", "páginas", "Primera y última.", "45-67"),
    ImportColumn("publisher", "editorial o institución", "Quien publica.", "GRADE"),
    ImportColumn("place", "lugar de publicación", "La ciudad de la editorial o institución.", "Lima"),
    ImportColumn("edition", "edición", "De un libro."),
    ImportColumn("conference", "congreso", "Donde se presentó."),
    ImportColumn(
        "number",
        "número de la serie",
        "De un informe o documento de trabajo.",
        "112",
    ),
    ImportColumn("doi", "DOI", "En cualquier forma.", "10.1234/abc"),
    ImportColumn("url", "dirección", "Donde una persona puede leerlo.", "https://example.org/estudio"),
    ImportColumn("issn", "ISSN", "De la revista o serie.", "1234-5679", is_list=True),
    ImportColumn("isbn", "ISBN", "Del libro.", is_list=True),
    ImportColumn("pmid", "PMID", "El número en PubMed."),
    ImportColumn("open_copy", "copia que se lee sin pagar", "Dirección de una copia en un repositorio."),
    ImportColumn("text_license", "licencia del texto", "Como la nombra la fuente; no la suponga.", "CC BY 4.0"),
    ImportColumn("open_access", "acceso libre", "sí o no; vacío si no se sabe.", "sí"),
    ImportColumn(
        "status", "estado", "Si el estudio terminó o sigue.", "completed", ("estado del estudio",), "statuses"
    ),
    ImportColumn("themes", "temas", "De uno a tres.", "prevention", ("tema",), "themes", True),
    ImportColumn(
        "interventions",
        "intervenciones",
        "Lo que se hizo y, entre paréntesis, qué hace el estudio con ello: evaluated, component, described o reviewed. "
        "Sin paréntesis, el papel queda por elegir en el borrador.",
        "engaging-men (evaluated); media-edutainment (component)",
        ("intervencion",),
        "interventions",
        True,
    ),
    ImportColumn(
        "exposures",
        "exposiciones",
        "Lo que se estudió y nadie ofreció como programa.",
        "lockdown",
        ("exposicion",),
        "exposures",
        True,
    ),
    ImportColumn(
        "data_sources",
        "fuentes de datos",
        "De dónde vienen los datos.",
        "household-survey",
        ("fuente de datos",),
        "data_sources",
        True,
    ),
    ImportColumn(
        "outcomes", "resultados medidos", "Lo que se midió.", "ipv-physical", ("resultados",), "outcomes", True
    ),
    ImportColumn("populations", "poblaciones", "Para quiénes.", "women", ("poblacion",), "populations", True),
    ImportColumn("settings", "ámbitos", "Dónde.", "rural", ("ambito",), "settings", True),
    ImportColumn("programme", "programa", "Nombre propio del programa, si el banco lo tiene.", ""),
    ImportColumn("designs", "diseños", "El principal primero.", "cluster-rct", ("diseno",), "designs", True),
    ImportColumn(
        "countries", "países", "Donde se hizo: código ISO o nombre.", "PE; BO", ("pais", "country"), "countries", True
    ),
    ImportColumn("sample_size", "tamaño de la muestra", "Un número entero.", "1200", ("muestra",)),
    ImportColumn("sample_unit", "unidad de la muestra", "Solo con el tamaño.", "women", (), "sample_units"),
    ImportColumn(
        "registration",
        "registros del estudio",
        "Registro y número.",
        "ClinicalTrials.gov NCT01165489",
        ("registro del estudio", "trial registration"),
        "",
        True,
    ),
    ImportColumn("period", "periodo", "Años de los datos o de la intervención.", "2018-2020"),
    ImportColumn("key_finding_es", "hallazgo principal en español", "Una oración de 8 a 22 palabras, sin punto final."),
    ImportColumn("key_finding_en", "hallazgo principal en inglés", ""),
    ImportColumn(
        "summary_es", "resumen en español", "De 50 a 140 palabras propias del banco; nunca el resumen publicado."
    ),
    ImportColumn("summary_en", "resumen en inglés", ""),
    ImportColumn("delivery_es", "cómo se dio, en español", "Hasta 50 palabras; en ambos idiomas o en ninguno."),
    ImportColumn("delivery_en", "cómo se dio, en inglés", ""),
    ImportColumn(
        "costs",
        "costos",
        f"Partes unidas por una barra, en este orden: {'|'.join(COST_PARTS)}.",
        "37|USD|2015|woman registered||",
        ("costo",),
        "",
        True,
    ),
    ImportColumn(
        "harms",
        "daños",
        "Si se buscaron y se hallaron; vacío si nadie lo ha mirado.",
        "not-stated",
        (),
        "harms",
    ),
    ImportColumn("harms_es", "qué daños, en español", "Solo con la columna de daños; en ambos idiomas o en ninguno."),
    ImportColumn("harms_en", "qué daños, en inglés", ""),
    ImportColumn(
        "harms_about",
        "intervenciones de los daños",
        "Solo si los daños se deben a una parte de las intervenciones.",
        "",
        (),
        "interventions",
        True,
    ),
    ImportColumn(
        "findings",
        "hallazgos",
        f"Partes unidas por una barra, en este orden: {'|'.join(FINDING_PARTS)}.",
        "ipv-physical|favourable|risk ratio||0.7|0.5|0.9|95||24 months",
        (),
        "",
        True,
    ),
    ImportColumn(
        "appraisals",
        "juicios publicados por otros",
        f"Partes unidas por una barra, en este orden: {'|'.join(JUDGEMENT_PARTS)}. Los juicios por dominio se escriben "
        "en el formulario.",
        "Cochrane risk of bias tool|2011|bias||low|low|Cochrane review CD004534.pub3|table 2|https://example.org/|",
        ("juicio publicado",),
        "",
        True,
    ),
    ImportColumn("limitations_es", "límites en español", "Una oración; en ambos idiomas o en ninguno."),
    ImportColumn("limitations_en", "límites en inglés", ""),
    ImportColumn("note_es", "nota del banco en español", "Lo que el banco advierte; en ambos idiomas o en ninguno."),
    ImportColumn("note_en", "nota del banco en inglés", ""),
    ImportColumn(
        "includes",
        "estudios que incluye",
        "De una revisión: identificadores de estudios del banco.",
        "",
        (),
        "",
        True,
    ),
    ImportColumn(
        "sources",
        "fuentes",
        "Páginas públicas donde se leyeron los datos.",
        "https://example.org/",
        ("fuente",),
        "",
        True,
    ),
    ImportColumn(
        "keywords",
        "palabras clave",
        "Proponen términos a quien completa el borrador; ninguna pone uno.",
        "violencia de pareja; adolescentes",
        is_list=True,
    ),
    ImportColumn(
        "abstract",
        "resumen publicado",
        "Queda a la vista del equipo; no se publica.",
        "",
    ),
)
"""The columns of the template, in its order."""
