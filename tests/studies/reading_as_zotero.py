"""How Zotero reads meta tags and COinS, as far as it concerns us: written anew after its translators, November 2026.

`from_tags` follows "Embedded Metadata", `from_coins` the OpenURL parser of its utilities, `clean_author` the utility of
that name. Where they lose something, so does this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

TYPE_BY_TAG = {
    "citation_journal_title": "journalArticle",
    "citation_technical_report_institution": "report",
    "citation_inbook_title": "bookSection",
    "citation_dissertation_institution": "thesis",
}
_EDGE = r"[\s\u00a0.,/\[\]:]+"


@dataclass
class Saved:
    """An item as it is saved. People are (family, given); an institution has no given name."""

    type: str
    title: str = ""
    people: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


def clean_author(text: str, has_comma: bool) -> tuple[str, str]:
    """Take a name apart: at its comma, else before its last word. Signs at its ends are lost."""
    text = re.sub(f"{_EDGE}$", "", re.sub(f"^{_EDGE}", "", text))
    if has_comma:
        family, _comma, given = text.partition(",")
        return family.strip(), given.split(",")[0].strip()
    given, _space, family = text.rpartition(" ")
    return family, given


def from_tags(tags: Iterable[tuple[str, str]]) -> Saved:
    tags = list(tags)
    names = [name for name, _content in tags]
    kind = next((TYPE_BY_TAG[name] for name in names if name in TYPE_BY_TAG), "")
    single = dict(reversed(tags))
    # Open Graph is asked before Dublin Core, and knows no book behind "website".
    if not kind and single.get("og:type") == "website":
        kind = "webpage"
    saved = Saved(kind or single.get("DC.type", "journalArticle"), single.get("citation_title", ""), fields=single)
    is_alone = names.count("citation_author") == 1
    for name, content in tags:
        if name != "citation_author":
            continue
        parts = re.split(r"\s*;\s*", content)
        if len(parts) == 1 and is_alone:
            by_comma = re.split(r"\s*,\s*", parts[0])
            if len(by_comma) > 1 and " " in by_comma[0] and " " in by_comma[1]:
                parts = by_comma
        saved.people += [clean_author(part, "," in part) for part in parts if re.search(r"[^\s,-.;]", part)]
    return saved


def from_coins(text: str) -> Saved:
    pairs = text.split("&")
    kind = next(unquote(pair[12:]) for pair in pairs if pair.startswith("rft_val_fmt="))
    saved = Saved(_coins_type(kind.rpartition(":")[2], pairs))
    complex_names: list[dict[str, str]] = []
    for pair in pairs:
        key, value = pair.split("=")  # a pair without "=" stops the parser
        value = unquote(re.sub(r"\+|%2[bB]", " ", value))
        if key in ("rft.aulast", "rft.aufirst"):
            part = "family" if key == "rft.aulast" else "given"
            if complex_names and part not in complex_names[-1] and "corporate" not in complex_names[-1]:
                complex_names[-1][part] = value
            else:
                complex_names.append({part: value})
        elif key == "rft.aucorp":
            complex_names.append({"family": value, "corporate": "yes"})
        elif key == "rft.au":
            saved.people.append(clean_author(value, "," in value))
        else:
            _coins_field(saved, key, value)
    for name in reversed(complex_names):
        family, given = name.get("family", ""), name.get("given", "")
        known = any(f == family and g and g.startswith(given) for f, g in saved.people)
        if not known:
            saved.people.insert(0, (family, given))
    return saved


def _coins_type(name: str, pairs: list[str]) -> str:
    if name == "book":
        genres = {"bookitem": "bookSection", "report": "report", "document": "document"}
        return next((kind for genre, kind in genres.items() if f"rft.genre={genre}" in pairs), "book")
    return {"journal": "journalArticle", "dissertation": "thesis", "dc": "webpage"}[name]


def _coins_field(saved: Saved, key: str, value: str) -> None:
    in_another = saved.type in ("journalArticle", "bookSection")
    if key == "rft.atitle" and in_another:
        saved.title = value
    elif key == "rft.btitle":
        if saved.type in ("book", "report"):
            saved.title = value
        elif saved.type == "bookSection":
            saved.fields["container"] = value
    elif key == "rft.title":
        if in_another:
            saved.fields["container"] = value
        else:
            saved.title = value
    elif (key == "rft.jtitle" and saved.type == "journalArticle") or key == "rft.source":
        saved.fields["container"] = value
    elif key == "rft.type":
        saved.type = value
    elif key == "rft_id" and value.startswith("info:doi"):
        saved.fields["doi"] = value[9:]
    elif key == "rft_id" and re.match("https?://", value):
        saved.fields["url"] = value
    else:
        saved.fields[key.removeprefix("rft.")] = value
