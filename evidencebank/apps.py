"""The Django app `evidencebank`: connects the audit page to the security log, and the queue to the kinds of work."""

from django.apps import AppConfig


class EvidenceBankConfig(AppConfig):
    name = "evidencebank"
    verbose_name = "Banco de Evidencias"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from evidencebank import job_kinds
        from evidencebank.watching import audit

        audit.connect()
        job_kinds.register()
