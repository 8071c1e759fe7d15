"""Recovery codes: a printed list for the day on which phone and passkey are lost. Kept as password hashes only."""

from __future__ import annotations

import re
import secrets

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from accounts.models import RecoveryCode

COUNT = 8
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without those that are taken for others on paper."""
_SECRET_LETTERS = 12
_TYPED = re.compile(rf"([1-{COUNT}])([{_LETTERS}]{{{_SECRET_LETTERS}}})")


@transaction.atomic
def replace(user: User) -> list[str]:
    """Make a new list for `user` in place of any before, and return it: it cannot be read again. Costs some seconds."""
    # Of two lists that are made at once the second waits, and is the one that holds.
    User.objects.select_for_update().get(pk=user.pk)
    RecoveryCode.objects.filter(user=user).delete()
    parts = ["".join(secrets.choice(_LETTERS) for _letter in range(_SECRET_LETTERS)) for _code in range(COUNT)]
    rows = [
        RecoveryCode(user=user, number=number, digest=make_password(part)) for number, part in enumerate(parts, start=1)
    ]
    RecoveryCode.objects.bulk_create(rows)
    return [f"{number}-{part[:4]}-{part[4:8]}-{part[8:]}" for number, part in enumerate(parts, start=1)]


def use(user: User, typed: str) -> bool:
    """Return True if `typed` is an unused code of `user`, and cross it off. Hyphens, spaces and capitals are free."""
    found = _TYPED.fullmatch(re.sub(r"[\s-]", "", typed).lower())
    row = RecoveryCode.objects.filter(user=user, number=int(found[1]), used_at=None).first() if found else None
    if not found or row is None or not check_password(found[2], row.digest):
        return False
    # One statement: of two that send the same code at once, one crosses it off.
    return bool(RecoveryCode.objects.filter(pk=row.pk, used_at=None).update(used_at=timezone.now()))


def count_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
