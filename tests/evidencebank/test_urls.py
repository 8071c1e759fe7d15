"""The table of addresses: which package may name which address."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

NAMING = frozenset({"reverse", "reverse_lazy", "redirect", "resolve_url", "in_each_language", "redirect_merged"})
"""The functions that turn the name of an address into its path."""


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each
        elif each.app_name != "admin":
            yield from patterns(each)


def names_of_views_in(package: str) -> frozenset[str]:
    """Return the names of the addresses whose views lie in `package`."""
    return frozenset(
        each.name
        for each in patterns(get_resolver())
        if each.name and each.callback.__module__.split(".", maxsplit=1)[0] == package
    )


def is_naming(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in NAMING


def named_addresses(source: str) -> set[str]:
    """Return every text that Python code hands to one of NAMING, also within an expression or over a comprehension."""
    sources: list[ast.AST] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and is_naming(node):
            sources += node.args
        elif hasattr(node, "generators") and any(map(is_naming, ast.walk(node))):
            sources += [each.iter for each in node.generators]
    parts = (part for each in sources for part in ast.walk(each))
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def named_below(folder: Path, names: frozenset[str]) -> list[tuple[str, str]]:
    """Return which modules below `folder` name an address of `names`."""
    return [
        (path.relative_to(folder.parent).as_posix(), name)
        for path in sorted(folder.rglob("*.py"))
        for name in sorted(named_addresses(path.read_text(encoding="utf-8")) & names)
    ]


class TestAddressesOfSearch:
    def test_are_those_whose_views_lie_in_it(self):
        assert {"search", "theme", "compare", "evidence", "selection-export", "feed-es"} <= names_of_views_in("search")
        assert names_of_views_in("search").isdisjoint(names_of_views_in("studies") | names_of_views_in("evidencebank"))

    def test_are_named_by_no_module_of_studies(self):
        assert named_below(settings.BASE_DIR / "studies", names_of_views_in("search")) == []

    def test_are_told_apart_from_those_of_studies_which_are_found_there(self):
        found = named_below(settings.BASE_DIR / "studies", names_of_views_in("studies"))
        assert ("studies/models/study.py", "study") in found
        assert ("studies/web/study/citation.py", "study-citation") in found

    @pytest.mark.parametrize(
        "line",
        [
            'url = reverse("search")',
            'url = urls.reverse_lazy("search") + "?q=a"',
            'return redirect("search", permanent=True)',
            'paths = in_each_language("search" if is_list else "home")',
            'paths = {name: reverse(name) for name in ("home", "search")}',
        ],
    )
    def test_are_found_however_they_are_named(self, tmp_path, line):
        module = tmp_path / "studies/web/page.py"
        module.parent.mkdir(parents=True)
        module.write_text(f"def page():\n    {line}\n", encoding="utf-8")
        assert named_below(tmp_path / "studies", names_of_views_in("search")) == [("studies/web/page.py", "search")]
