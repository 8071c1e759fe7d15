"""The Django app of the search."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("Búsqueda")

    def ready(self) -> None:
        from search.index import receivers

        receivers.connect()
