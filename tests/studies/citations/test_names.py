import pytest

from studies.citations.names import (
    choose_spanish_and,
    format_all_authors,
    format_full_name,
    format_initials,
    format_short_authors,
    format_short_name,
)
from tests.studies.records_factory import author, institution


def people(*families):
    return tuple(author(family, "Ana") for family in families)


class TestNames:
    def test_a_particle_stays_with_the_name_or_is_dropped(self):
        assert format_short_name(author("Ommeren", "Mark", non_dropping_particle="van")) == "van Ommeren"
        assert format_short_name(author("Barros", "Érika Neves", dropping_particle="de")) == "Barros"
        assert format_short_name(institution("INEI")) == "INEI"

    def test_a_whole_name_reads_as_people_say_it(self):
        assert format_full_name(author("Barros", "Érika Neves", dropping_particle="de")) == "Érika Neves de Barros"
        assert format_full_name(author("Thorpe", "Roland J., Jr.")) == "Roland J. Thorpe Jr."
        assert format_full_name(author("Romero", None)) == "Romero"

    @pytest.mark.parametrize(
        ("given", "wanted"),
        [
            ("Ana María", "A. M."),
            ("Jean-Paul", "J.-P."),
            ("J. A.", "J. A."),
            ("M.B.", "M. B."),
            ("Érika", "É."),
            ("Gleici da Silva", "G. da S."),
            ("", ""),
        ],
    )
    def test_initials(self, given, wanted):
        assert format_initials(given) == wanted

    @pytest.mark.parametrize(
        ("families", "spanish", "english"),
        [
            ([], "", ""),
            (["Díaz"], "Díaz", "Díaz"),
            (["Díaz", "Saldarriaga"], "Díaz y Saldarriaga", "Díaz and Saldarriaga"),
            (["Bobonis", "Castro", "Iglesias"], "Bobonis, Castro e Iglesias", "Bobonis, Castro and Iglesias"),
            (["Buller", "A", "B", "C"], "Buller y otros", "Buller et al."),
        ],
    )
    def test_a_card_names_up_to_three(self, families, spanish, english):
        assert format_short_authors(people(*families), "es") == spanish
        assert format_short_authors(people(*families), "en") == english

    def test_a_page_names_all(self):
        assert format_all_authors(people("A", "B", "C", "D"), "es") == "Ana A, Ana B, Ana C y Ana D"

    @pytest.mark.parametrize(
        ("word", "wanted"),
        [("Iglesias", "e"), ("Íñigo", "e"), ("Hidalgo", "e"), ("Hierro", "y"), ("Yupanqui", "y"), ("Díaz", "y")],
    )
    def test_the_spanish_and_follows_the_sound(self, word, wanted):
        assert choose_spanish_and(word) == wanted
