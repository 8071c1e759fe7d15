"""The tags and filters of the pages, and the numbers behind them."""

from __future__ import annotations

import datetime
import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from studies.text.bilingual import LocalizedText
from studies.text.method_terms import METHOD_TERMS
from studies.text.numbers import count_decimals, format_number, format_percent, format_range


def rendered(source: str, language: str = "es", **context: object) -> str:
    with override(language):
        return Template("{% load bank %}" + source).render(Context(context))


class TestNumbersOnSpanishPages:
    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (0.48, "0,48"),
            (9.0, "9"),
            (999, "999"),
            (2532, "2\u202f532"),
            (1234567.5, "1\u202f234\u202f567,5"),
            (-3.2, "\u22123,2"),
            (0, "0"),
            (1e-05, "0,00001"),
        ],
    )
    def test_have_a_decimal_comma_thin_spaces_and_a_true_minus(self, value, written):
        assert format_number(value, "es") == written

    def test_that_round_to_nothing_have_no_minus(self):
        assert format_number(-0.001, "es", 2) == "0,00"

    def test_keep_zeros_where_decimals_are_asked_for(self):
        assert format_number(0.5, "es", 2) == "0,50"

    def test_percentages_never_part_from_their_sign(self):
        assert format_percent(52, "es") == "52\u202f%"


class TestNumbersOnEnglishPages:
    def test_have_a_point_and_commas(self):
        assert format_number(-1234.5, "en") == "\u22121,234.5"

    def test_percentages_stand_by_their_sign(self):
        assert format_percent(52.5, "en") == "52.5%"


class TestAnyNumber:
    @given(st.integers() | st.floats(allow_nan=False, allow_infinity=False, width=32))
    def test_can_be_read_back_from_what_is_written(self, value):
        text = format_number(value, "es").replace("\u202f", "").replace(",", ".").replace("\u2212", "-")
        assert float(text) == float(value)

    @given(st.floats(min_value=-1e6, max_value=1e6, allow_nan=False))
    def test_is_written_whole_with_the_decimals_it_has(self, value):
        assert format_number(value, "en", count_decimals(value)) == format_number(value, "en")


class TestRanges:
    @pytest.mark.parametrize(("text", "written"), [("2011-2012", "2011–2012"), ("2019-", "2019–"), ("2020", "2020")])
    def test_have_an_en_dash(self, text, written):
        assert format_range(text) == written


class TestDays:
    def test_are_written_in_words(self):
        day = datetime.date(2026, 11, 3)
        assert rendered("{{ day|day }}", day=day) == "3 de noviembre de 2026"
        assert rendered("{{ day|day }}", "en", day=day) == "3 November 2026"

    def test_are_those_of_lima(self):
        just_after_midnight_utc = datetime.datetime(2026, 11, 4, 0, 30, tzinfo=datetime.UTC)
        assert rendered("{{ day|day }}", day=just_after_midnight_utc) == "3 de noviembre de 2026"

    @pytest.mark.parametrize(
        ("language", "months"),
        [
            ("es", "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic."),
            ("en", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
        ],
    )
    def test_in_few_letters_are_written_as_the_language_does(self, language, months):
        days = [datetime.date(2026, month, 3) for month in range(1, 13)]
        written = [rendered("{{ day|short_day }}", language, day=day) for day in days]
        assert written == [f"3 {month} 2026" for month in months.split()]

    def test_in_few_letters_are_those_of_lima_too(self):
        at = datetime.datetime(2026, 11, 27, 2, 5, tzinfo=datetime.UTC)
        assert rendered("{{ at|short_day }}", at=at) == "26 nov. 2026"
        assert rendered("{{ at|short_moment }}", at=at) == "26 nov. 2026, 21:05"
        assert rendered("{{ at|short_day }}{{ at|short_moment }}", at=None) == ""

    def test_are_written_in_one_place(self):
        templates = (settings.BASE_DIR / "templates").rglob("*.html")
        assert not [path.name for path in templates if re.search(r'date:"[^"]*[MN] ', path.read_text(encoding="utf-8"))]


class TestBilingualTexts:
    def test_in_the_language_of_the_page_stand_alone(self):
        assert rendered("{% bilingual text %}", text=LocalizedText("Uno & dos", "es", False)) == "Uno &amp; dos"

    def test_in_another_language_say_so(self):
        html = rendered("{% bilingual text %}", text=LocalizedText("<b>Two</b>", "en", True))
        assert html == '<span lang="en">&lt;b&gt;Two&lt;/b&gt;</span> <span class="tag">en inglés</span>'

    def test_that_are_missing_write_nothing(self):
        assert rendered("{% bilingual text %}", text=None) == ""

    def test_lang_is_written_only_where_it_differs(self):
        assert rendered('{% lang_attribute "es" %}{% lang_attribute "" %}') == ""
        assert rendered('{% lang_attribute "pt" %}') == ' lang="pt"'


class TestEffects:
    def test_are_a_sign_and_a_word(self):
        html = rendered('{% effect "unfavourable" "Desfavorable" %}')
        assert "effect--unfavourable" in html
        assert ">\u2212</span>" in html
        assert "<b>Desfavorable</b>" in html

    def test_with_a_count_keep_the_word_for_those_who_hear_the_page(self):
        html = rendered('{% effect_count "mixed" "Mixto" 3 %}')
        assert '<span class="hidden">Mixto:</span> 3' in " ".join(html.split())


@pytest.mark.django_db
class TestTermsOfMethod:
    def test_are_explained_where_they_stand_and_open_without_script(self):
        html = rendered('{% explain "confidence-interval" measure="odds ratio" %}')
        assert (
            "<summary>Qué quiere decir: Intervalo de confianza, Razón de posibilidades (odds ratio)</summary>" in html
        )
        assert str(METHOD_TERMS["confidence-interval"].meaning) in html

    def test_are_explained_once_each(self):
        html = rendered("{% explain measures=measures %}", "en", measures=["odds ratio", "risk ratio", "odds ratio"])
        assert "<summary>What it means: Odds ratio, Risk ratio</summary>" in html

    def test_write_nothing_where_there_is_nothing_to_explain(self):
        assert rendered('{% explain measure="nada" %}').strip() == ""

    def test_lead_to_the_glossary_by_their_own_words(self):
        html = rendered('{% term "randomised" "aleatorizado" %}')
        assert html == '<a class="term" href="/glosario/#method-randomised">aleatorizado</a>'

    def test_that_nobody_knows_are_a_mistake_of_the_template(self):
        with pytest.raises(KeyError):
            rendered('{% term "unknown" %}')
