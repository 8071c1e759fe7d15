"""The paragraph of a brief that says how its studies were found, in which version of the bank, and what that means."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from search.web.brief.blocks import BriefRun, Paragraph, runs_of
from search.web.brief.subject import BriefSubject
from search.web.evidence.intervention import find_uses
from search.web.evidence.sentences import parse_sentence, remove_marks
from studies.synthesis.uses import Use
from studies.templatetags.bank import day
from studies.text.numbers import format_number


def search_note(subject: BriefSubject, counts: Mapping[str, str], language: str) -> Paragraph:
    """Return the paragraph. `counts` has "studies" and "evaluations", with their links marked."""
    # The criteria have the reader's own words.
    criteria = remove_marks(subject.criteria)
    searched = parse_sentence(
        _("%(criteria)s: %(studies)s, %(evaluations)s.") % {"criteria": criteria[:1].upper() + criteria[1:], **counts}
    )
    version = _("Banco de Evidencias, versión %(number)s del %(date)s, consultado el %(day)s.") % {
        "number": format_number(subject.version.change_no, language),
        "date": day(timezone.localtime(subject.version.changed_at)),
        "day": day(subject.on),
    }
    record = (BriefRun(", "), BriefRun(_("Registro de la búsqueda"), subject.record_url)) if subject.record_url else ()
    # They are no studies of the intervention, so that the search for it does not find them.
    text = _("Los que solo usan sus registros se buscan por la fuente de los datos.")
    uses_records = subject.unevaluated and Use.RECORDS in find_uses(subject.unevaluated)
    by_records = (BriefRun(f" {text}"),) if uses_records else ()
    reminder = _("Los conteos describen este banco, que no es una búsqueda sistemática, no toda la literatura.")
    opened = _("Los números de esta ficha se abren en:")
    return Paragraph(
        (
            *runs_of(searched),
            *by_records,
            BriefRun(f" {version} "),
            BriefRun(_("Repetir la búsqueda"), subject.list_url),
            *record,
            BriefRun(f". {reminder} {opened} "),
            BriefRun(subject.address, subject.address),
        )
    )
