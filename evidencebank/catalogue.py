"""Translation catalogues: extracts the texts of code and templates, updates, checks and compiles the English ones.

Uses Babel, as the programs of gettext are not on every machine. Files hold neither dates nor line numbers, so that two
changes merge cleanly. Called by the commands `translations` and `set_up`, and, to compile without
settings, by `make install`.
"""

import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import templatize

_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")},
    "gettext_noop": None,
}
_FOLDERS = ("accounts", "evidencebank", "jobs", "search", "studies", "templates")
_METHODS = (
    # The curators' workplace is in Spanish only.
    ("studies/admin/**", "ignore"),
    ("templates/admin/**", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", f"{__name__}:extract_template"),
    ("templates/**.txt", f"{__name__}:extract_template"),
    ("templates/**.xml", f"{__name__}:extract_template"),
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0 +-]*[\d.]*[a-z]|\{(\w*)\}|%[sd]")
# Message ids are Spanish; these words are frequent in English and are no Spanish words.
ENGLISH = re.compile(r"\b(the|and|of|this|with|from|are|you|your|studies|study|search)\b")
Key = tuple[str | None, str]


def extract_texts(root: Path) -> Catalog:
    """Return a catalogue without translations of every marked text below `root`."""

    def is_ours(folder: str) -> bool:
        return Path(folder).relative_to(root).parts[0] in _FOLDERS

    catalog = Catalog(domain="django")
    found = extract_from_dir(root, _METHODS, keywords=_KEYWORDS, directory_filter=is_ours)
    for _file, _line, ids, _comments, context in found:
        catalog.add(ids, "", context=context)
    return catalog


def extract_template(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterable[Any]:
    """Extract the texts of a template, in the form that Babel calls."""
    # Django turns a template into gettext calls between X's, indented like the template: in parentheses that is Python.
    source = f"(\n{templatize(file.read().decode(), origin=file.name)}\n)"
    return extract_python(io.BytesIO(source.encode()), keywords, comment_tags, {"encoding": "utf-8"})


def read(path: Path) -> Catalog:
    """Return the catalogue at `path`, empty where there is none yet."""
    if not path.exists():
        return Catalog(locale=path.parts[-3], domain="django")
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain="django")


def update(old: Catalog, found: Catalog) -> Catalog:
    """Return `old` with exactly the texts of `found`: new ones empty, those no longer used dropped."""
    old.update(found, no_fuzzy_matching=True)
    return old


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


def find_faults(catalog: Catalog, found: Catalog) -> list[str]:
    """Return a line for each text of `catalog` that is missing, unused, doubtful or would break a page."""
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
    """Compile every catalogue below `folder` that is newer than its .mo. Return True if there was one."""
    written = [compile_if_stale(path) for path in sorted(folder.glob("*/LC_MESSAGES/*.po"))]
    return any(written)


def compile_if_stale(path: Path) -> bool:
    """Write the .mo beside the .po at `path`, unless it is newer already. Return True if it was written."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
        return False
    draft = target.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, read(path))
    # Replaced as a whole, as another process may be reading it.
    draft.replace(target)
    return True


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


def _placeholders(text: str) -> set[str]:
    return {match[1] or match[2] or match[0] for match in PLACEHOLDER.finditer(text)}


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _key(message: Message) -> Key:
    return message.context, _forms(message.id)[0]


def _name(key: Key) -> str:
    context, text = key
    return f"“{text}”" + (f" ({context})" if context else "")


if __name__ == "__main__":
    compile_all(Path(__file__).resolve().parent.parent / "locale")
