"""`manage.py unlock_sign_in NAME`: forgets the failed sign-ins of an account, so that nobody has to wait."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from accounts import limits


class Command(BaseCommand):
    help = "Forget the failed sign-ins of the account NAME, so that its person may try again at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if not User.objects.filter(username=name).exists():
            raise CommandError(f"no account is named {name}")
        limits.unlock(name, limits.SIGN_IN, limits.CHANGE_FORM, limits.SECOND_STEP)
        self.stdout.write(f"{name} may try again. A limit on a whole network stays until it ends by itself.")
