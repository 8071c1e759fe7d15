"""Names of authors as programs write them, one or several in a line. All names are made up."""

from __future__ import annotations

import pytest

from studies.imports.formats.people import read_people, read_person

ANA, ELIAS, ROSA = "Quispe, Ana", "Poma, Elías", "Chunga, Rosa"


def families(text: str) -> list[str]:
    return [each.get("family") or each["literal"] for each in read_people([text])]


class TestLists:
    @pytest.mark.parametrize(
        "text",
        [
            "Quispe, Ana; Poma, Elías; Chunga, Rosa",
            "Quispe, Ana; Poma, Elías; Chunga, Rosa;",
            "Quispe, Ana and Poma, Elías and Chunga, Rosa",
            "Quispe, Ana & Poma, Elías & Chunga, Rosa",
            "Quispe, Ana y Poma, Elías y Chunga, Rosa",
            "['Quispe, Ana', 'Poma, Elías', 'Chunga, Rosa']",
            "Quispe, Ana|Poma, Elías|Chunga, Rosa",
            "Quispe, Ana (57195523000); Poma, Elías (57195523001); Chunga, Rosa (57195523002)",
            "Quispe A, Poma E, Chunga R.",
            "Quispe A., Poma E.B., Chunga R.",
            "Quispe, A., Poma, E. B., Chunga, R.",
            "Quispe, A., Poma, E. B., & Chunga, R.",
            "Ana Quispe, Elías Poma, Rosa Chunga",
            "Ana Quispe and Elías Poma and Rosa Chunga",
            "Ana Quispe, Elías Poma, and Rosa Chunga",
            "Quispe A; Poma E; Chunga R; et al.",
            "Quispe A.Poma E. B.Chunga R.",
            "Ana Quispe; Elías Poma; Rosa Chunga",
        ],
    )
    def test_names_are_parted_however_they_are_joined(self, text: str):
        assert families(text) == ["Quispe", "Poma", "Chunga"]

    @pytest.mark.parametrize(
        "text",
        [
            "Ministerio de la Mujer y Poblaciones Vulnerables",
            "Department of Health and Human Services",
            "Centers for Disease Control and Prevention",
            "Paz y Esperanza",
            "Asociación Muyu y Aliadas",
            "CARE USA",
            "Grupo AB",
            "Oxfam GB",
        ],
    )
    def test_an_institution_stays_whole(self, text: str):
        assert read_people([text]) == [{"literal": text}]

    def test_a_spanish_name_with_its_comma_stays_whole(self):
        assert read_people(["Quispe Mamani, Ana María"]) == [{"family": "Quispe Mamani", "given": "Ana María"}]

    def test_a_name_that_comes_twice_is_taken_once(self):
        assert families("Quispe, Ana; Quispe, Ana") == ["Quispe"]


class TestNames:
    @pytest.mark.parametrize(
        ("text", "family", "given"),
        [
            ("Quispe AM", "Quispe", "A. M."),
            ("Quispe Mamani A.M.", "Quispe Mamani", "A.M."),
            ("QUISPE A", "QUISPE", "A."),
            ("Xu L", "Xu", "L."),
            ("Quispe, Ana, Jr.", "Quispe", "Ana, Jr."),
        ],
    )
    def test_short_and_long_forms(self, text: str, family: str, given: str):
        assert read_person(text) == {"family": family, "given": given}

    @pytest.mark.parametrize("text", ["", "NA", "nan", "[Anonymous]", "Anónimo", "et al.", "and others", " , "])
    def test_nobody_is_nobody(self, text: str):
        assert read_person(text) is None
