"""Reports of errors by mail (ERROR_MAIL_TO) and to a Sentry-compatible address (SENTRY_DSN).

A report names the kind of error, the place in the program, the view and the request's id. Messages of errors, forms,
cookies, queries, addresses and names stay in the log of this host: a message may quote what somebody typed.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from types import TracebackType
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail import get_connection as mail_connection
from django.http import HttpRequest

from evidencebank.watching.logs import current_request, request_of

logger = logging.getLogger(__name__)
SAME_AFTER_S = 600
"""The same error is mailed again after so long, from each process."""
MOST_AN_HOUR = 20
_LEFT_OUT = "[left out]"
_KEPT_IN_FRAMES = ("filename", "function", "lineno", "module", "abs_path", "in_app")


class ErrorMailHandler(logging.Handler):
    """Mails errors to ERROR_MAIL_TO, each kind seldom, in a thread: no reader waits for the mail server."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._sent: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        # What the mail itself complains about would come back here for ever.
        if not settings.ERROR_MAIL_TO or record.name == __name__:
            return
        if not self._is_due(_kind(record)):
            return
        letter = EmailMessage(
            subject=f"[Banco de Evidencias] {_kind(record)}"[:200].replace("\n", " "),
            body=_describe(record),
            from_email=settings.SERVER_EMAIL,
            to=settings.ERROR_MAIL_TO,
            connection=mail_connection(),
        )
        threading.Thread(target=_send, args=(letter,), name="error-mail", daemon=True).start()

    def _is_due(self, kind: str) -> bool:
        now = time.monotonic()
        self._sent = {name: at for name, at in self._sent.items() if now - at < 3600}
        is_new = now - self._sent.get(kind, -SAME_AFTER_S) >= SAME_AFTER_S
        if not is_new or len(self._sent) >= MOST_AN_HOUR:
            return False
        self._sent[kind] = now
        return True


def start_sentry(**options: Any) -> bool:
    """Report errors to SENTRY_DSN from now on. False without the setting, or without the package sentry-sdk."""
    if not settings.SENTRY_DSN:
        return False
    try:
        import sentry_sdk
    except ModuleNotFoundError:
        logger.error("SENTRY_DSN is set, but sentry-sdk is not installed: pip install sentry-sdk")
        return False
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        before_send=scrub,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        **options,
    )
    return True


def scrub(event: Any, hint: Any) -> Any:
    """Return an event of Sentry with the kind of error, its place and the request's id, and nothing else."""
    kept = ("event_id", "timestamp", "level", "platform", "logger", "release", "server_name")
    scrubbed = {name: event[name] for name in kept if name in event}
    if "logentry" in event:
        # The sentence of the program, without what it was about.
        scrubbed["logentry"] = {"message": event["logentry"].get("message", "")}
    exceptions = event.get("exception", {}).get("values", [])
    if exceptions:
        scrubbed["exception"] = {"values": [_scrub_exception(each) for each in exceptions]}
    record = hint.get("log_record")
    request = request_of(record) if record else current_request.get()
    if request is not None:
        # Not Sentry's own name of it: for an address that leads nowhere that is what somebody typed.
        scrubbed["transaction"] = _view_of(request)
        scrubbed["tags"] = {"request": getattr(request, "request_id", "")}
    return scrubbed


def _scrub_exception(told: dict[str, Any]) -> dict[str, Any]:
    frames = (told.get("stacktrace") or {}).get("frames", [])
    kept = [{name: frame[name] for name in _KEPT_IN_FRAMES if name in frame} for frame in frames]
    return {"type": told.get("type"), "module": told.get("module"), "value": _LEFT_OUT, "stacktrace": {"frames": kept}}


def _send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except OSError:  # smtplib's errors are OSErrors too
        logger.exception("A report of an error was not mailed")


def _kind(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return f"{record.name}: {record.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__} in {place}"


def _describe(record: logging.LogRecord) -> str:
    request = request_of(record)
    lines = [f"{record.levelname} {record.name}"]
    if request is not None:
        lines += [f"view: {_view_of(request)}", f"request: {getattr(request, 'request_id', '')}"]
    error, tb = (record.exc_info[1], record.exc_info[2]) if record.exc_info else (None, None)
    if error is not None:
        lines += ["", *_places(tb), type(error).__qualname__]
    return "\n".join([*lines, "", "The log has the rest, under the number of the request."])


def _places(tb: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(tb)]


def _view_of(request: HttpRequest) -> str:
    # Here, not at the top: this module is loaded while Django reads its settings for the log.
    from evidencebank.watching.request_log import view_name

    return view_name(request)
