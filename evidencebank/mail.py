"""The mail server's backend: every letter of the bank gets a Message-ID at the site's host, whoever writes it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

if TYPE_CHECKING:
    from django.core.mail import EmailMessage


class SmtpBackend(EmailBackend):
    """Django's backend, which would name the machine: `localhost` in a Message-ID is a sign of spam to filters."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for letter in email_messages:
            if not any(name.lower() == "message-id" for name in letter.extra_headers):
                letter.extra_headers["Message-ID"] = f"<{uuid.uuid4()}@{_host()}>"
        return super().send_messages(email_messages) or 0


def _host() -> str:
    """Return the host of the site; on a laptop that sends mail, that of the address it writes from."""
    return urlsplit(settings.SITE_URL).hostname or settings.MAIL_FROM.rpartition("@")[2]
