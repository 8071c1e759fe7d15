"""Made-up studies that exports stumble over: every type, few and many authors, odd names, signs of every format."""

from __future__ import annotations

from typing import Any

from studies.records.study import StudyRecord
from tests.studies.records_factory import author, complete_record, finding, institution

TYPES = ("article-journal", "report", "article", "chapter", "book", "thesis", "webpage")

TEXTS = {
    "ene": "Niñez y Ñañez en el año del ñandú",
    "ampersand": "Q&A & más &amp; &lt;",
    "percent": "50 % & 10% of $5 #1",
    "underscore": "a_b_c ~ ^ \\ \\alpha",
    "braces": "{llaves} } { sin {cerrar",
    "quotes": "Dijo \"nada\", 'nada', «nada», “nada” y ‘nada’",
    "markup": "Un <i>título</i> & <script>alert(1)</script> ]]>",
    "emoji": "Rutas 🙂 de apoyo 👩🏽‍⚕️ a 研究",
    "right-to-left": "دراسة عن العنف و מחקר על אלימות",
    "newlines": "una\r\ndos\ntres\u2028cuatro\tcinco",
    "ends": "Un título con punto.",
    "question": "¿Qué funciona?",
    "formula": '=HYPERLINK("http://x","y")',
    "minus": "-1 + 2",
    "at": "@todas: -- `` ''",
    "tags": "ER  - TY  - GEN",
    "comma and": "Negro and White, et al., and others",
    "long": "palabra " * 120,
    "control": "a\x00b\x0bc\x1fd\ufeffe",
}

TEAMS: dict[str, tuple[Any, ...]] = {
    "one": (author("Quispe", "Ana María"),),
    "two": (author("Quispe", "Ana María"), author("Díaz", "Rosa")),
    "three": tuple(author(name, "Ana") for name in ("Uno", "Dos", "Tres")),
    "twenty-one": tuple(author(f"Familia {number}", f"N{number}") for number in range(21)),
    "four hundred": tuple(author(f"Familia {number}", f"N{number}") for number in range(400)),
    "institution": (institution("Ministerio de la Mujer y Poblaciones Vulnerables"),),
    "institution with comma": (institution("Save, Rescue and Care {Perú} & Cía."),),
    "de la": (author("Cruz Ñaupari", "Juan", non_dropping_particle="de la"),),
    "von": (author("Beethoven", "Ludwig", dropping_particle="von"),),
    "van der and suffix": (author("Berg", "Jan, Jr.", non_dropping_particle="van der"),),
    "inner particle": (author("Loret de Mola", "Christian"),),
    "family only": (author("Romero", None),),
    "apostrophe": (author("O'Doherty", "Áine"), author("D’Angelo", "Mía")),
    "and": (author("Black and White", "Ana and Eva"),),
    "right-to-left name": (author("الشمري", "فاطمة"),),
    "emoji name": (author("Ro🙂jas", "Ana"),),
}


def hard_records() -> list[StudyRecord]:
    """Build every type with every hard text, and an article with every team and without this or that."""
    made = []
    for kind in TYPES:
        for name, text in TEXTS.items():
            made.append(_record(f"{kind}-{name}", type=kind, **_everywhere(text)))
    for name, team in TEAMS.items():
        made.append(_record(f"team-{name}", authors=team))
    for kind in TYPES:
        made.append(_record(f"{kind}-bare", type=kind, **dict.fromkeys(_MAY_LACK)))
        made.append(_record(f"{kind}-no-year", type=kind, year=None))
        made.append(_record(f"{kind}-nobody", type=kind, authors=()))
    made.append(_record("many-findings", findings=tuple(finding(value=number) for number in range(1, 41))))
    return made


_MAY_LACK = ("container_title", "volume", "issue", "pages", "publisher", "number", "doi", "url", "language")


def _everywhere(text: str) -> dict[str, Any]:
    fields = ("title", "title_es", "container_title", "volume", "issue", "pages", "publisher", "number")
    return {
        **dict.fromkeys((*fields, "summary_es", "key_finding_es"), text),
        "authors": (author(text, text), institution(text)),
        "findings": (finding(statement_es=text),),
    }


def _record(name: str, **changes: Any) -> StudyRecord:
    slug = f"hard-{name.replace(' ', '-')}"
    return complete_record(
        **{"id": slug, "doi": f"10.5555/{slug}", "url": f"https://example.org/{slug}?a=1&b=%20_", **changes}
    )
