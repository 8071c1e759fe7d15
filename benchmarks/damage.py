"""Records as they arrive in reference lists: real ones, damaged as exports and hands damage them, with their labels.

Everything is drawn from a seed. Damaged copies and other versions are made up from real records; so are the siblings,
which are different studies that look alike. Nothing of this ever enters a bank.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from studies.records.study import AuthorRecord, StudyRecord

DUPLICATE, SAME_WORK, SIBLING = "duplicate", "same_work", "sibling"
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SUBTITLE = re.compile(r"(?<=\w)[:?.]\s")


@dataclass(frozen=True)
class DamagedCase:
    """A record as it arrives. `origin` is the place of the study that it is, None for a study that the bank lacks."""

    record: StudyRecord
    label: str
    origin: int | None
    damage: tuple[str, ...]


def make_cases(studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], seed: int) -> Iterator[DamagedCase]:
    """Yield for each study a damaged copy, another version, and where its title allows it a sibling.

    `places` are names of countries in Spanish and English.
    """
    draw = random.Random(seed)
    for place, study in enumerate(studies):
        yield _damage(study, place, draw)
        yield _other_version(study, place, draw)
        if sibling := _sibling(study, studies, places, draw):
            yield sibling


# --- A damaged copy of the same publication ----------------------------------------------------------------------


def _damage(study: StudyRecord, place: int, draw: random.Random) -> DamagedCase:
    record = replace(study, id="arrived", title_es=None, title_en=None)
    done: list[str] = []

    def maybe(share: float, name: str, harm: Callable[[StudyRecord, random.Random], StudyRecord]) -> None:
        nonlocal record
        if draw.random() < share:
            harmed = harm(record, draw)
            if harmed != record:
                record = harmed
                done.append(name)

    if draw.random() < 0.85:
        record = replace(record, doi=None)
    if draw.random() < 0.12:
        record = _translated(record, study)
        done.append("translated title")
    else:
        maybe(0.15, "subtitle dropped", _without_subtitle)
        maybe(0.10, "subtitle swapped", _swapped_subtitle)
        maybe(0.05, "title cut", _cut_title)
    maybe(0.35, "typos", _typos)
    maybe(0.30, "no accents", _without_accents)
    maybe(0.05, "lost letters", _lost_letters)
    maybe(0.15, "capitals", lambda record, draw: replace(record, title=record.title.upper()))
    maybe(0.40, "year", lambda record, draw: replace(record, year=(record.year or 2000) + draw.choice((-1, 1))))
    maybe(0.50, "journal", _short_journal)
    maybe(0.50, "no pages", lambda record, draw: replace(record, volume=None, issue=None, pages=None))
    maybe(0.30, "no type", lambda record, draw: replace(record, type=None))
    maybe(0.50, "no language", lambda record, draw: replace(record, language=None))
    maybe(0.60, "names", _short_names)
    maybe(0.15, "first author only", lambda record, draw: replace(record, authors=record.authors[:1]))
    if not {"subtitle dropped", "title cut", "translated title"} & set(done):
        # With neither authors nor a whole title nobody could tell.
        maybe(0.08, "no authors", lambda record, draw: replace(record, authors=()))
    return DamagedCase(record, DUPLICATE, place, tuple(done))


def _translated(record: StudyRecord, study: StudyRecord) -> StudyRecord:
    """Return the record with a translated title, as indexes in another language list it, mostly without saying so."""
    other = study.title_en if study.language != "en" else study.title_es
    return replace(record, title=other or study.title, language=None)


def _without_subtitle(record: StudyRecord, draw: random.Random) -> StudyRecord:
    first, *rest = _SUBTITLE.split(record.title, maxsplit=1)
    return replace(record, title=first) if rest and len(first.split()) > 3 else record


def _swapped_subtitle(record: StudyRecord, draw: random.Random) -> StudyRecord:
    first, *rest = _SUBTITLE.split(record.title, maxsplit=1)
    return replace(record, title=f"{rest[0]}: {first}") if rest else record


def _cut_title(record: StudyRecord, draw: random.Random) -> StudyRecord:
    return replace(record, title=record.title[: draw.randint(70, 120)])


def _typos(record: StudyRecord, draw: random.Random) -> StudyRecord:
    """Mistype letters, never digits: another number may be another study of a series, and nobody could tell."""
    letters = list(record.title)
    for _ in range(draw.randint(1, 1 + len(letters) // 40)):
        at = draw.randrange(1, len(letters) - 1)
        if letters[at].isalpha() and letters[at + 1].isalpha():
            _slip(letters, at, draw)
    return replace(record, title="".join(letters))


def _slip(letters: list[str], at: int, draw: random.Random) -> None:
    kind = draw.choice(("swap", "drop", "double", "key"))
    if kind == "swap":
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    elif kind == "drop":
        letters[at] = ""
    elif kind == "double":
        letters[at] *= 2
    else:
        row = next((row for row in _KEYS if letters[at].lower() in row), letters[at])
        letters[at] = draw.choice(row)


def _without_accents(record: StudyRecord, draw: random.Random) -> StudyRecord:
    names = tuple(_with_parts(author, _plain) for author in record.authors)
    return replace(record, title=_plain(record.title), authors=names)


def _lost_letters(record: StudyRecord, draw: random.Random) -> StudyRecord:
    """Replace by a question mark what an encoding did not hold."""

    def lost(text: str) -> str:
        return "".join(char if ord(char) < 128 else "?" for char in text)

    return replace(record, title=lost(record.title), authors=tuple(_with_parts(a, lost) for a in record.authors))


def _short_journal(record: StudyRecord, draw: random.Random) -> StudyRecord:
    name = record.container_title
    if not name or draw.random() < 0.4:
        return replace(record, container_title=None)
    words = [
        word for word in name.replace(":", "").split() if word.lower() not in ("de", "of", "and", "y", "the", "la")
    ]
    if len(words) == 1:
        return record
    return replace(record, container_title=" ".join(word[: draw.randint(3, 6)] for word in words))


def _short_names(record: StudyRecord, draw: random.Random) -> StudyRecord:
    way = draw.choice((_initials, _initials, _one_family, _in_one_field, _wrong_way_round))
    return replace(record, authors=tuple(way(author) for author in record.authors))


def _initials(author: AuthorRecord) -> AuthorRecord:
    if not author.given:
        return author
    return replace(author, given="".join(f"{part[0]}." for part in re.split(r"[\s-]+", author.given) if part))


def _one_family(author: AuthorRecord) -> AuthorRecord:
    """Take the first of two family names, and the initials: "Rodríguez Cruz, Ana" is "Rodríguez A"."""
    if not author.family:
        return author
    return replace(_initials(author), family=re.split(r"[\s-]", author.family)[0])


def _in_one_field(author: AuthorRecord) -> AuthorRecord:
    """Put the whole name into one field, as from a column of a table."""
    if not author.family:
        return author
    letters = "".join(part[0] for part in (author.given or "").split() if part)
    return AuthorRecord(literal=f"{author.family} {letters}".strip())


def _wrong_way_round(author: AuthorRecord) -> AuthorRecord:
    if not author.family or not author.given:
        return author
    return AuthorRecord(family=author.given, given=author.family)


def _with_parts(author: AuthorRecord, change: Callable[[str], str]) -> AuthorRecord:
    parts = {name: getattr(author, name) for name in ("family", "given", "literal")}
    return replace(author, **{name: change(part) for name, part in parts.items() if part})


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


# --- Another version of the same work ----------------------------------------------------------------------------


def _other_version(study: StudyRecord, place: int, draw: random.Random) -> DamagedCase:
    record = replace(study, id="arrived", title_es=None, title_en=None, volume=None, issue=None, pages=None)
    if draw.random() < 0.3 and study.title_es and study.title_en:
        return DamagedCase(_other_language(record, study, draw), SAME_WORK, place, ("other language",))
    is_article = study.type == "article-journal"
    number = draw.randint(10_000, 99_999)
    record = replace(
        record,
        type=draw.choice(("article", "report")) if is_article else "article-journal",
        year=(study.year or 2000) + draw.randint(0, 4) * (-1 if is_article else 1),
        container_title="Working Paper Series" if is_article else "Journal of Made-up Studies",
        number=str(number) if is_article else None,
        doi=draw.choice((None, f"10.2139/ssrn.{number}")),
    )
    done = ["working paper" if is_article else "article"]
    way = draw.choice(("same", "same", "no subtitle", "other subtitle"))
    if way == "no subtitle":
        record = _without_subtitle(record, draw)
    elif way == "other subtitle" and (first := _without_subtitle(record, draw).title) != record.title:
        record = replace(record, title=f"{first}: {draw.choice(_NEW_SUBTITLES)}")
    if draw.random() < 0.4:
        record = _without_accents(record, draw)
    if draw.random() < 0.6:
        record = _short_names(record, draw)
    if draw.random() < 0.2 and len(record.authors) > 2:
        record = replace(record, authors=record.authors[:-1])
        done.append("one author less")
    return DamagedCase(record, SAME_WORK, place, (*done, way))


def _other_language(record: StudyRecord, study: StudyRecord, draw: random.Random) -> StudyRecord:
    language = "es" if study.language == "en" else "en"
    edition = replace(
        record,
        title=(study.title_es if language == "es" else study.title_en) or study.title,
        language=language,
        year=(study.year or 2000) + draw.randint(0, 2),
        container_title=None,
        doi=None,
    )
    if draw.random() < 0.3:
        edition = _without_subtitle(edition, draw)
    return _without_accents(edition, draw) if draw.random() < 0.3 else edition


_NEW_SUBTITLES = (
    "evidence from a field experiment",
    "preliminary results",
    "evidencia experimental",
    "lessons for policy",
)


_OTHER_TITLES_EN = (
    "Prevalence and correlates of intimate partner violence among women in {place}",
    "Effects of a community programme on violence against women in {place}: a cluster randomised trial",
    "Cash transfers and intimate partner violence: evidence from {place}",
    "Interventions to prevent dating violence among adolescents: a systematic review",
    "Women's economic empowerment and intimate partner violence in {place}",
)
_OTHER_TITLES_ES = (
    "Prevalencia y factores asociados a la violencia de pareja en mujeres de {place}",
    "Efectos de un programa comunitario sobre la violencia contra las mujeres en {place}",
    "Transferencias monetarias y violencia de pareja: evidencia de {place}",
    "Percepciones de la violencia de género en estudiantes de {place}",
)


# --- A different study that looks alike --------------------------------------------------------------------------


def _sibling(
    study: StudyRecord, studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], draw: random.Random
) -> DamagedCase | None:
    way = draw.choice((_elsewhere, _elsewhere, _other_year, _protocol, _same_team, _companion))
    record = way(replace(study, id="arrived", title_es=None, title_en=None, doi=None), studies, places, draw)
    if record is None:
        return None
    record = replace(record, volume=None, issue=None, pages=None)
    if draw.random() < 0.3:
        record = _short_names(record, draw)
    if draw.random() < 0.2:
        record = replace(record, authors=record.authors[: draw.randint(0, 1)])
    return DamagedCase(record, SIBLING, None, (way.__name__.strip("_"),))


def _elsewhere(
    record: StudyRecord, studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], draw: random.Random
) -> StudyRecord | None:
    """The same team's same study in another country."""
    for names in places:
        for name, others in zip(names, zip(*places, strict=True), strict=True):
            if re.search(rf"\b{re.escape(name)}\b", record.title):
                other = draw.choice([one for one in others if one != name])
                return replace(record, title=record.title.replace(name, other))
    return None


def _other_year(
    record: StudyRecord, studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], draw: random.Random
) -> StudyRecord | None:
    """The next round of a survey."""
    year = re.search(r"\b(19|20)\d\d\b(?!.*\b(19|20)\d\d\b)", record.title)
    if year is None:
        return None
    title = record.title[: year.start()] + str(int(year[0]) + 1) + record.title[year.end() :]
    return replace(record, title=title, year=(record.year or 2000) + 1)


def _protocol(
    record: StudyRecord, studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], draw: random.Random
) -> StudyRecord | None:
    words = "protocolo de estudio" if record.language == "es" else "study protocol"
    return replace(record, title=f"{record.title}: {words}", year=(record.year or 2000) - draw.randint(1, 4))


def _same_team(
    record: StudyRecord, studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], draw: random.Random
) -> StudyRecord | None:
    """Another paper of the same people in the same journal and year, on the same subject."""
    title = draw.choice(_OTHER_TITLES_ES if record.language == "es" else _OTHER_TITLES_EN)
    return replace(record, title=title.format(place=draw.choice(places)[0 if record.language == "es" else 1]))


def _companion(
    record: StudyRecord, studies: Sequence[StudyRecord], places: Sequence[tuple[str, str]], draw: random.Random
) -> StudyRecord | None:
    """A companion paper: the same words before the subtitle, another question behind it."""
    first = _without_subtitle(record, draw).title
    other = draw.choice(studies).title
    return replace(record, title=f"{first}: {other}") if first != record.title else None
