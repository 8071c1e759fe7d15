import pytest

from studies.text.institutions import institution_name


class TestNamesOfInstitutions:
    @pytest.mark.parametrize(
        ("name", "language", "shown"),
        [
            ("World Bank", "es", "Banco Mundial"),
            ("World Bank", "en", "World Bank"),
            ("Raising Voices", "es", "Raising Voices"),
        ],
    )
    def test_are_spanish_on_spanish_pages_where_they_have_one(self, name, language, shown):
        assert institution_name(name, language) == shown
