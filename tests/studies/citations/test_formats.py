from studies.citations.formats import FORMATS


class TestRegistry:
    def test_each_format_is_found_by_its_extension(self):
        assert list(FORMATS) == ["ris", "bib", "json"]
        assert all(FORMATS[ext].ext == ext for ext in FORMATS)
