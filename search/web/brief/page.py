"""The subject of a brief in words, and the view model of its page: form, files, styles, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.brief.content import Brief
from search.web.brief.subject import BriefSubject
from search.web.brief.titles import describe_title
from search.web.evidence.intervention import is_evaluated
from search.web.shared.criteria_text import describe_criteria
from search.web.shared.evidence_request import criteria_hints, with_query
from search.web.shared.subscribe_links import canonical_list_url, record_url
from studies.citations.styles.registry import DEFAULT_STYLE, STYLES
from studies.store import vocabularies
from studies.store.vocabularies import TermView
from studies.text.numbers import format_number
from studies.web.shared.bank_counts import bank_version

if TYPE_CHECKING:
    from search.services.evidence_scope import EvidenceScope

MOST_CRITERIA = 250
"""Characters of criteria that still leave a brief on its two sheets. Longer ones are cut; its address has them all."""

_VOCABULARY_OF = {"intervention": "interventions", "theme": "themes"}


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form with what was typed into it. `error` is a sentence, "" if nothing is wrong."""

    name: str
    label: str
    hint: str
    value: str
    error: str

    @property
    def has_lines(self) -> bool:
        return self.name != "title"


@dataclass(frozen=True, slots=True)
class StyleOption:
    code: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class BriefPage:
    """All that the page prints beside the brief. `pdf_url` is empty if this machine makes no PDF."""

    brief: Brief
    fields: tuple[FormField, ...]
    styles: tuple[StyleOption, ...]
    hints: tuple[str, ...]
    page_url: str
    docx_url: str
    pdf_url: str
    is_edited: bool
    error: str = ""

    @property
    def has_errors(self) -> bool:
        return any(field.error for field in self.fields)


def describe_subject(body: EvidenceScope, absolute: Callable[[str], str], style: str, language: str) -> BriefSubject:
    """Return the subject of a brief: no query but for the version of the bank. `absolute` completes a path."""
    title, question = describe_title(body, find_term(body), language)
    return BriefSubject(
        title=title,
        question=question,
        criteria=_describe_criteria(body, language),
        list_url=with_query(reverse("selection"), body.query) if body.slugs else canonical_list_url(body.criteria),
        record_url="" if body.slugs else record_url(body.criteria),
        address=absolute(brief_url(body, style)),
        on=timezone.localdate(),
        version=bank_version(),
        unevaluated=find_unevaluated(body),
        term=find_term(body),
    )


def find_unevaluated(body: EvidenceScope) -> str:
    """Return the code of the intervention that is the only criterion and that nobody evaluated, "" of any other."""
    term = find_term(body)
    return term.code if term and term.vocabulary == "interventions" and not is_evaluated(term.code) else ""


def brief_url(body: EvidenceScope, style: str = DEFAULT_STYLE, ext: str = "") -> str:
    """Return the address of a brief, or of its file."""
    path = reverse("brief-file", args=[ext]) if ext else reverse("brief")
    named = urlencode({"style": style}) if style != DEFAULT_STYLE else ""
    return with_query(path, "&".join(filter(None, [body.query, named])))


def form_fields(typed: Mapping[str, str], errors: Mapping[str, str], subject: BriefSubject) -> Iterator[FormField]:
    """Yield the fields of the form: as typed, else as the bank wrote them."""
    defaults = {
        "title": (_("Título"), "", subject.title),
        "question": (_("Pregunta"), "", subject.question),
        "conclusion": (
            _("Conclusión (opcional)"),
            _("Va delante de la respuesta del banco, que queda como está, y dice que el texto es suyo."),
            "",
        ),
    }
    for name, (label, hint, value) in defaults.items():
        yield FormField(name, label, hint, typed.get(name, value), errors.get(name, ""))


def style_options(chosen: str, language: str) -> Iterator[StyleOption]:
    for code, style in STYLES.items():
        yield StyleOption(code, style.label(language), code == chosen)


def brief_hints(body: EvidenceScope, picked: int, language: str) -> Iterator[str]:
    """Yield sentences on what was not used as asked. `picked` is the number of studies that the address names."""
    yield from criteria_hints(body)
    missing = picked - len(body.slugs) if picked else 0
    if missing:
        yield ngettext(
            "%(number)s de los estudios pedidos no está publicado en este banco: no se usó.",
            "%(number)s de los estudios pedidos no están publicados en este banco: no se usaron.",
            missing,
        ) % {"number": format_number(missing, language)}


def find_term(body: EvidenceScope) -> TermView | None:
    """Return the intervention or theme that is the only criterion, None if there are other criteria."""
    chosen = {parameter: codes for parameter, codes in body.filters.chosen.items() if codes}
    if len(chosen) != 1 or body.criteria.q.strip() or (body.filters.year_from, body.filters.year_to) != (None, None):
        return None
    ((parameter, codes),) = chosen.items()
    if parameter not in _VOCABULARY_OF or len(codes) != 1:
        return None
    (code,) = codes
    return vocabularies.current().find(_VOCABULARY_OF[parameter], code)


def _describe_criteria(body: EvidenceScope, language: str) -> str:
    if body.slugs:
        return _("Estudios elegidos uno por uno por quien preparó la ficha")
    words = describe_criteria(body.criteria, language)
    if len(words) <= MOST_CRITERIA:
        return words
    beginning = words[:MOST_CRITERIA].rpartition(" ")[0] or words[:MOST_CRITERIA]
    return _("%(beginning)s… (criterios completos en la dirección de esta ficha)") % {"beginning": beginning}
