"""How catalogues of others describe the bank as a dataset: schema.org for search engines, DCAT for data portals.

Peru's portal (DKAN) harvests `data.json` of Project Open Data, version 1.1. No DOI is claimed: who registers one for an
edition finds the fields of DataCite in `datacite.json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from studies.publishing.opendata import editions
from studies.web.shared.addresses import absolute_url, in_each_language

if TYPE_CHECKING:
    from django.http import HttpRequest

    from studies.publishing.opendata.editions import Edition, EditionVersion

Json = dict[str, Any]
NAME = "Banco de Evidencias"
LANGUAGES = ("es", "en")
_TITLES = {
    "es": "Banco de Evidencias: estudios sobre la violencia contra las mujeres",
    "en": "Banco de Evidencias: studies on violence against women",
}
_DESCRIPTIONS = {
    "es": (
        "Estudios sobre qué funciona para prevenir y atender la violencia contra las mujeres y fortalecer su "
        "autonomía, con sus hallazgos y fuentes; evaluaciones, programas, preguntas de política y vocabularios. El "
        "banco no es una búsqueda sistemática: los conteos describen el banco, no toda la literatura."
    ),
    "en": (
        "Studies on what works to prevent and respond to violence against women and to strengthen their autonomy, with "
        "their findings and sources; evaluations, programmes, policy questions and vocabularies. The bank is not a "
        "systematic search: counts describe the bank, not the whole literature."
    ),
}
_KEYWORDS = {
    "es": ("violencia contra las mujeres", "autonomía de las mujeres", "síntesis de evidencia", "evaluación", "Perú"),
    "en": ("violence against women", "women's autonomy", "evidence synthesis", "evaluation", "Peru"),
}
_POD = "https://project-open-data.cio.gov/v1.1/schema"


@dataclass(frozen=True, slots=True)
class _Distribution:
    """A way to get the data. `media_type` is None of a service; `size` is in bytes, None where it is not known."""

    title: str
    url: str
    media_type: str | None = None
    size: int | None = None
    sha256: str = ""


def describe_dataset(request: HttpRequest, language: str, edition: Edition | None = None) -> Json:
    """Return the bank as a Dataset of schema.org, with the files of an edition if one is given. No query."""
    page = absolute_url(request, in_each_language("data")[language])
    owner = {"@type": "Organization", "name": NAME, "url": absolute_url(request, reverse("home"))}
    described: Json = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": f"{absolute_url(request, in_each_language('data')['es'])}#banco",
        "name": _TITLES[language],
        "description": _DESCRIPTIONS[language],
        "url": page,
        "keywords": list(_KEYWORDS[language]),
        "inLanguage": list(LANGUAGES),
        "license": settings.DATA_LICENCE_URL,
        "isAccessibleForFree": True,
        "creator": owner,
        "publisher": owner,
    }
    if edition is None:
        return described
    return described | {
        "version": version_of(edition),
        "datePublished": edition.day,
        "dateModified": edition.version.changed_at,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": each.title,
                "contentUrl": each.url,
                "encodingFormat": each.media_type,
                "contentSize": f"{each.size} B",
                "sha256": each.sha256,
            }
            for each in _files(request, edition)
        ],
    }


def build_data_json(request: HttpRequest, edition: Edition | None) -> Json:
    """Return the catalogue `data.json`, of one dataset: services always, files of an edition if there is one."""
    page = absolute_url(request, in_each_language("data")["es"])
    files = list(_files(request, edition)) if edition is not None else []
    contact = {"@type": "vcard:Contact", "fn": NAME}
    if settings.CONTACT_EMAIL:
        contact["hasEmail"] = f"mailto:{settings.CONTACT_EMAIL}"
    dataset: Json = {
        "@type": "dcat:Dataset",
        "identifier": f"{page}#banco",
        "title": _TITLES["es"],
        "description": _DESCRIPTIONS["es"],
        "keyword": [*_KEYWORDS["es"], *_KEYWORDS["en"]],
        "language": list(LANGUAGES),
        "accessLevel": "public",
        "license": settings.DATA_LICENCE_URL,
        "landingPage": page,
        "publisher": {"@type": "org:Organization", "name": NAME},
        "contactPoint": contact,
        # A new edition is written on each day on which something changed.
        "accrualPeriodicity": "irregular",
        "modified": edition.version.changed_at if edition is not None else timezone.localdate().isoformat(),
        "distribution": [_in_dcat(each) for each in (*files, *_services(request))],
    }
    if edition is not None:
        dataset["describedBy"] = _address(request, edition, editions.MANIFEST)
        dataset["describedByType"] = "application/json"
    return {
        "@context": f"{_POD}/catalog.jsonld",
        "@type": "dcat:Catalog",
        "conformsTo": _POD,
        "describedBy": f"{_POD}/catalog.json",
        "dataset": [dataset],
    }


def build_datacite(version: EditionVersion) -> Json:
    """Return what DataCite asks of whoever registers a DOI for the edition of today (schema 4), but for the DOI."""
    today = timezone.localdate()
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "identifiers": [],
        "creators": [{"name": NAME, "nameType": "Organizational"}],
        "titles": [
            {"title": _TITLES["es"], "lang": "es"},
            {"title": _TITLES["en"], "lang": "en", "titleType": "TranslatedTitle"},
        ],
        "publisher": NAME,
        "publicationYear": str(today.year),
        "types": {"resourceType": "Dataset", "resourceTypeGeneral": "Dataset"},
        "version": f"{today.isoformat()}+{version.change_no}",
        "language": "es",
        "dates": [
            {"date": today.isoformat(), "dateType": "Issued"},
            {"date": version.moment.date().isoformat(), "dateType": "Updated"},
        ],
        "rightsList": [{"rights": version.licence_name, "rightsUri": version.licence_url}],
        "subjects": [{"subject": word, "lang": language} for language in LANGUAGES for word in _KEYWORDS[language]],
        "descriptions": [
            {"description": _DESCRIPTIONS[language], "lang": language, "descriptionType": "Abstract"}
            for language in LANGUAGES
        ],
    }


def version_of(edition: Edition) -> str:
    """Return the version of an edition, as its manifest has it."""
    return f"{edition.day}+{edition.version.change_no}"


def _files(request: HttpRequest, edition: Edition) -> Iterator[_Distribution]:
    for name, file in edition.files.items():
        yield _Distribution(name, _address(request, edition, name), media_type_of(name), file.size, file.sha256)


def _services(request: HttpRequest) -> Iterator[_Distribution]:
    yield _Distribution("OAI-PMH", f"{absolute_url(request, reverse('oai'))}?verb=Identify")
    yield _Distribution("SKOS", absolute_url(request, reverse("skos-file", args=["ttl"])), "text/turtle")


def _in_dcat(distribution: _Distribution) -> Json:
    described: Json = {"@type": "dcat:Distribution", "title": distribution.title}
    if distribution.media_type is None:
        return described | {"accessURL": distribution.url, "format": distribution.title}
    return described | {"downloadURL": distribution.url, "mediaType": distribution.media_type}


def _address(request: HttpRequest, edition: Edition, name: str) -> str:
    return absolute_url(request, reverse("data-file", args=[edition.day, name]))


_BY_SUFFIX: Mapping[str, str] = {
    ".zip": "application/zip",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
}


def media_type_of(name: str) -> str:
    """Return the media type of a file of an edition."""
    return _BY_SUFFIX.get(name[name.rfind(".") :], "text/plain")
