"""What each field of the exchange format says, for people. The format itself is in `studies.records.study`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Field:
    """A field with its meaning in the page's language."""

    name: str
    meaning: str


STUDY_FIELDS: Mapping[str, Promise] = {
    "id": _("identificador, parte de la dirección de la página; no cambia"),
    "title": _("título original, tal como se publicó"),
    "language": _("idioma de la publicación, código ISO 639-1"),
    "title_es": _("título en español: el original o una traducción del banco"),
    "title_en": _("título en inglés: el original o una traducción del banco"),
    "authors": _("autoras y autores, en el orden publicado"),
    "year": _("año de publicación"),
    "type": _("tipo de publicación"),
    "container_title": _("revista, libro o serie"),
    "volume": _("volumen"),
    "issue": _("número de la revista"),
    "pages": _("páginas"),
    "publisher": _("editorial o institución"),
    "number": _("número en la serie"),
    "doi": _("DOI, en minúsculas y sin dirección"),
    "url": _("dirección donde una persona puede leerlo"),
    "open_access": _("si el texto completo se puede leer sin pagar"),
    "status": _("si el estudio terminó o está en curso"),
    "themes": _("temas, de uno a tres"),
    "interventions": _("qué se hizo"),
    "outcomes": _("qué se midió"),
    "populations": _("con quiénes"),
    "settings": _("en qué ámbito"),
    "programme": _("nombre propio del programa"),
    "designs": _("diseños; el primero es el principal"),
    "countries": _("países donde se hizo, código ISO 3166-1; vacío en revisiones de todo el mundo"),
    "sample_size": _("tamaño de la muestra, como lo da la fuente"),
    "sample_unit": _("qué se cuenta en la muestra"),
    "period": _("años de los datos o de la intervención"),
    "key_finding_es": _("hallazgo principal en una frase del banco, en español"),
    "key_finding_en": _("hallazgo principal en una frase del banco, en inglés"),
    "summary_es": _("resumen escrito por el banco, en español"),
    "summary_en": _("resumen escrito por el banco, en inglés"),
    "findings": _("hallazgos, hasta seis: vea la tabla siguiente"),
    "limitations_es": _("límite que señala la fuente, en español"),
    "limitations_en": _("límite que señala la fuente, en inglés"),
    "sources": _("páginas donde se leyeron los datos, y qué sustenta cada una"),
    "appraisals": _("evaluaciones de calidad; la primera es la del diseño principal: vea la tercera tabla"),
}

FINDING_FIELDS: Mapping[str, Promise] = {
    "outcome": _("resultado medido"),
    "interventions": _("intervenciones de las que habla, si no son todas"),
    "effect": _("dirección para las mujeres, según los autores"),
    "statement_es": _("el hallazgo en una frase, en español"),
    "statement_en": _("el hallazgo en una frase, en inglés"),
    "measure": _("clase de número"),
    "unit": _("en qué se cuenta el valor"),
    "value": _("estimación"),
    "ci_low": _("límite inferior del intervalo"),
    "ci_high": _("límite superior del intervalo"),
    "ci_level": _("nivel del intervalo, en porcentaje"),
    "p": _("valor p"),
    "follow_up": _("tiempo hasta la medición"),
    "follow_up_months": _("el mismo tiempo, en meses"),
}

APPRAISAL_FIELDS: Mapping[str, Promise] = {
    "instrument": _("instrumento con que se evaluó"),
    "overall": _("juicio global, como lo llama el instrumento"),
    "certainty": _("riesgo de sesgo, como lo dice el filtro"),
    "appraised_on": _("fecha"),
    "appraisers": _("cuántas personas evaluaron"),
    "judgements": _("juicio de cada dominio, con una cita, su lugar, o que el estudio no lo dice"),
    "note_es": _("nota del banco, en español"),
    "note_en": _("nota del banco, en inglés"),
}

JUDGEMENT_FIELDS: Mapping[str, Promise] = {
    "domain": _("código del dominio, como lo nombra el instrumento"),
    "level": _("código del juicio, como lo nombra el instrumento"),
    "quote": _("cita del estudio en que se apoya"),
    "page": _("lugar del estudio en que se apoya"),
    "not_reported": _("si el estudio no lo dice"),
}

INSTRUMENT_FIELDS: Mapping[str, Promise] = {
    "id": _("identificador"),
    "name": _("nombre propio del instrumento"),
    "version": _("versión"),
    "es": _("para qué sirve, en español"),
    "en": _("para qué sirve, en inglés"),
    "citation": _("publicación que lo presenta"),
    "url": _("dirección del instrumento"),
    "rule": _("regla por la que el juicio global sigue de los dominios, si tiene una"),
    "designs": _("diseños para los que se propone"),
    "domains": _("dominios que se juzgan, con las palabras del banco"),
    "levels": _("juicios que puede tener un dominio"),
    "overall": _("juicios globales"),
}

DOMAIN_FIELDS: Mapping[str, Promise] = {
    "code": _("código, que no cambia ni se usa dos veces"),
    "es": _("nombre en español"),
    "en": _("nombre en inglés"),
    "hint_es": _("a qué se atiende, en español"),
    "hint_en": _("a qué se atiende, en inglés"),
    "critical": _("si el dominio es crítico para la regla"),
    "levels": _("códigos de los juicios que puede tener; vacío: todos los del instrumento"),
}

LEVEL_FIELDS: Mapping[str, Promise] = {
    "code": _("código, que no cambia ni se usa dos veces"),
    "es": _("nombre en español"),
    "en": _("nombre en inglés"),
    "certainty": _("riesgo de sesgo, como lo dice el filtro; vacío si el dominio no se aplica"),
}

AUTHOR_FIELDS: Mapping[str, Promise] = {
    "family": _("apellidos de una persona"),
    "given": _("nombres"),
    "non-dropping-particle": _("partícula que va siempre con el apellido: van Ommeren"),
    "dropping-particle": _("partícula que en una bibliografía va tras el nombre: Érika Neves de Barros"),
    "literal": _("nombre de una institución, en lugar de todo lo anterior"),
}

SOURCE_FIELDS: Mapping[str, Promise] = {
    "url": _("dirección de la página donde se leyeron los datos"),
    "supports": _("qué sustenta: bibliography, findings, design, limitations"),
}

EVALUATION_FIELDS: Mapping[str, Promise] = {
    "id": _("identificador"),
    "kind": _("trial: una evaluación, que se cuenta una vez; data-set: datos compartidos, que no cuentan"),
    "name_es": _("nombre en español"),
    "name_en": _("nombre en inglés"),
    "programme": _("nombre propio del programa"),
    "studies": _("identificadores de sus estudios, el principal primero"),
    "registration": _("número de registro del ensayo"),
}

PROGRAMME_FIELDS: Mapping[str, Promise] = {
    "id": _("identificador"),
    "name": _("nombre propio del programa"),
    "name_es": _("nombre en español"),
    "name_en": _("nombre en inglés"),
    "aliases": _("otros nombres"),
    "organisation": _("quién lo lleva a cabo"),
    "country": _("países, código ISO 3166-1"),
    "theme": _("temas"),
    "stage": _("lugar en el ciclo de aprendizaje"),
    "registration": _("número de registro de su evaluación"),
    "expected_results": _("cuándo se esperan resultados"),
    "adapted_from": _("identificador del programa del que se adaptó"),
    "studies": _("identificadores de los estudios que hablan de él"),
    "description_es": _("descripción en español"),
    "description_en": _("descripción en inglés"),
    "sources": _("páginas donde se leyeron los datos"),
}

QUESTION_FIELDS: Mapping[str, Promise] = {
    "id": _("identificador, parte de la dirección de la página"),
    "question_es": _("la pregunta, en español"),
    "question_en": _("la pregunta, en inglés"),
    "answer_es": _("respuesta del banco en HTML simple, en español"),
    "answer_en": _("respuesta del banco en HTML simple, en inglés"),
    "reviewed_by": _("quién revisó la respuesta"),
    "reviewed_on": _("cuándo se revisó"),
    "studies": _("identificadores de los estudios en los que se apoya"),
    "programmes": _("identificadores de los programas que responden a ella"),
    "searches": _("búsquedas que se hicieron"),
    "sources": _("páginas donde se pidió o se publicó la respuesta, o en las que se apoya además"),
}

SEARCH_FIELDS: Mapping[str, Promise] = {
    "made_on": _("día en que se hizo"),
    "found": _("cuántos estudios halló ese día"),
    "criteria": _("criterios de la lista de este banco; vacío: todos los estudios, o una búsqueda hecha en otro sitio"),
    "elsewhere": _("dónde y cómo se hizo, si no fue en este banco"),
    "change_no": _("versión del banco en la que se contó; vacío: el número se escribió a mano"),
    "vocabulary_no": _("versión de los vocabularios y sinónimos con la que se contó"),
}

DECISION_FIELDS: Mapping[str, Promise] = {
    "programme": _("identificador del programa"),
    "decided_on": _("fecha de la decisión"),
    "text_es": _("qué se decidió, en español"),
    "text_en": _("qué se decidió, en inglés"),
    "document_title": _("nombre del documento que lo dice"),
    "document_url": _("dirección del documento"),
    "studies": _("identificadores de los estudios en los que se apoya"),
}

CYCLE_FIELDS: Mapping[str, Promise] = {
    "programme": _("identificador del programa"),
    "stage": _("lugar en el ciclo de aprendizaje"),
    "question_es": _("pregunta que se propone responder, en español"),
    "question_en": _("pregunta que se propone responder, en inglés"),
    "questions": _("identificadores de las preguntas de política a las que responde"),
    "rests_on": _("identificadores de los estudios en los que se apoya, además de los suyos"),
    "evaluations": _("identificadores de las evaluaciones que lo ponen a prueba"),
    "lineage": _("identificadores de los programas de los que viene, el origen primero"),
}

TERM_FIELDS: Mapping[str, Promise] = {
    "code": _("código, que no cambia ni se usa dos veces"),
    "es": _("nombre en español"),
    "en": _("nombre en inglés"),
    "definition_es": _("definición en español"),
    "definition_en": _("definición en inglés"),
}

CONCEPT_FIELDS: Mapping[str, Promise] = {
    "concept": _("identificador del concepto"),
    "terms": _("términos a los que llevan sus palabras, como vocabulario:código"),
    "es": _("palabras en español"),
    "en": _("palabras en inglés"),
    "typed": _("palabras que se reconocen si alguien las escribe, y que no se añaden"),
    "broader": _("concepto más general"),
    "expand": _("qué añade a una búsqueda: yes, one-level, own-words-only, no"),
    "case": _("upper: sus siglas se reconocen solo en mayúsculas"),
    "ambiguous": _("si tiene más de un sentido"),
    "note": _("nota"),
}


def explained(fields: Mapping[str, Promise]) -> list[Field]:
    """Give the fields in order, in the page's language."""
    return [Field(name, str(meaning)) for name, meaning in fields.items()]
