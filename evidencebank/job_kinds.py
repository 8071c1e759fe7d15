"""The kinds of work that the worker does, in one table: each calls what its own package has."""

from __future__ import annotations

from collections import Counter

from django.conf import settings

from evidencebank import housekeeping
from jobs import kinds
from jobs.errors import JobFailed, TryAgainLater
from jobs.kinds import Kind, RunningJob, each_night, each_week
from search.contract import IndexMissing
from search.index import indexing
from search.lists import alerts, digests
from search.web.alerts.emails import digest_email
from studies.duplicates import finder
from studies.duplicates.matching.comparing import MatchKind
from studies.health import link_checker
from studies.imports import job as import_job
from studies.publishing.offline import archive
from studies.publishing.opendata import editions, publishing

_INDEX_BUSY = "Otro proceso está escribiendo el índice."


def register() -> None:
    """Make all kinds known to the queue. Called once, when Django starts."""
    kinds.register(
        Kind(
            import_job.KIND,
            "Importar referencias",
            import_job.run,
            is_resumable=True,
            after_stop=import_job.after_stop,
        ),
        Kind(
            finder.JOB,
            "Buscar duplicados",
            _find_duplicates,
            is_due=finder.is_long_search_due,
            is_for_administrators=True,
        ),
        Kind(
            "publish-data",
            "Publicar los datos abiertos",
            _publish_data,
            period=each_night(3),
            is_per_host=True,
            is_for_administrators=True,
        ),
        Kind(
            "check-links",
            "Comprobar los enlaces",
            _check_links,
            period=each_week(5),
            # Each answer is saved: what was asked lately is not asked again.
            is_resumable=True,
            is_offered=lambda: bool(settings.CONTACT_EMAIL),
            is_for_administrators=True,
        ),
        Kind(
            "send-alerts",
            "Enviar los avisos por correo",
            _send_alerts,
            period=each_night(6),
            is_offered=alerts.are_offered,
        ),
        Kind(
            "rebuild-index",
            "Reconstruir el índice de la búsqueda",
            _rebuild_index,
            is_per_host=True,
            is_for_administrators=True,
        ),
        Kind(
            "housekeeping",
            "Quitar lo que ya no se guarda",
            _clean_up,
            period=each_night(4),
            is_per_host=True,
            is_for_administrators=True,
        ),
    )


def _find_duplicates(job: RunningJob) -> str:
    pairs = Counter(pair.kind for pair in finder.find_pairs(job.checkpoint))
    return f"Pares: {pairs[MatchKind.DUPLICATE]} posibles duplicados, {pairs[MatchKind.SAME_WORK]} posibles versiones."


def _publish_data(job: RunningJob) -> str:
    try:
        edition, is_new = publishing.publish(keep=settings.KEEP_EDITIONS, extra={editions.OFFLINE: archive.write})
    except publishing.AlreadyPublishing:
        raise TryAgainLater("Otro proceso está escribiendo los datos abiertos.") from None
    except publishing.BankKeptChanging:
        raise TryAgainLater("El banco cambió cada vez mientras se escribían sus archivos.") from None
    return f"Datos abiertos del {edition.day}." if is_new else f"Nada cambió desde los del {edition.day}."


def _check_links(job: RunningJob) -> str:
    due = link_checker.list_due(older_than=link_checker.ASKED_AGAIN_AFTER)[: link_checker.MOST_OF_A_RUN]
    answers: Counter[str] = Counter()
    for answered, (_url, answer) in enumerate(link_checker.check_and_save(settings.CONTACT_EMAIL, due), start=1):
        answers[answer.state] += 1
        job.checkpoint(answered, len(due))
    failed = answers[link_checker.State.DEAD] + answers[link_checker.State.FAILING]
    return f"Direcciones preguntadas: {answers.total()}; no respondieron bien: {failed}."


def _send_alerts(job: RunningJob) -> str:
    try:
        if not indexing.catch_up():
            raise TryAgainLater(_INDEX_BUSY)
        report = digests.send_due_digests(digest_email)
    except IndexMissing:
        raise TryAgainLater("Todavía no hay índice de la búsqueda.") from None
    told = f"Enviados: {report.sent}; sin novedad: {report.nothing_new}; "
    told += f"rechazados: {report.refused}; dudosos: {report.doubtful}."
    if report.is_server_down:
        raise TryAgainLater(f"El servidor de correo no responde. {told}")
    if report.refused or report.doubtful:
        raise JobFailed(f"{told} El registro del servidor dice por qué.")
    return told


def _rebuild_index(job: RunningJob) -> str:
    if not indexing.rebuild():
        raise TryAgainLater(_INDEX_BUSY)
    indexing.tidy()
    return f"El índice de este servidor tiene {indexing.check_health().studies} estudios."


def _clean_up(job: RunningJob) -> str:
    removed = sum(number for _what, number in housekeeping.clean_up())
    housekeeping.update_statistics()
    return f"Filas y carpetas quitadas: {removed}."
