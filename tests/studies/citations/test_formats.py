from studies.citations.formats import CITATION_FORMATS


class TestRegistry:
    def test_each_format_is_found_by_its_extension(self):
        assert list(CITATION_FORMATS) == ["ris", "bib", "json"]
        assert all(CITATION_FORMATS[ext].ext == ext for ext in CITATION_FORMATS)
