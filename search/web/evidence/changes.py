"""What changed in an answer since a version of the bank: its studies and what people wrote of it, the newest first."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.contract import IndexMissing
from search.criteria.criteria import Criteria
from search.lists import answer_changes, list_diff
from search.lists.answer_changes import MOST_READ, Since, SinceInvalid, StudyEvent
from search.lists.list_diff import CannotCompare
from search.web.evidence.answer import namer
from search.web.evidence.basis import Basis
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence
from search.web.evidence.study_address import studies_url
from search.web.evidence.written_texts import WrittenTexts
from search.web.shared.subscribe_links import record_url
from studies.learning.published_texts import Signature
from studies.store import bank_state
from studies.text.dates import format_day
from studies.text.numbers import format_number
from studies.web.study.record_history import describe_event

MOST_LINES = 8
MOST_NAMED = 3
"""Studies of a line that are named; of more the line says how many, with their list."""

MOST_LISTED = 100
"""Studies that an address can list one by one."""


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """The section. `version` says of which version of the bank the answer is made, `kept_url` keeps that version.

    `since_day` fills the form as HTML writes a day, and `fields` are the criteria that it has to keep. `heading` says
    since when the lines are, `problem` why nothing could be compared; "" without. `record_url` has the list then and
    now, and `withdrawn` says how many studies left the whole bank; both are "" where nobody asked since when.
    """

    version: str
    kept_url: str
    since_day: str
    fields: tuple[tuple[str, str], ...]
    heading: str
    problem: str
    lines: tuple[Sentence, ...]
    totals: str
    withdrawn: str
    record_url: str


@dataclass(frozen=True, slots=True)
class _Line:
    on: datetime.date
    text: str


def list_answer_changes(
    basis: Basis, criteria: Criteria, texts: WrittenTexts | None, given: str | None, *, is_own_page: bool
) -> AnswerChanges | None:
    """Return what changed in an answer, None of one without studies: two queries, at most twenty since a version.

    `given` is what the address says of since when, None for nothing: then the latest events. `is_own_page`: the address
    of the page names its subject, so that no criteria have to be kept in it.
    """
    if not basis.studies:
        return None
    since, problem = _read_since(given)
    lines: list[_Line] = []
    if not problem and len(basis.studies) > MOST_READ:
        problem = _("Son más de %(most)s estudios: elija filtros para ver qué cambió.") % {
            "most": format_number(MOST_READ, basis.language)
        }
    if not problem:
        events = answer_changes.list_events(
            {study.key: study.id for study in basis.studies}, since.change_no if since else 0
        )
        lines = [*_study_lines(events, basis), *_text_lines(texts, since)]
        lines.sort(key=lambda line: line.on, reverse=True)
    counter = bank_state.current()
    fields = () if is_own_page else tuple(parse_qsl(basis.query))
    return AnswerChanges(
        version=_("Esta respuesta sale del cambio %(number)s del banco, del %(day)s.")
        % {
            "number": format_number(counter.change_no, basis.language),
            "day": format_day(timezone.localdate(counter.changed_at)),
        },
        kept_url=f"?{urlencode([*fields, ('since', counter.change_no)])}",
        since_day=since.day.isoformat() if since and not since.is_number else "",
        fields=fields,
        heading=_heading(since),
        problem=problem,
        lines=tuple(parse_sentence(line.text) for line in lines[:MOST_LINES]),
        totals=_totals(criteria, since, basis.language) if since else "",
        withdrawn=_withdrawn(since, basis.language) if since else "",
        record_url=record_url(criteria, since=since.change_no) if since else "",
    )


def _read_since(given: str | None) -> tuple[Since | None, str]:
    if not given:
        return None, ""
    try:
        return answer_changes.read_since(given), ""
    except SinceInvalid as refusal:
        if refusal.reason == "to-come":
            return None, _("«%(given)s» aún no ha llegado: elija una fecha o un cambio anterior.") % {
                "given": given[:20]
            }
        return None, _("«%(given)s» no es una fecha ni un cambio del banco. Una fecha se escribe así: 2026-11-30.") % {
            "given": given[:20]
        }


def _heading(since: Since | None) -> str:
    if since is None:
        return _("Lo último que cambió")
    if since.day == datetime.date.min:
        return _("Desde que empezó el banco")
    if since.is_number:
        return _("Desde el cambio %(number)s del banco, del %(day)s") % {
            "number": since.change_no,
            "day": format_day(since.day),
        }
    return _("Desde el %(day)s") % {"day": format_day(since.day)}


def _study_lines(events: Sequence[StudyEvent], basis: Basis) -> Iterator[_Line]:
    """Yield a line for what happened on a day, with the studies to which it did."""
    found: dict[tuple[datetime.date, str], list[str]] = {}
    for each in events:
        what = describe_event(each.event, basis.language)
        found.setdefault((timezone.localdate(each.event.on), what), []).append(each.slug)
    for (on, what), slugs in found.items():
        ids = tuple(dict.fromkeys(slugs))
        studies = _named(ids, namer(basis)) if len(ids) <= MOST_NAMED else _count(ids, basis.language)
        yield _Line(on, f"{format_day(on)}. {what[:1].upper()}{what[1:]}: {studies}.")


def _named(ids: Sequence[str], name_of: Callable[[str], str]) -> str:
    return "; ".join(mark_link(name_of(id_), studies_url((id_,))) for id_ in ids)


def _count(ids: tuple[str, ...], language: str) -> str:
    """Return how many studies, with the address of their list where it fits into one."""
    text = ngettext("%(number)s estudio", "%(number)s estudios", len(ids)) % {
        "number": format_number(len(ids), language)
    }
    return mark_link(text, studies_url(ids)) if len(ids) <= MOST_LISTED else text


def _text_lines(texts: WrittenTexts | None, since: Since | None) -> Iterator[_Line]:
    """Yield a line for each text that people of the ministry reviewed since."""
    if texts is None:
        return
    signed: list[tuple[str, Signature]] = []
    if texts.conclusion is not None:
        signed.append((_("Conclusión"), texts.conclusion.signature))
    if texts.safety is not None:
        signed.append((_("Nota de seguridad"), texts.safety.signature))
    signed += [(_("Juicio de certeza"), each.signature) for each in texts.certainties]
    for name, signature in signed:
        if since is None or signature.reviewed_on >= since.day:
            what = _("%(text)s: versión %(version)s.") % {"text": name, "version": signature.version}
            yield _Line(signature.reviewed_on, f"{format_day(signature.reviewed_on)}. {what}")


def _totals(criteria: Criteria, since: Since, language: str) -> str:
    """Return how many studies there were then and are now; "" where nobody can tell."""
    try:
        found = list_diff.compare_list(criteria, since.change_no)
    except (CannotCompare, IndexMissing):
        return ""
    return _("Estudios bajo esta respuesta entonces: %(then)s; ahora: %(now)s.") % {
        "then": format_number(found.total_then, language),
        "now": format_number(found.total_now, language),
    }


def _withdrawn(since: Since, language: str) -> str:
    """Return how many studies left the bank since, whatever they were about; "" for none."""
    number = answer_changes.count_withdrawn(since.change_no)
    if not number:
        return ""
    text = ngettext(
        "De todo el banco se retiró %(number)s estudio; de qué trataba ya no es público.",
        "De todo el banco se retiraron %(number)s estudios; de qué trataban ya no es público.",
        number,
    )
    return text % {"number": format_number(number, language)}
