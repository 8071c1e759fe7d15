"""Rules that the database holds of what readers left with the bank, by the names of their constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from search.models import Alert, FrozenList, PageReport

pytestmark = pytest.mark.django_db


def frozen(**changes: Any) -> FrozenList:
    return FrozenList.objects.create(**{"code": "2026-11-26-a", "manifest": "{}", "checksum": "a" * 64, **changes})


def alert(**changes: Any) -> Alert:
    kept = {"email": "ana@example.org", "language": "es", "frequency": "weekly", "told_no": 1}
    return Alert.objects.create(**{**kept, "due_on": timezone.localdate(), **changes})


def asked_twice() -> None:
    alert(query="q=a")
    alert(query="q=a", email="ANA@example.org")


def report(**changes: Any) -> PageReport:
    return PageReport.objects.create(**{"path": "/listas/a/", "reason": "wrong", **changes})


# What breaks a constraint, by its name.
BREACHES: dict[str, Callable[[], Any]] = {
    "alert_once_per_search": asked_twice,
    "alert_has_email": lambda: alert(email=""),
    "alert_frequency_is_known": lambda: alert(frequency="daily"),
    "alert_claim_is_whole": lambda: alert(claimed_no=3),
    "frozen_list_removed_has_reason": lambda: frozen(removed_at=timezone.now()),
    "page_report_is_of_this_bank": lambda: report(path="javascript:alert(1)"),
    "page_report_settled_has_outcome": lambda: report(settled_at=timezone.now()),
}


class TestConstraints:
    @pytest.mark.parametrize("name", BREACHES)
    def test_the_database_refuses_what_breaks_it(self, name: str):
        with pytest.raises(IntegrityError, match=rf"{name}|UNIQUE"), transaction.atomic():
            BREACHES[name]()

    def test_each_has_such_a_test(self):
        names = {rule.name for model in apps.get_app_config("search").get_models() for rule in model._meta.constraints}
        assert names == set(BREACHES)

    def test_the_bounds_themselves_are_allowed(self):
        frozen(removed_at=timezone.now(), removal_reason="Motivo")
        frozen(code="2026-11-26-b")
        alert(query="q=a", claimed_no=3, claimed_at=timezone.now())
        alert(query="q=b", frequency="monthly")
        report(settled_at=timezone.now(), outcome="Se retiró")

    def test_a_list_has_its_code_alone(self):
        frozen()
        with pytest.raises(IntegrityError), transaction.atomic():
            frozen()
