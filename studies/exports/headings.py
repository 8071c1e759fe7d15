"""What the columns of a workbook are called, in Spanish and in English, by the name of their field in the format.

`findings[].value` is the field `value` of a finding. What a field means is told by `studies.records.dictionary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Heading(NamedTuple):
    """The name of a column in both languages."""

    es: str
    en: str


STUDY = {
    "id": Heading("Identificador", "Identifier"),
    "title": Heading("Título original", "Original title"),
    "language": Heading("Idioma", "Language"),
    "title_es": Heading("Título en español", "Title in Spanish"),
    "title_en": Heading("Título en inglés", "Title in English"),
    "authors": Heading("Autoría", "Authors"),
    "editors": Heading("Edición a cargo de", "Editors"),
    "translators": Heading("Traducción de", "Translators"),
    "year": Heading("Año", "Year"),
    "month": Heading("Mes", "Month"),
    "day": Heading("Día", "Day"),
    "type": Heading("Tipo de publicación", "Type of publication"),
    "container_title": Heading("Revista, libro o sitio", "Journal, book or site"),
    "volume": Heading("Volumen", "Volume"),
    "issue": Heading("Número de la revista", "Issue"),
    "pages": Heading("Páginas", "Pages"),
    "publisher": Heading("Editorial o institución", "Publisher or institution"),
    "place": Heading("Lugar de publicación", "Place of publication"),
    "edition": Heading("Edición", "Edition"),
    "conference": Heading("Congreso", "Conference"),
    "number": Heading("Número de la serie", "Number in the series"),
    "doi": Heading("DOI", "DOI"),
    "issn": Heading("ISSN", "ISSN"),
    "isbn": Heading("ISBN", "ISBN"),
    "pmid": Heading("Número en PubMed", "PubMed number"),
    "url": Heading("Dirección", "Address"),
    "open_copy": Heading("Copia que se lee sin pagar", "Copy that is free to read"),
    "text_license": Heading("Licencia del texto", "Licence of the text"),
    "open_access": Heading("Acceso libre", "Free to read"),
    "status": Heading("Estado del estudio", "Status of the study"),
    "registration": Heading("Registros del estudio", "Registration"),
    "themes": Heading("Temas", "Themes"),
    "interventions": Heading(
        "Intervenciones y su papel en el estudio", "Interventions and what the study does with them"
    ),
    "exposures": Heading("Exposiciones", "Exposures"),
    "data_sources": Heading("Fuentes de los datos", "Sources of the data"),
    "outcomes": Heading("Resultados medidos", "Outcomes measured"),
    "populations": Heading("Poblaciones", "Populations"),
    "settings": Heading("Ámbitos", "Settings"),
    "programme": Heading("Programa", "Programme"),
    "designs": Heading("Diseños", "Designs"),
    "countries": Heading("Países", "Countries"),
    "sample_size": Heading("Tamaño de la muestra", "Sample size"),
    "sample_unit": Heading("Unidad de la muestra", "Unit of the sample"),
    "period": Heading("Periodo", "Period"),
    "key_finding_es": Heading("Hallazgo principal en español", "Key finding in Spanish"),
    "key_finding_en": Heading("Hallazgo principal en inglés", "Key finding in English"),
    "summary_es": Heading("Resumen en español", "Summary in Spanish"),
    "summary_en": Heading("Resumen en inglés", "Summary in English"),
    "delivery_es": Heading("Cómo se dio, en español", "How it was delivered, in Spanish"),
    "delivery_en": Heading("Cómo se dio, en inglés", "How it was delivered, in English"),
    "harms": Heading("Daños", "Harms"),
    "harms_es": Heading("Qué daños, en español", "Which harms, in Spanish"),
    "harms_en": Heading("Qué daños, en inglés", "Which harms, in English"),
    "harms_about": Heading("Intervenciones a las que se deben los daños", "Interventions that the harms are due to"),
    "own_appraisals": Heading("Evaluaciones de calidad del banco", "The bank's own appraisals"),
    "note_es": Heading("Nota del banco en español", "The bank's note in Spanish"),
    "note_en": Heading("Nota del banco en inglés", "The bank's note in English"),
    "limitations_es": Heading(
        "Límites que señala la fuente, en español", "Limitations stated in the source, in Spanish"
    ),
    "limitations_en": Heading(
        "Límites que señala la fuente, en inglés", "Limitations stated in the source, in English"
    ),
    "includes": Heading("Estudios del banco que la revisión incluye", "Studies of the bank that the review includes"),
    "sources": Heading("Páginas donde se leyeron los datos", "Pages where the facts were read"),
}
FINDING = {
    "outcome": Heading("Resultado medido", "Outcome"),
    "about": Heading("Intervenciones de las que trata", "Interventions that it is about"),
    "trial": Heading("Ensayo", "Trial"),
    "arm_es": Heading("Grupo con programa, en español", "Arm, in Spanish"),
    "arm_en": Heading("Grupo con programa, en inglés", "Arm, in English"),
    "subgroup_es": Heading("Subgrupo en español", "Subgroup in Spanish"),
    "subgroup_en": Heading("Subgrupo en inglés", "Subgroup in English"),
    "comparator": Heading("Qué recibió el otro grupo", "What the other group got"),
    "comparator_es": Heading("El otro grupo, en español", "The other group, in Spanish"),
    "comparator_en": Heading("El otro grupo, en inglés", "The other group, in English"),
    "reporter": Heading("Quién dio el dato", "Who reported it"),
    "effect": Heading("Efecto", "Effect"),
    "inconclusive": Heading("No permite saberlo", "Inconclusive"),
    "primary": Heading("Resultado principal", "Primary outcome"),
    "statement_es": Heading("Hallazgo en español", "Finding in Spanish"),
    "statement_en": Heading("Hallazgo en inglés", "Finding in English"),
    "measure": Heading("Medida", "Measure"),
    "unit": Heading("Unidad", "Unit"),
    "value": Heading("Valor", "Value"),
    "ci_low": Heading("Límite inferior del intervalo", "Lower bound of the interval"),
    "ci_high": Heading("Límite superior del intervalo", "Upper bound of the interval"),
    "ci_level": Heading("Nivel del intervalo (%)", "Level of the interval (%)"),
    "p": Heading("Valor p", "p value"),
    "p_below": Heading("Valor p menor que", "p value below"),
    "se": Heading("Error estándar", "Standard error"),
    "adjusted": Heading("Estimación ajustada", "Adjusted estimate"),
    "higher_is": Heading("Un valor más alto es", "A higher value is"),
    "n": Heading("Personas o unidades analizadas", "People or units analysed"),
    "follow_up": Heading("Seguimiento", "Follow-up"),
    "follow_up_months": Heading("Seguimiento en meses", "Follow-up in months"),
}
ARM = {
    "arm": Heading("Grupo", "Group"),
    "n": Heading("Personas o unidades analizadas", "People or units analysed"),
    "events": Heading("Cuántas tuvieron el resultado", "How many had the outcome"),
    "percent": Heading("Porcentaje que tuvo el resultado", "Per cent that had the outcome"),
    "mean": Heading("Media", "Mean"),
    "sd": Heading("Desviación estándar", "Standard deviation"),
}
COST = {
    "amount": Heading("Monto", "Amount"),
    "currency": Heading("Moneda (ISO 4217)", "Currency (ISO 4217)"),
    "year": Heading("Año de los precios", "Year of the prices"),
    "per": Heading("Por", "Per"),
    "statement_es": Heading("Costo en una frase, en español", "Cost in one sentence, in Spanish"),
    "statement_en": Heading("Costo en una frase, en inglés", "Cost in one sentence, in English"),
}
APPRAISAL = {
    "instrument": Heading("Instrumento", "Instrument"),
    "version": Heading("Versión", "Version"),
    "judges": Heading("Qué se juzgó", "What was judged"),
    "result": Heading("Qué resultado se juzgó", "Which result was judged"),
    "overall": Heading("Juicio global, como lo publicaron", "Overall judgement, as published"),
    "risk_of_bias": Heading("Riesgo de sesgo", "Risk of bias"),
    "domains": Heading("Juicio de cada dominio", "Judgement of each domain"),
    "by": Heading("Quién juzgó", "Who judged"),
    "where": Heading("Dónde está", "Where it stands"),
    "url": Heading("Dirección donde se leyó", "Address where it was read"),
    "licence": Heading("Licencia", "Licence"),
}
HEADINGS: Mapping[str, Heading] = {
    **STUDY,
    **{f"findings[].{key}": heading for key, heading in FINDING.items()},
    **{f"findings[].arms[].{key}": heading for key, heading in ARM.items()},
    **{f"costs[].{key}": heading for key, heading in COST.items()},
    **{f"appraisals[].{key}": heading for key, heading in APPRAISAL.items()},
}
"""The heading of every field that has a column, in the order of the format."""
