"""BibTeX and BibLaTeX, split and parsed by bibtexparser. pylatexenc turns TeX commands into text.

Sources: the BibTeX FAQ of math.utah.edu, the biblatex manual, November 2026.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence

from bibtexparser.middlewares.parsestack import default_parse_stack
from bibtexparser.model import Entry, ExplicitComment, ImplicitComment, ParsingFailedBlock, Preamble, String
from bibtexparser.splitter import Splitter
from pylatexenc.latex2text import LatexNodes2Text

from studies.imports.formats.base import (
    LONGEST_REFERENCE,
    MOST_ROWS,
    ImportFormat,
    Json,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
    format_thousands,
    with_decoding,
    with_encoding,
)
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.field_values import WORKING_PAPER, join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.people import make_person, read_people
from studies.imports.formats.plain_text import known_text, plain_text
from studies.imports.formats.standard_numbers import read_day, read_month

_START = re.compile(r"^[ \t]*@[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
_LONGEST_HEAD = 20_000
_TYPES = {
    **dict.fromkeys(("article", "suppperiodical"), "article-journal"),
    **dict.fromkeys(("techreport", "report", "manual"), "report"),
    **dict.fromkeys(("incollection", "inbook", "inproceedings", "conference", "proceedings"), "chapter"),
    **dict.fromkeys(("book", "booklet", "mvbook", "collection"), "book"),
    **dict.fromkeys(("phdthesis", "mastersthesis", "thesis"), "thesis"),
    **dict.fromkeys(("online", "electronic", "www"), "webpage"),
}
_NO_REFERENCE = re.compile(r"@\s*(?:xdata|set|comment|string|preamble)\b", re.IGNORECASE)
_PARENT = re.compile(r"[,\s](?:crossref|xdata)\s*=\s*[{\"]([^{}\",]+)[}\"]", re.IGNORECASE)
_PART = re.compile(r"\"[^\"]*\"|\{[^{}]*\}|[A-Za-z]\w*")
_PARTS = re.compile(rf"\s*(?:{_PART.pattern})(?:\s*#\s*(?:{_PART.pattern}))+\s*")
_KIND_OF_REPORT = re.compile(
    r"(technical|research|final|discussion|working|tech\.?)? *(report|paper|preprint)s?|techreport|techrep|resreport|"
    r"informe( técnico| final)?|reporte|documentos? de trabajo",
    re.IGNORECASE,
)
"""What `type` says of a report that is no name of a series."""
_COMMENT = re.compile(r"^[ \t]*%(?:[ \t%]*(?:@\w+\s*\{.*|\w+\s*=.*|\},?[ \t]*)|[^{}\"@=\n]*)$", re.MULTILINE)
"""A line that biber skips, as many people expect of BibTeX too: prose, a field, the first or the last of an entry."""
_LONGEST_TEX = 20_000
_LONGEST_PARENT = 10_000
"""A longer one is left out: it stands again behind each of its parts, of which a file may have thousands."""
_BLOCK = re.compile(r"@\s*[A-Za-z]")
_MOST_BLOCKS = 2 * MOST_ROWS
"""Comments and abbreviations included. The splitter makes an object of each, so they are counted before it runs."""
_to_text = LatexNodes2Text(math_mode="text", keep_comments=False)


class _ErrorsOnly(logging.Filter):
    """Keeps warnings out of the log: the curator reads row by row what cannot be parsed."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.ERROR


for _name in ("bibtexparser.splitter", "pylatexenc.latexwalker", "pylatexenc.latex2text"):
    logging.getLogger(_name).addFilter(_ErrorsOnly())


def split(text: str) -> SplitFile:
    """Split the text into entries; `head` holds the abbreviations (@string) that they may use.

    Raises FileUnreadable.
    """
    if sum(1 for _ in _BLOCK.finditer(text)) > _MOST_BLOCKS:
        raise FileUnreadable(f"Tiene más de {format_thousands(MOST_ROWS)} referencias: divídalo y súbalo por partes.")
    blocks = Splitter(_COMMENT.sub("", text)).split().blocks
    head = "\n".join(str(block.raw) for block in blocks if isinstance(block, String))[:_LONGEST_HEAD]
    return SplitFile(collect_references(_split_blocks(blocks)), head)


def _split_blocks(blocks: Sequence[object]) -> Iterator[RawReference]:
    parents = {block.key.lower(): str(block.raw).strip() for block in blocks if isinstance(block, Entry)}
    for block in blocks:
        if isinstance(block, String | Preamble | ExplicitComment | ImplicitComment):
            continue
        assert isinstance(block, Entry | ParsingFailedBlock)
        row, raw = (block.start_line or 0) + 1, str(block.raw).strip()
        if _NO_REFERENCE.match(raw):
            continue
        if isinstance(block, ParsingFailedBlock) and block.ignore_error_block is None:
            yield RawReference(row, raw, "Sus llaves o comas no cierran: puede estar cortada o mal escrita.")
        else:
            yield RawReference(row, _with_parent(raw, parents))


def _with_parent(raw: str, parents: Mapping[str, str]) -> str:
    """Return an entry, followed by the one whose fields it takes over (`crossref`, `xdata`)."""
    named = _PARENT.search(raw)
    parent = parents.get(named[1].strip().lower(), "") if named else ""
    is_taken = parent and parent != raw and len(parent) <= _LONGEST_PARENT
    return f"{raw}\n{parent}" if is_taken else raw


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one entry. Raises RowInvalid."""
    entry, *others = _parse_entries(raw, head)
    values = {field.key.lower(): str(field.value) for parent in others[:1] for field in parent.fields}
    if "title" in values:
        values.setdefault("booktitle", values.pop("title"))
    values |= {field.key.lower(): str(field.value) for field in entry.fields}
    text = {key: _tex_to_text(value) for key, value in values.items() if key not in ("author", "editor", "url", "doi")}
    kind = _type(entry.entry_type.lower(), text)
    spoken, notes = read_language(text.get("langid") or text.get("language"))
    authors = _read_people(values.get("author", "")) or (
        _read_people(values.get("editor", "")) if kind in ("book", "chapter") else []
    )
    title, subtitle = _first(text, "title", "maintitle", "booktitle", "shorttitle"), text.get("subtitle", "")
    fields = {
        "title": f"{title}: {subtitle}" if subtitle else title,
        "language": spoken,
        "authors": authors,
        "year": _first(text, "year", "date", "issued"),
        "type": kind,
        "container_title": _first(text, "journal", "journaltitle", "booktitle", "series")
        or _series_in_type(kind, text),
        "volume": text.get("volume", ""),
        "issue": _first(text, "issue", "number") if kind == "article-journal" else "",
        "pages": join_pages(text.get("pages")),
        "publisher": _first(text, "publisher", "institution", "school", "organization"),
        "place": _first(text, "address", "location"),
        "edition": text.get("edition", ""),
        "conference": _first(text, "eventtitle", "venue") if "eventtitle" in text else "",
        "editors": _read_people(values.get("editor", "")),
        "translators": _read_people(values.get("translator", "")),
        "numbers": [text.get("issn", ""), text.get("isbn", "")],
        "pmid": text.get("pmid", "")
        or (text.get("eprint", "") if text.get("eprinttype", "").lower() == "pubmed" else ""),
        "month": read_month(text.get("month", "")),
        "day": read_day(text.get("day", "")),
        "date": text.get("date", ""),
        "number": _first(text, "eid", "articleno") if kind == "article-journal" else text.get("number", ""),
        "doi": _unescape_address(values.get("doi", "")),
        "url": [_unescape_address(values[key]) for key in ("url", "howpublished") if "//" in values.get(key, "")],
    }
    keywords = re.split(r"[;,]", text.get("keywords", "") or text.get("keyword", ""))
    return make_reference(fields, keywords, text.get("abstract", ""), notes)


def _parse_entries(raw: str, head: str) -> list[Entry]:
    library = Splitter(f"{head}\n{raw}" if head else raw).split()
    for block in library.failed_blocks:
        if isinstance(entry := block.ignore_error_block, Entry):
            # A field that is given twice: the first one counts, as in BibTeX itself.
            entry.fields = list({field.key: field for field in reversed(entry.fields)}.values())
            library.replace(block, entry)
    for middleware in default_parse_stack(allow_inplace_modification=True):
        library = middleware.transform(library)
    if not library.entries:
        raise RowInvalid("", "No es una entrada completa de BibTeX.")
    abbreviations = {key: str(each.value) for key, each in library.strings_dict.items()}
    for entry in library.entries:
        for field in entry.fields:
            field.value = _join_parts(str(field.value), abbreviations)
    return list(library.entries)


def _join_parts(value: str, abbreviations: Mapping[str, str]) -> str:
    """Join what stands in quotes, braces and abbreviations with number signs between, which bibtexparser leaves."""
    if not _PARTS.fullmatch(value):
        return value
    joined = ""
    for found in _PART.finditer(value):
        part = found.group().strip()
        joined += part[1:-1] if part[0] in '"{' else abbreviations.get(part, part)
        if len(joined) > LONGEST_REFERENCE:
            raise RowInvalid("", "Sus abreviaturas se repiten hasta pasar de lo que cabe en una referencia.")
    return joined


def _type(kind: str, text: dict[str, str]) -> str | None:
    if WORKING_PAPER.search(f"{text.get('type', '')} {text.get('howpublished', '')} {text.get('note', '')}"):
        return "article"
    if kind in ("misc", "unpublished"):
        return "article" if kind == "unpublished" or text.get("eprint") else "webpage"
    return _TYPES.get(kind)


def _series_in_type(kind: str | None, text: dict[str, str]) -> str:
    """Return the series of a report, which BibTeX prints only where it is its `type`: "NBER Working Paper"."""
    series = text.get("type", "").strip()
    is_report = kind in ("report", "article")
    return series if is_report and not _KIND_OF_REPORT.fullmatch(series) else ""


def _read_people(text: str) -> list[Json]:
    """Split names at " and " outside of braces; a name that stands whole in braces is an institution."""
    found = []
    for written in _split_names(text):
        whole = re.fullmatch(r"\s*\{(.*)\}\s*", written, re.DOTALL)
        institution = _tex_to_text(whole[1]) if whole and _is_one_group(written.strip()) else ""
        if institution:
            found.append({"literal": institution})
        else:
            found += _read_names(_tex_to_text(written))
    return found


def _read_names(text: str) -> list[Json]:
    """Read one name, or the several that a program wrote without "and" between them."""
    if ";" in text or text.count(",") > 2:
        return read_people([text])
    person = _read_person(text)
    return [person] if person and "others" not in person.values() and known_text(text) else []


def _split_names(text: str) -> Iterator[str]:
    text = " ".join(text.split())
    depth, begun = 0, 0
    for match in re.finditer(r"(?<!\\)[{}]|\sand\s", text, re.IGNORECASE):
        if match[0] in "{}":
            depth += 1 if match[0] == "{" else -1
        elif depth == 0:
            yield text[begun : match.start()]
            begun = match.end()
    yield text[begun:]


def _is_one_group(text: str) -> bool:
    depth = 0
    for place, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return place == len(text) - 1
    return False


def _read_person(text: str) -> Json | None:
    """Read "Family, Given", "Family, Jr., Given" or "Given von Family"."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 3:
        return make_person(parts[0], f"{parts[2]}, {parts[1]}")
    if len(parts) == 2:
        return make_person(parts[0], parts[1])
    words = text.split()
    if len(words) < 2:
        return make_person(text)
    small = next((place for place, word in enumerate(words[1:-1], start=1) if word.islower()), len(words) - 1)
    return make_person(" ".join(words[small:]), " ".join(words[:small]))


def _tex_to_text(text: str) -> str:
    """Turn TeX into text. pylatexenc is slow, so it only sees what has a command."""
    text = re.sub(r"\\([&%_#$])", r"\1", text[:_LONGEST_TEX]).replace("{}", "")
    text = re.sub(r"(?<!\\)~", " ", text)
    if "\\" in text:
        try:
            text = _to_text.latex_to_text(re.sub(r"(?<!\\)([&%#$])", r"\\\1", text))
        except RecursionError as error:
            raise RowInvalid("", "Sus órdenes de TeX están anidadas sin fin.") from error
    return plain_text(re.sub(r"(?<!-)---?(?!-)", "–", text.replace("{", "").replace("}", "")))


def _unescape_address(text: str) -> str:
    """Return an address or DOI, which some programs escape and others put into \\url."""
    inside = re.fullmatch(r"\s*\\(?:url|href)\{([^{}]*)\}.*", text, re.DOTALL)
    return re.sub(r"\\([&%_#$~{}])", r"\1", inside[1] if inside else text).strip("{} \n")


def _first(text: dict[str, str], *keys: str) -> str:
    return next((text[key] for key in keys if known_text(text.get(key))), "")


def join(raws: list[str], head: str = "") -> str:
    """Write entries back as a file, with the abbreviations that they may use."""
    return "\n\n".join([*([head] if head else []), *raws]) + "\n"


FORMAT = ImportFormat(
    code="bib",
    label="BibTeX",
    extensions=("bib", "bibtex"),
    media_type="application/x-bibtex",
    position=2,
    recognises=lambda head: _START.search(head.text) is not None,
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
)
