import pytest

from studies.text.bilingual import LocalizedText, choose_text


class TestR6ChoiceOfLanguage:
    @pytest.mark.parametrize(("page", "text"), [("es", "hola"), ("es-pe", "hola"), ("en", "hello"), ("EN-us", "hello")])
    def test_the_language_of_the_page_comes_first(self, page, text):
        assert choose_text("hola", "hello", page) == LocalizedText(text, page[:2].lower(), is_fallback=False)

    @pytest.mark.parametrize("nothing", [None, "", "  "])
    def test_it_falls_back_openly(self, nothing):
        assert choose_text("hola", nothing, "en") == LocalizedText("hola", "es", is_fallback=True)
        assert choose_text(nothing, "hello", "es") == LocalizedText("hello", "en", is_fallback=True)

    def test_the_original_stands_before_a_translation_into_a_third_language(self):
        chosen = choose_text(None, "Violence", "es", original="Violência", original_language="pt")
        assert chosen == LocalizedText("Violência", "pt", is_fallback=True)

    def test_an_original_in_the_language_of_the_page_is_no_fallback(self):
        assert choose_text(None, None, "es", original="Violencia", original_language="es") == LocalizedText(
            "Violencia", "es", False
        )

    def test_a_page_in_another_language_still_gets_a_text(self):
        assert choose_text("hola", None, "qu") == LocalizedText("hola", "es", is_fallback=True)

    def test_nothing_is_none(self):
        assert choose_text(None, "", "es") is None

    def test_a_text_prints_as_itself(self):
        assert str(choose_text("hola", None, "es")) == "hola"
