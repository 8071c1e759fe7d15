"""The curators' workplace in Django's admin: Spanish only, and every write through a use case."""

from django.contrib import admin

from studies.admin import accounts, link_checks
from studies.admin.appraisal import instruments
from studies.admin.bulk import admin as bulk_admin
from studies.admin.imports import admin as imports_admin
from studies.admin.learning import answer_tables, answers, decisions, evaluations, programmes
from studies.admin.proposals import admin as proposals_admin
from studies.admin.study import admin as study_admin
from studies.admin.vocabulary import concepts, terms

# What registers itself with the admin site on import.
__all__ = [
    "accounts", "answer_tables", "answers", "bulk_admin", "concepts", "decisions", "evaluations", "imports_admin",
    "instruments", "link_checks", "programmes", "proposals_admin", "study_admin", "terms",
]  # fmt: skip

admin.site.site_header = "Banco de Evidencias: mesa de trabajo"
admin.site.site_title = "Banco de Evidencias"
admin.site.index_title = "Qué espera"
admin.site.empty_value_display = "sin dato"
