"""XML elements as values, and how they are serialised: escaped, without characters that XML 1.0 forbids. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from studies.text.characters import replace_non_xml


@dataclass(frozen=True, slots=True)
class Element:
    """An element that contains either text or elements. Names include their prefix: "dc:title"."""

    name: str
    content: str | tuple[Element, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


def text_element(name: str, text: str, language: str) -> Element:
    """Return a text element with `xml:lang`, without it if `language` is ""."""
    return Element(name, text, {"xml:lang": language} if language else {})


def render_document(root: Element) -> str:
    """Return the XML document of `root`, declared as UTF-8."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(_pieces(root)) + "\n"


def _pieces(element: Element) -> Iterator[str]:
    attributes = "".join(f' {name}="{_escaped(value)}"' for name, value in element.attributes.items())
    if not element.content:
        yield f"<{element.name}{attributes}/>"
        return
    yield f"<{element.name}{attributes}>"
    if isinstance(element.content, str):
        yield _escaped(element.content)
    else:
        for child in element.content:
            yield from _pieces(child)
    yield f"</{element.name}>"


def _escaped(text: str) -> str:
    clean = replace_non_xml(text, instead=" ")
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
