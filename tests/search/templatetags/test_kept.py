"""The tag `kept`, by which a card renders once what no query changes."""

from django.template import Context, Engine, Template

ENGINE = Engine(libraries={"kept": "search.templatetags.kept"})


def test_renders_once_for_each_dictionary() -> None:
    template = Template("{% load kept %}{% kept held a %}{{ text }}{% endkept %}", engine=ENGINE)
    first: dict[str, str] = {}
    assert template.render(Context({"held": first, "text": "<1>"})) == "&lt;1&gt;"
    assert template.render(Context({"held": first, "text": "<2>"})) == "&lt;1&gt;"
    assert template.render(Context({"held": {}, "text": "<2>"})) == "&lt;2&gt;"


def test_keeps_each_name_apart() -> None:
    template = Template("{% load kept %}{% kept held a %}1{% endkept %}{% kept held b %}2{% endkept %}", engine=ENGINE)
    held: dict[str, str] = {}
    assert template.render(Context({"held": held})) == "12"
    assert held == {"a": "1", "b": "2"}
