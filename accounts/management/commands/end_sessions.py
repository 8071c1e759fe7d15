"""`manage.py end_sessions NAME`, or `--all`: for an account that somebody else may sit at, or after a break-in."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError

from accounts import security_log, sessions


class Command(BaseCommand):
    help = "End all sessions of the account NAME, or with --all those of everybody. Who was in signs in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="name of the account")
        parser.add_argument("--all", action="store_true", help="of all accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        name, is_all = options["name"], options["all"]
        if bool(name) == is_all:
            raise CommandError("name an account, or say --all")
        users = User.objects.all() if is_all else User.objects.filter(username=name)
        if not users:
            raise CommandError(f"no account is named {name}")
        for user in users:
            sessions.end_all(user)
        if is_all:
            Session.objects.all().delete()
        security_log.write("sessions ended by command", None, name="-" if is_all else name)
        self.stdout.write("All sessions have ended." if is_all else f"The sessions of {name} have ended.")
