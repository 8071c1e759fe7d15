import pytest

from studies.citations.names import all_authors, initials, short_authors, short_name, whole_name, y_before
from tests.studies.records_factory import author, institution


def people(*families):
    return tuple(author(family, "Ana") for family in families)


class TestNames:
    def test_a_particle_stays_with_the_name_or_is_dropped(self):
        assert short_name(author("Ommeren", "Mark", non_dropping_particle="van")) == "van Ommeren"
        assert short_name(author("Barros", "Érika Neves", dropping_particle="de")) == "Barros"
        assert short_name(institution("INEI")) == "INEI"

    def test_a_whole_name_reads_as_people_say_it(self):
        assert whole_name(author("Barros", "Érika Neves", dropping_particle="de")) == "Érika Neves de Barros"
        assert whole_name(author("Thorpe", "Roland J., Jr.")) == "Roland J. Thorpe Jr."
        assert whole_name(author("Romero", None)) == "Romero"

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
        assert initials(given) == wanted

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
        assert short_authors(people(*families), "es") == spanish
        assert short_authors(people(*families), "en") == english

    def test_a_page_names_all(self):
        assert all_authors(people("A", "B", "C", "D"), "es") == "Ana A, Ana B, Ana C y Ana D"

    @pytest.mark.parametrize(
        ("word", "wanted"),
        [("Iglesias", "e"), ("Íñigo", "e"), ("Hidalgo", "e"), ("Hierro", "y"), ("Yupanqui", "y"), ("Díaz", "y")],
    )
    def test_the_spanish_and_follows_the_sound(self, word, wanted):
        assert y_before(word) == wanted
