"""Translations in templates, looked up once for each language: they print what Django's own tag prints."""

from __future__ import annotations

import pytest
from django.template import Context, Engine, Template, engines
from django.utils.translation import override

TEXTS = (
    '{% translate "Diseño" %}',
    '{% trans "Diseño" %}',
    '{% translate "100 %% <b>" %}',
    '{% translate "Diseño" as name %}[{{ name }}]',
    '{% translate "Diseño" noop %}',
    '{% translate "Diseño" context "nada" %}',
    '{% translate "Diseño"|upper %}',
    "{% translate word %}",
    '{% blocktranslate with name="x" %}Diseño {{ name }}{% endblocktranslate %}',
)
OURS = Engine(libraries={"i18n": "evidencebank.templatetags.quick_i18n"})
DJANGOS = Engine(libraries={"i18n": "django.templatetags.i18n"})


def rendered(engine: Engine, text: str, **options: bool) -> list[str]:
    template = Template("{% load i18n %}" + text, engine=engine)
    found = []
    for language in ("es", "en", "es", "en"):
        with override(language):
            found.append(template.render(Context({"word": "Diseño & <i>"}, **options)))
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_print_what_those_of_django_print(text: str) -> None:
    for is_escaped in (True, False):
        options = {"autoescape": is_escaped}
        assert rendered(OURS, text, **options) == rendered(DJANGOS, text, **options)


def test_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    template = Template('{% load i18n %}{% translate "Diseño" %}', engine=OURS)
    with override("en"):
        first = template.render(Context())
        monkeypatch.setattr("django.templatetags.i18n.TranslateNode.render", None)
        assert template.render(Context()) == first == "Design"


def test_no_other_library_takes_the_place_of_one():
    (told,) = engines["django"].check()
    assert told.id == "templates.W003"
    assert "'i18n'" in told.msg
