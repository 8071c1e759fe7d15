"""`manage.py password_link NAME`: a link by which a person of the workplace chooses a new password, to hand over."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from evidencebank.passwords import reset_link_path


class Command(BaseCommand):
    help = "Print a link by which NAME chooses a new password: once, and within three days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the account")
        default = settings.SITE_URL or "http://127.0.0.1:8000"
        parser.add_argument("--site", default=default, help=f"address of the bank ({default})")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.get(username=options["name"])
        except User.DoesNotExist as error:
            names = ", ".join(
                User.objects.filter(is_staff=True).order_by("username").values_list("username", flat=True)
            )
            raise CommandError(f"no account is named {options['name']}; there are: {names}") from error
        if not (user.is_active and user.is_staff):
            raise CommandError(f"{user} may not enter the workplace: no password would change that")
        self.stdout.write(options["site"].rstrip("/") + reset_link_path(user))
