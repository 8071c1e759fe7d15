"""Names of institutions that have one in Spanish of their own. Pure: a name that is not listed stays as it is."""

from __future__ import annotations

_SPANISH_NAMES = {
    "Inter-American Development Bank": "Banco Interamericano de Desarrollo",
    "International Labour Organization": "Organización Internacional del Trabajo",
    "International Rescue Committee": "Comité Internacional de Rescate",
    "Pan American Health Organization": "Organización Panamericana de la Salud",
    "UN Women": "ONU Mujeres",
    "United Nations Children's Fund": "Fondo de las Naciones Unidas para la Infancia",
    "United Nations Development Programme": "Programa de las Naciones Unidas para el Desarrollo",
    "United Nations Population Fund": "Fondo de Población de las Naciones Unidas",
    "World Bank": "Banco Mundial",
    "World Food Programme": "Programa Mundial de Alimentos",
    "World Health Organization": "Organización Mundial de la Salud",
}


def institution_name(name: str, language: str) -> str:
    """Return the name of an institution on a page in `language`."""
    return _SPANISH_NAMES.get(name, name) if language == "es" else name
