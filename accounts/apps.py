"""The Django app `accounts`: listens to sign-ins, and gives the pages of the admin their forms."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Cuentas"

    def ready(self) -> None:
        from django.contrib import admin

        from accounts import receivers
        from accounts.forms import SignInForm

        receivers.connect()
        admin.site.login_form = SignInForm
