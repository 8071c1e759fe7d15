"""The examples in the OpenAPI document. Their record is a shortened one of the bank; a test compares the two.

The other numbers and the name of the site are made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Json = dict[str, Any]

SITE = "https://banco.example.pe"
QUERY = "theme=prevention&country=UG&facets=effect"

RECORD: Json = {
    "id": "abramsky-2014-sasa",
    "title": (
        "Findings from the SASA! Study: a cluster randomized controlled trial to assess the impact of a community "
        "mobilization intervention to prevent violence against women and reduce HIV risk in Kampala, Uganda"
    ),
    "language": "en",
    "authors": [{"family": "Abramsky", "given": "Tanya"}, {"family": "Devries", "given": "Karen"}],
    "year": 2014,
    "type": "article-journal",
    "container_title": "BMC Medicine",
    "volume": "12",
    "pages": "122",
    "doi": "10.1186/s12916-014-0122-5",
    "open_access": True,
    "status": "completed",
    "themes": ["prevention"],
    "interventions": [{"code": "community-mobilisation", "role": "evaluated"}],
    "exposures": [],
    "data_sources": ["trial-survey"],
    "outcomes": ["ipv-physical"],
    "populations": ["women", "men"],
    "settings": ["urban"],
    "programme": "SASA!",
    "designs": ["cluster-rct"],
    "countries": ["UG"],
    "sample_size": 2532,
    "sample_unit": "people",
    "findings": [
        {
            "outcome": "ipv-physical",
            "reporter": "women",
            "effect": "no-effect",
            "inconclusive": True,
            "measure": "risk ratio",
            "value": 0.48,
            "ci_low": 0.16,
            "ci_high": 1.39,
            "ci_level": 95,
            "higher_is": "worse",
            "follow_up_months": 48,
        }
    ],
    "sources": [],
}
_VERSION = {"change": 128, "changed_at": "2026-11-27T15:04:05+00:00"}

STUDY: Json = {
    "id": RECORD["id"],
    **_VERSION,
    "published_at": "2026-11-20T09:00:00+00:00",
    "links": {
        "self": f"{SITE}/api/v1/studies/{RECORD['id']}/",
        "html": {"es": f"{SITE}/estudios/{RECORD['id']}/", "en": f"{SITE}/en/studies/{RECORD['id']}/"},
    },
    "record": RECORD,
}

STUDY_LIST: Json = {
    "bank": _VERSION,
    "total": 1,
    "page": 1,
    "page_size": 20,
    "page_count": 1,
    "links": {
        "self": f"{SITE}/api/v1/studies/?{QUERY}",
        "first": f"{SITE}/api/v1/studies/?{QUERY}",
        "previous": None,
        "next": None,
        "last": f"{SITE}/api/v1/studies/?{QUERY}",
        "html": {
            "es": f"{SITE}/estudios/?theme=prevention&country=UG",
            "en": f"{SITE}/en/studies/?theme=prevention&country=UG",
        },
    },
    "understood": {"concepts": [], "notes": []},
    "unknown_codes": [],
    "ignored_parameters": [],
    "facets": {
        "effect": {
            "es": "Efecto, según los autores",
            "en": "Effect, as the authors judge it",
            "options": [
                {"parameter": "effect", "code": "no-effect", "es": "Sin efecto", "en": "No effect", "count": 1}
            ],
        }
    },
    "results": [STUDY],
}

TAXONOMY: Json = {
    "number": 7,
    "links": {
        "self": f"{SITE}/api/v1/taxonomy/",
        "html": {"es": f"{SITE}/glosario/", "en": f"{SITE}/en/glossary/"},
    },
    "vocabularies": [
        {
            "code": "statuses",
            "es": "Estados del estudio",
            "en": "Study statuses",
            "parameter": "status",
            "terms": [
                {
                    "term": {"code": "completed", "es": "Terminado", "en": "Completed"},
                    "retired": False,
                    "merged_into": None,
                }
            ],
        }
    ],
}

ENTRY: Json = {
    "name": "Banco de Evidencias",
    "bank": _VERSION,
    "licence": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "caution": {
        "es": "El banco no es una búsqueda sistemática: los conteos describen el banco, no toda la literatura.",
        "en": "The bank is not a systematic search: counts describe the bank, not the whole literature.",
    },
    "links": {
        "studies": f"{SITE}/api/v1/studies/",
        "findings": f"{SITE}/api/v1/findings/",
        "interventions": f"{SITE}/api/v1/interventions/",
        "evaluations": f"{SITE}/api/v1/evaluations/",
        "programmes": f"{SITE}/api/v1/programmes/",
        "questions": f"{SITE}/api/v1/questions/",
        "thesaurus": f"{SITE}/api/v1/thesaurus/",
        "changes": f"{SITE}/api/v1/changes/",
        "taxonomy": f"{SITE}/api/v1/taxonomy/",
        "schema": f"{SITE}/api/v1/schema/",
        "documentation": {"es": f"{SITE}/datos/api/", "en": f"{SITE}/en/data/api/"},
        "data": {"es": f"{SITE}/datos/", "en": f"{SITE}/en/data/"},
    },
}

PROBLEM: Json = {
    "type": f"{SITE}/datos/api/#problema-bad-parameters",
    "title": "Hay parámetros que no se pueden leer",
    "status": 400,
    "detail": "year_from: es un número entero, escrito con cifras.",
    "errors": [{"parameter": "year_from", "detail": "es un número entero, escrito con cifras."}],
}


def _walk(name: str, results: list[Json], html: Json | None) -> Json:
    address = f"{SITE}/api/v1/{name}/"
    return {
        "bank": _VERSION,
        "total": 1,
        "page_size": 20,
        "links": {"self": address, "first": f"{address}?cursor=%2A", "next": None, "html": html},
        "ignored_parameters": [],
        "results": results,
    }


def _entry_of(name: str, identifier: str, spanish: str, english: str, record: Json) -> Json:
    html = {"es": f"{SITE}/{spanish}/{identifier}/", "en": f"{SITE}/en/{english}/{identifier}/"} if spanish else None
    links = {"self": f"{SITE}/api/v1/{name}/{identifier}/", "html": html}
    return {"id": identifier, "links": links, "record": record}


_LISTS_FOR_PEOPLE = {"es": f"{SITE}/estudios/", "en": f"{SITE}/en/studies/"}
_INTERVENTION: Json = {
    "id": "community-mobilisation",
    "name_es": "Movilización comunitaria",
    "name_en": "Community mobilisation",
    "theme": "prevention",
    "evaluations": 1,
}
_PAGES = ("interventions", "community-mobilisation", "intervenciones", "interventions")
_ANSWER: Json = {
    **_INTERVENTION,
    "comparisons": [
        {
            "comparator": "nothing",
            "outcomes": [
                {
                    "outcome": "ipv-physical",
                    "is_priority": True,
                    "evaluations": 1,
                    "people": 2532,
                    "directions": [{"direction": "less", "evaluations": 1}],
                    "estimates": [
                        {
                            "evaluation": "sasa-kampala",
                            "study": RECORD["id"],
                            "direction": "less",
                            "for_women": "better",
                            "effect": "no-effect",
                            "measure": "risk ratio",
                            "value": 0.48,
                            "ci_low": 0.16,
                            "ci_high": 1.39,
                        }
                    ],
                }
            ],
        }
    ],
}
_EVALUATION: Json = {
    "id": "sasa-kampala",
    "kind": "trial",
    "name_es": "Ensayo SASA! en Kampala",
    "name_en": "SASA! trial in Kampala",
    "programme": "SASA!",
    "studies": [RECORD["id"]],
}
_PROGRAMME: Json = {
    "id": "sasa",
    "name": "SASA!",
    "name_es": "SASA!",
    "name_en": "SASA!",
    "organisation": "Raising Voices",
    "country": ["UG"],
    "theme": ["prevention"],
    "stage": "results",
    "studies": [RECORD["id"]],
}
_QUESTION: Json = {
    "id": "prueba",
    "question_es": "¿Qué se sabe de la movilización comunitaria?",
    "question_en": "What is known about community mobilisation?",
    "studies": [RECORD["id"]],
    "programmes": ["sasa"],
}
_CONCEPT: Json = {
    "concept": "cash-transfer",
    "terms": ["interventions:cash-transfer"],
    "es": ["transferencias monetarias"],
    "en": ["cash transfer"],
    "broader": "money",
    "expand": "yes",
}
_FINDING: Json = {
    "study": RECORD["id"],
    "position": 1,
    **_VERSION,
    "links": STUDY["links"],
    "record": RECORD["findings"][0],
}
_CHANGE: Json = {
    "id": RECORD["id"],
    **_VERSION,
    "state": "published",
    "merged_into": None,
    "links": STUDY["links"],
}
_ONE_EVALUATION = _entry_of("evaluations", "sasa-kampala", "", "", _EVALUATION)
_ONE_PROGRAMME = _entry_of("programmes", "sasa", "programas", "programmes", _PROGRAMME)
_ONE_QUESTION = _entry_of("questions", "prueba", "preguntas", "questions", _QUESTION)
_ONE_CONCEPT = _entry_of("thesaurus", "cash-transfer", "", "", _CONCEPT)

ANSWERS = {
    "entry": ENTRY,
    "studies": STUDY_LIST,
    "study": STUDY,
    "findings": {**_walk("findings", [_FINDING], _LISTS_FOR_PEOPLE), "unknown_codes": []},
    "changes": _walk("changes", [_CHANGE], _LISTS_FOR_PEOPLE),
    "interventions": _walk("interventions", [_entry_of(*_PAGES, _INTERVENTION)], None),
    "intervention": _entry_of(*_PAGES, _ANSWER),
    "evaluations": _walk("evaluations", [_ONE_EVALUATION], None),
    "evaluation": _ONE_EVALUATION,
    "programmes": _walk("programmes", [_ONE_PROGRAMME], None),
    "programme": _ONE_PROGRAMME,
    "questions": _walk("questions", [_ONE_QUESTION], None),
    "question": _ONE_QUESTION,
    "thesaurus": _walk("thesaurus", [_ONE_CONCEPT], None),
    "concept": _ONE_CONCEPT,
    "taxonomy": TAXONOMY,
}

_OF_PARAMETERS: dict[str, tuple[_StrPromise, Any]] = {
    "q": (_("Transferencias monetarias, en los dos idiomas"), "transferencias monetarias"),
    "theme": (_("Sobre prevención o sobre autonomía"), ["prevention", "autonomy"]),
    "country": (_("Hechos en el Perú"), ["PE"]),
    "facets": (_("Con los estudios de cada efecto y de cada año"), ["effect", "years"]),
}


def parameter_examples(name: str) -> list[OpenApiExample]:
    """Return the example of a query parameter, or an empty list."""
    if name not in _OF_PARAMETERS:
        return []
    summary, value = _OF_PARAMETERS[name]
    return [OpenApiExample(name, summary=summary, value=value, parameter_only=(name, "query"))]
