"""What a browser would send back from the pages of the workplace, unchanged unless told."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from studies.models import Study


class _Form(HTMLParser):
    """Collects the controls of the form `wanted` as a browser sends them: nothing disabled, nothing in a template."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.values: dict[str, list[str]] = {}
        self._inside = False
        self._templates = 0
        self._textarea: str | None = None
        self._select: tuple[str, list[str], list[str]] | None = None
        self._several = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._inside = found.get("id") == self.wanted
        self._templates += tag == "template"
        if not self._inside or self._templates or "disabled" in found:
            return
        name = found.get("name")
        if tag == "input" and name and (found.get("type") not in ("checkbox", "radio", "submit") or "checked" in found):
            silent = "on" if found.get("type") == "checkbox" else ""
            self.values.setdefault(name, []).append(found.get("value") or silent)
        elif tag == "textarea" and name:
            self._textarea = name
            self.values[name] = [""]
        elif tag == "select" and name:
            self._select = (name, [], [])
            self._several = "multiple" in found
        elif tag == "option" and self._select:
            self._select[1 if "selected" in found else 2].append(found.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        self._templates -= tag == "template"
        if tag == "textarea":
            self._textarea = None
        elif tag == "select" and self._select:
            name, selected, others = self._select
            self.values[name] = selected if self._several else (selected or others)[:1]
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            text = self.values[self._textarea][0] + data
            # A browser drops the first line end of a text area and sends the others as two characters.
            self.values[self._textarea] = [text.removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")]


def filled_in(client: Client, study: Study | None = None, **changes: Any) -> dict[str, Any]:
    """Open the form of `study` (or of a new one) and give what it would send, with `changes`."""
    response = client.get(address(study))
    assert response.status_code == 200, response.status_code
    return {**form_values(response.content.decode(), "study_form"), **changes}


def form_values(page: str, form_id: str) -> dict[str, Any]:
    form = _Form(form_id)
    form.feed(page)
    return dict(form.values)


def address(study: Study | None = None) -> str:
    if study is None:
        return reverse("admin:studies_study_add")
    return reverse("admin:studies_study_change", args=[study.pk])


def move_address(study: Study, name: str) -> str:
    return reverse("admin:studies_study_move", args=[study.pk, name])
