"""The curators' workplace in Django's admin: Spanish only, and every write through a use case."""

from django.contrib import admin

from studies.admin import accounts, bulk, evidence, imports, instruments, learning, links, proposals, studies, terms

__all__ = [
    "accounts", "bulk", "evidence", "imports", "instruments", "learning", "links", "proposals", "studies", "terms",
]  # fmt: skip

admin.site.site_header = "Banco de Evidencias: mesa de trabajo"
admin.site.site_title = "Banco de Evidencias"
admin.site.index_title = "Qué espera"
admin.site.empty_value_display = "sin dato"
