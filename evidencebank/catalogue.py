"""The translations: finds the texts in code and templates, and keeps the English catalogue true to them.

Works with Babel alone, as gettext's programs are not on every machine. Files hold neither dates nor line numbers, so
that two changes merge cleanly. Called by the command `translations` and by `set_up`; knows no request and no page.
"""

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import templatize

SOURCES = {"evidencebank": "**/*.py", "studies": "**/*.py", "search": "**/*.py", "templates": "**/*"}
# The curators' workplace is in Spanish only.
UNTRANSLATED = ("studies/admin/", "templates/admin/")
# Position of each argument, counted from 1; "c" marks the context.
KEYWORDS: dict[str, tuple[int | tuple[int, int] | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0 +-]*[\d.]*[a-z]|\{(\w*)\}|%[sd]")
# Message ids are Spanish; these words are frequent in English and are no Spanish words.
ENGLISH = re.compile(r"\b(the|and|of|this|with|from|are|you|your|studies|study|search)\b")
Key = tuple[str | None, str]


def extract(root: Path) -> Catalog:
    """Return a catalogue without translations of every marked text below `root`."""
    catalog = Catalog(domain="django")
    for folder, pattern in SOURCES.items():
        for path in sorted((root / folder).glob(pattern)):
            if path.relative_to(root).as_posix().startswith(UNTRANSLATED):
                continue
            if path.is_file() and path.suffix in (".py", ".html", ".txt", ".xml"):
                for context, ids in _texts(path):
                    catalog.add(ids, context=context)
    return catalog


def read(path: Path) -> Catalog:
    """Return the catalogue at `path`, empty where there is none yet."""
    if not path.exists():
        return Catalog(locale=path.parts[-3], domain="django")
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain="django")


def updated(old: Catalog, found: Catalog) -> Catalog:
    """Return `old` with exactly the texts of `found`: new ones empty, those no longer used dropped."""
    new = Catalog(locale=old.locale, domain="django")
    for message in _messages(found):
        known = old.get(message.id, context=message.context)
        # A translation of the singular alone is none of a plural, and the other way round.
        same_kind = known is not None and known.pluralizable == message.pluralizable
        new.add(
            message.id,
            string=known.string if known is not None and same_kind else "",
            context=message.context,
            user_comments=known.user_comments if known is not None else (),
            flags=known.flags if known is not None else (),
        )
    return new


def write(catalog: Catalog, path: Path) -> None:
    """Write `catalog` to `path`, sorted, without dates, places and program names."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale_identifier}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + buffer.getvalue().decode().strip() + "\n", encoding="utf-8")


def faults(catalog: Catalog, found: Catalog) -> list[str]:
    """Return, a line each, what is missing, left over, doubtful or would break a page in `catalog`."""
    wanted = {_key(message): message for message in _messages(found)}
    there = {_key(message): message for message in _messages(catalog)}
    lines = [f"not in the catalogue: {_name(key)}" for key in wanted.keys() - there.keys()]
    lines += [f"no longer used: {_name(key)}" for key in there.keys() - wanted.keys()]
    lines += [
        f"looks English, ids are Spanish: {_name(key)}" for key in wanted if ENGLISH.search(PLACEHOLDER.sub("", key[1]))
    ]
    for key in wanted.keys() & there.keys():
        lines += [f"{fault}: {_name(key)}" for fault in _faults_of(there[key], wanted[key])]
    return sorted(lines)


def compile_all(folder: Path) -> bool:
    """Compile every catalogue below `folder` that is newer than what was compiled of it; say whether there was one."""
    written = [compile_if_older(path) for path in sorted(folder.glob("*/LC_MESSAGES/*.po"))]
    return any(written)


def compile_if_older(path: Path) -> bool:
    """Write the .mo beside the .po at `path`, unless it is newer already; say whether it was written."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
        return False
    draft = target.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, read(path))
    # Another process may be reading: the file must be there whole or not at all.
    draft.replace(target)
    return True


def _texts(path: Path) -> Iterator[tuple[str | None, str | tuple[str, str]]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into a row of gettext calls among X's; within parentheses Python reads it without
        # minding how it is indented.
        source = f"(\n{templatize(source, origin=str(path))}\n)"
    found = extract_python(io.BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"})
    for _line, function, arguments, _comments in found:
        texts = arguments if isinstance(arguments, tuple | list) else (arguments,)
        context, ids = None, []
        for place in KEYWORDS[str(function)] or (1,):
            text = texts[(place[0] if isinstance(place, tuple) else place) - 1 :][:1]
            if isinstance(place, tuple):
                context = text[0] if text else None
            elif text and isinstance(text[0], str) and text[0]:
                ids.append(text[0])
        if ids:
            yield context, (ids[0], ids[1]) if len(ids) > 1 else ids[0]


def _faults_of(message: Message, wanted: Message) -> Iterator[str]:
    ids, strings = _forms(message.id), _forms(message.string or "")
    if message.fuzzy:
        yield "marked fuzzy"
    if message.pluralizable != wanted.pluralizable:
        yield "plural in only one of code and catalogue"
    elif not all(strings):
        yield "not translated"
    else:
        allowed = _placeholders(ids[0]) | _placeholders(ids[-1])
        for number, string in enumerate(strings):
            # The singular may say "one" instead of the number.
            optional = {"count", "%d", "%s"} if message.pluralizable and number == 0 else set()
            needed = _placeholders(ids[min(number, 1)] if message.pluralizable else ids[0]) - optional
            if not needed <= _placeholders(string) <= allowed:
                yield "placeholders differ"


def _forms(text: str | Sequence[str]) -> Sequence[str]:
    """Return singular and plural, or the one text alone."""
    return (text,) if isinstance(text, str) else text


def _looks_english(text: str) -> bool:
    return ENGLISH.search(PLACEHOLDER.sub("", text)) is not None


def _placeholders(text: str) -> set[str]:
    return {match[1] or match[2] or match[0] for match in PLACEHOLDER.finditer(text)}


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _key(message: Message) -> Key:
    return message.context, _forms(message.id)[0]


def _name(key: Key) -> str:
    context, text = key
    return f"“{text}”" + (f" ({context})" if context else "")
