"""The e-mails of alerts as plain text in the reader's language: the one to confirm, and the digest. Sends nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from search.lists.alerts import parse_criteria
from search.web.search_record.list_changes import compare_list
from search.web.shared.criteria_text import describe_without_words
from search.web.shared.subscribe_links import canonical_list_url, record_url
from studies.store import bank_state

if TYPE_CHECKING:
    from search.lists.alerts import AlertRequest
    from search.lists.list_diff import ListDiff
    from search.models import Alert
    from search.web.search_record.list_changes import ListChangeLine
    from search.web.selection.page import ListItem

MOST_NAMED = 30
"""Studies of each kind that a digest names; the list has the others."""
_LONGEST_SUBJECT = 150


def confirmation_email(asked: AlertRequest) -> EmailMessage:
    """Return the e-mail with the link by which its reader confirms the alert.

    Anybody can have it sent to anybody, so it holds nothing that was typed, nor the list's address, which does (R13).
    """
    with override(asked.language):
        body = [
            _("Alguien, quizá usted, pidió avisos por correo de una lista del Banco de Evidencias:"),
            f"  {describe_without_words(asked.criteria, asked.language)}",
            "",
            _("Para ver la búsqueda entera y recibir los avisos, abra este enlace y confirme. Vale tres días:"),
            f"  {_absolute_url(reverse('alert-confirm', args=[asked.token()]))}",
            "",
            _("Si no fue usted, no haga nada: su dirección no quedó guardada."),
        ]
        subject = _("Confirme sus avisos del Banco de Evidencias")
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, "\n".join(body) + "\n", settings.MAIL_FROM, [asked.email], headers=headers)


def digest_email(alert: Alert, found: ListDiff | None) -> EmailMessage:
    """Return the e-mail on what changed in the list of an alert: three queries.

    Words that its owner typed are only in the list's address.

    `found` is None if more records changed than are compared.
    """
    with override(alert.language):
        criteria = parse_criteria(alert.query)
        name = describe_without_words(criteria, alert.language)
        address = _absolute_url(canonical_list_url(criteria))
        body = [f"{name}\n{address}", *_change_paragraphs(found, alert.language)]
        if alert.unsure_since is not None:
            since = _absolute_url(record_url(criteria, since=alert.unsure_since))
            body.append(
                _("Es posible que un aviso anterior no le haya llegado. Todo lo que cambió desde entonces está aquí:")
                + f"\n{since}"
            )
        body.append(_farewell(alert))
        subject = _subject_line(_("Cambios en su búsqueda: %(search)s") % {"search": name})
        headers = _headers(alert, found)
    return EmailMessage(subject, "\n\n".join(body) + "\n", settings.MAIL_FROM, [alert.email], headers=headers)


def _change_paragraphs(found: ListDiff | None, language: str) -> Iterator[str]:
    if found is None:
        yield _(
            "Cambiaron más registros de los que caben en un correo. La lista de hoy está en la dirección de arriba."
        )
        return
    changes = compare_list(found, "", language)
    yield from _entry_group(_("Llegaron a la lista"), [_study_entry(each) for each in changes.came])
    yield from _entry_group(_("Cambiaron"), [_study_entry(each) for each in changes.changed])
    yield from _entry_group(_("Dejaron la lista"), [_departed_entry(item) for item in changes.went])


def _entry_group(heading: str, entries: list[str]) -> Iterator[str]:
    if not entries:
        return
    yield f"{heading} ({len(entries)})"
    yield from entries[:MOST_NAMED]
    if len(entries) > MOST_NAMED:
        yield _("… y %(number)s más, en la lista.") % {"number": len(entries) - MOST_NAMED}


def _study_entry(each: ListChangeLine) -> str:
    return _entry(each.line.title.text, each.line.meta, each.what, _absolute_url(each.line.url))


def _departed_entry(item: ListItem) -> str:
    if item.line is not None:
        what = _("Su registro cambió y ya no cumple la búsqueda")
        return _entry(item.line.title.text, item.line.meta, what, _absolute_url(item.line.url))
    if item.fate == "merged":
        return _entry(_("Un registro se unió a otro."), _absolute_url(item.way_on))
    return _entry(_("Un estudio fue retirado del banco."), _absolute_url(item.way_on) if item.way_on else item.slug)


def _entry(first: str, *rest: str) -> str:
    return "\n".join([f"- {_collapse_spaces(first)}", *(f"  {_collapse_spaces(each)}" for each in rest if each)])


def _farewell(alert: Alert) -> str:
    often = {"weekly": _("cada semana"), "monthly": _("cada mes")}[alert.frequency]
    return "\n".join(
        [
            "--",
            _("Recibe este correo porque lo pidió y lo confirmó. Se envía %(often)s, si algo cambió.")
            % {"often": often},
            _("Para no recibirlo más y que su dirección se borre:"),
            _absolute_url(alert.get_absolute_url()),
        ]
    )


def _headers(alert: Alert, found: ListDiff | None) -> dict[str, str]:
    """Return the headers of a digest: one-click unsubscribing (RFC 8058), and an id that a repeated digest shares."""
    until = found.until_no if found else bank_state.current().change_no
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/{alert.key}/{alert.told_no}/{until}")
    return {
        "List-Unsubscribe": f"<{_absolute_url(alert.get_absolute_url())}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{name}@{urlsplit(settings.SITE_URL).hostname}>",
    }


def _absolute_url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


# A line break would end the header, and Django refuses to send it.
def _subject_line(text: str) -> str:
    line = _collapse_spaces(text)
    return line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT - 1] + "…"


def _collapse_spaces(text: str | Iterable[str]) -> str:
    return " ".join(str(text).split())
