r"""BibTeX in UTF-8, for biber and Zotero. Keys are the slugs, which are ASCII, unique and stable.

Classic BibTeX counts every brace, even `\{`, so a literal brace is written as a command.
Sources: Zotero's BibTeX translator, the BibTeX FAQ of math.utah.edu, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from studies.citations.names import format_family_name, split_suffix
from studies.citations.reference import Reference
from studies.records.study import AuthorRecord

TYPES = {
    "article-journal": "article",
    "report": "techreport",
    "article": "techreport",
    "chapter": "incollection",
    "book": "book",
    "thesis": "phdthesis",
    "webpage": "misc",
}
_LANGUAGES = {"es": "spanish", "en": "english", "pt": "portuguese"}
_COMMANDS = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "#$%&_"},
}
# TeX would join these into one sign ("--" is a dash, "?`" an inverted question mark): braces keep them apart.
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)|(?<=[?!])(?=`)|(?<=,)(?=,)|(?<=<)(?=<)|(?<=>)(?=>)")
_WORD = re.compile(r"[^\W\d_][\w'’.-]*\w|[^\W\d_]")


def write(references: Iterable[Reference]) -> Iterator[str]:
    """Yield one entry a reference. Each begins with an empty line, as in Zotero's own files."""
    for reference in references:
        fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(reference) if value)
        yield f"\n@{TYPES.get(reference.type, 'techreport')}{{{_key(reference)},\n{fields}}}\n"


def _fields(reference: Reference) -> Iterator[tuple[str, str]]:
    yield from (
        (name, " and ".join(map(_author, people)))
        for name, people in (
            ("author", reference.authors),
            ("editor", reference.editors),
            ("translator", reference.translators),
        )
    )
    yield "title", _title(reference.title)
    yield "year", str(reference.year) if reference.year is not None else ""
    yield "month", str(reference.month) if reference.year is not None and reference.month is not None else ""
    yield "day", str(reference.day) if reference.month is not None and reference.day is not None else ""
    yield from _type_fields(reference)
    yield "address", _escaped(reference.place)
    yield "edition", _escaped(reference.edition)
    yield "eventtitle", _escaped(reference.conference)
    yield "issn", ", ".join(reference.issn)
    yield "isbn", ", ".join(reference.isbn)
    yield "pmid", _escaped(reference.pmid)
    yield "doi", _verbatim(reference.doi)
    yield "url", _verbatim(reference.url)
    yield "urldate", reference.accessed.isoformat() if reference.accessed else ""
    # biblatex hyphenates by the one, Zotero and readers of references read the other.
    yield "langid", _LANGUAGES.get(reference.language, "")
    yield "language", _LANGUAGES.get(reference.language, "")
    # Styles print a `note`, and biblatex-apa prints an `annotation` too: only what stands in the abstract stays there.
    yield "abstract", _escaped(f"{reference.abstract} ({reference.note})" if reference.note else reference.abstract)
    yield "keywords", _escaped(", ".join(keyword.replace(",", ";") for keyword in reference.keywords))


def _type_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield the fields of this type of entry; BibTeX has another name for the publisher in each."""
    publisher, number = _escaped(reference.publisher), _escaped(reference.number)
    match TYPES.get(reference.type, "techreport"):
        case "article":
            yield "journal", _escaped(reference.container)
            yield "volume", _escaped(reference.volume)
            yield "number", _escaped(reference.issue)
            yield "eid", number
            yield "publisher", publisher
        case "techreport":
            yield "institution", publisher or _escaped(reference.series) or _escaped(_first_institution(reference))
            # biblatex has no series of a report: it prints "type number", which is how series are cited.
            series = _escaped(reference.series) if publisher else ""
            yield "type", series or ("Working Paper" if reference.type == "article" else "")
            yield "number", number
        case "incollection":
            yield "booktitle", _title(reference.container)
            yield "publisher", publisher
        case "book":
            yield "publisher", publisher
            yield "series", _escaped(reference.series)
            yield "number", number
        case "phdthesis":
            # The records do not tell the degree; `type` prints this word in place of "PhD thesis".
            yield "school", publisher
            yield "type", "Thesis"
        case "misc":
            site = reference.container or reference.publisher
            yield "howpublished", _escaped(", ".join(part for part in (site, reference.number) if part))
    first, last = _escaped(reference.first_page), _escaped(reference.last_page)
    yield "pages", f"{first}--{last}" if last else first


def _author(author: AuthorRecord) -> str:
    """Return "Family, Given" or "Family, Jr., Given"; braces keep an institution whole."""
    if author.literal:
        return f"{{{_escaped(author.literal)}}}"
    given, suffix = split_suffix(author)
    return ", ".join(part for part in (_family(author), _name_part(suffix), _name_part(given)) if part)


def _family(author: AuthorRecord) -> str:
    family = author.family or ""
    # In "Loret de Mola, Christian" BibTeX takes "Loret de" for a particle.
    protected = f"{{{_escaped(family)}}}" if re.search(r"\s[a-zà-ÿ]", family) else _name_part(family)
    whole = format_family_name(author)
    particles = whole[: len(whole) - len(family)] if whole.endswith(family) else ""
    return _name_part(particles.strip()) + (" " if particles.strip() else "") + protected


def _name_part(text: str) -> str:
    structural = "," in text or re.search(r"(?i)(^|\s)and(\s|$)", text)
    return f"{{{_escaped(text)}}}" if structural else _escaped(text)


def _title(text: str) -> str:
    """Escape a title and put words with capitals in braces, as styles would lower them: {Perú}, {IPV}."""
    written, end = [], 0
    for word in _WORD.finditer(text):
        written.append(_escaped(text[end : word.start()]))
        rest = word[0][1:] if word.start() == 0 else word[0]
        escaped = _escaped(word[0])
        written.append(f"{{{escaped}}}" if rest != rest.lower() else escaped)
        end = word.end()
    written.append(_escaped(text[end:]))
    return "".join(written)


def _escaped(text: str) -> str:
    apart = _LIGATURE.split(text)
    return "{}".join("".join(_COMMANDS.get(char, char) for char in part) for part in apart)


def _verbatim(text: str) -> str:
    """Percent-encode what would break an address or DOI: these fields are read verbatim, without TeX commands."""
    return text.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")


def _first_institution(reference: Reference) -> str:
    return next((author.literal for author in reference.authors if author.literal), "")


def _key(reference: Reference) -> str:
    return re.sub("[^A-Za-z0-9-]", "", reference.key)
