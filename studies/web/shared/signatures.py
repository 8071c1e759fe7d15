"""Words on who stands for a text that two people signed, and since when it is to be reviewed again."""

from __future__ import annotations

from django.utils.translation import gettext as _

from studies.learning.published_texts import Signature
from studies.text.dates import format_day


def name_signers(signature: Signature) -> str:
    """Return both names, the version and the day of the review as a sentence."""
    return _("Escribió %(author)s; revisó %(reviewer)s. Versión %(version)s, %(date)s.") % {
        "author": signature.author_name,
        "reviewer": signature.reviewer_name,
        "version": signature.version,
        "date": format_day(signature.reviewed_on),
    }


def tell_review(signature: Signature) -> str:
    """Return since when and why the text is to be reviewed, without a full stop; "" if it is not."""
    if signature.to_review_since is None:
        return ""
    return _("Por revisar desde el %(date)s: cambió o se retiró un estudio citado") % {
        "date": format_day(signature.to_review_since)
    }
