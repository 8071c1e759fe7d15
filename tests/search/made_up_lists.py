"""Lists that hold made-up studies alone, whatever the bank has: no study of the bank is about xylophones."""

from __future__ import annotations

from typing import Any

from studies.models import Stage, Study
from tests.factories import make_study
from tests.studies.records_factory import author, finding

WORD = "xilófonos"
QUERY = "q=xil%C3%B3fonos"


def publish_on_xylophones(number: int, **changes: Any) -> list[Study]:
    """Publish studies that WORD finds, each as long in print as those of the bank are; `changes` replace fields."""
    long_one: dict[str, Any] = {
        "title_es": "Xilófonos: resultados de un ensayo por conglomerados con parejas de hogares rurales",
        "authors": tuple(author(f"Quispe Mamani {letter}", "Ana María") for letter in "ABCDEFG"),
        "themes": ("prevention", "autonomy"),
        "interventions": ("engaging-men", "cash-transfer"),
        "outcomes": ("ipv-physical", "ipv-sexual", "attitudes-norms", "help-seeking"),
        "findings": (finding(), finding(outcome="ipv-sexual")),
        "limitations_es": "Solo se preguntó a un miembro de cada pareja, y pocas comunidades entraron en el sorteo.",
        "limitations_en": "Only one member of each couple was asked, and few communities were drawn.",
    }
    return [make_study(stage=Stage.PUBLISHED, **{**long_one, **changes}) for _ in range(number)]


def publish_nothing_random_of_peru() -> None:
    """Publish studies of which none is both of Peru and randomised: a search for both finds nothing.

    Three are of an Andean country and one of an African one, all randomised; two are of Peru.
    """
    publish_on_xylophones(3, countries=("EC",), designs=("rct",))
    publish_on_xylophones(1, countries=("UG",), designs=("rct",))
    publish_on_xylophones(2, countries=("PE",), designs=("qualitative",))
