"""The Django app `search`: connects the receivers that keep the index up to date."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("Búsqueda")

    def ready(self) -> None:
        from search.index import receivers

        receivers.connect()
