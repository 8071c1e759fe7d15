"""`manage.py reset_second_factor NAME --reason TEXT`: for whoever has lost phone, passkey and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from accounts import factors


class Command(BaseCommand):
    help = "Remove the second factors of the account NAME and end its sessions. It adds new ones at the next sign-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the account")
        parser.add_argument("--reason", required=True, help="kept in the history of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        name, reason = options["name"], options["reason"].strip()
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"no account is named {name}")
        if not reason:
            raise CommandError("say why: --reason")
        # The history of Django names a person: there is none but the owner of the account.
        factors.reset(user, by=user, reason=f"{reason} (por manage.py, en el servidor)")
        self.stdout.write(f"{name} has no second factor any more.")
