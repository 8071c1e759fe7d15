"""Groups studies under one evaluation: they report on one trial or share their data, but stay two studies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from studies.curation.stages import CurationError
from studies.models import Evaluation, EvaluationStudy, Finding, Stage, Study
from studies.store.changes import bank_change, vocabulary_change
from studies.text.identifiers import make_slug

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet


class GroupingRefused(CurationError):
    """The two studies cannot belong to this evaluation. Nothing was written."""


def list_evaluations(study: Study, other: Study) -> QuerySet[Evaluation]:
    """Return the evaluations to which either study belongs, trials first."""
    return Evaluation.objects.filter(studies__in=(study, other)).distinct().order_by("-kind", "slug")


def make_evaluation(kind: str, name_es: str, name_en: str) -> Evaluation:
    """Return an unsaved evaluation with a free slug. Without an English name it takes the Spanish one."""
    slug = make_slug(None, None, name_es, lambda taken: Evaluation.objects.filter(slug=taken).exists())
    return Evaluation(slug=slug, kind=kind, name_es=name_es, name_en=name_en or name_es)


def other_trial(study: Study, evaluation: Evaluation) -> Evaluation | None:
    """Return another trial that `study` reports on and that bars it from `evaluation`; None where nothing does.

    A study is of one trial, unless its findings name each of its trials.
    """
    others = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL, studies=study).exclude(pk=evaluation.pk)
    found = list(others) if evaluation.kind == Evaluation.Kind.TRIAL else []
    return found[0] if found and not names_all(study, [*found, evaluation]) else None


def names_all(study: Study, trials: Iterable[Evaluation]) -> bool:
    """Return True if the findings of `study` name each of these trials: a query."""
    named = set(Finding.objects.filter(study=study).values_list("trial", flat=True))
    return all(trial.slug in named for trial in trials)


def join(study: Study, other: Study, evaluation: Evaluation, *, by: User, note: str = "") -> None:
    """Add both studies to `evaluation`, which may be unsaved. Raises GroupingRefused.

    Neither record changes, but both get a revision that says so, and the search indexes them again.
    """
    if not by.has_perm("studies.change_evaluation") or (
        evaluation._state.adding and not by.has_perm("studies.add_evaluation")
    ):
        raise GroupingRefused(_("Su cuenta no tiene permiso para cambiar evaluaciones."))
    sentence = _("«%(one)s» y «%(other)s» son de una evaluación: %(evaluation)s.") % {
        "one": study.slug,
        "other": other.slug,
        "evaluation": evaluation.name_es,
    }
    with bank_change(by=by, note=f"{sentence} {note}".strip()) as change:
        ids = (study.pk, other.pk)
        rows = list(Study.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
        _check(rows, evaluation)
        with vocabulary_change():
            if evaluation._state.adding:
                evaluation.save()
            last = EvaluationStudy.objects.filter(evaluation=evaluation).count()
            for place, row in enumerate(sorted(rows, key=lambda row: (row.year or 9999, row.pk))):
                EvaluationStudy.objects.get_or_create(
                    evaluation=evaluation, study=row, defaults={"position": last + place}
                )
        for row in rows:
            change.touch(row, content=False)


def _check(rows: list[Study], evaluation: Evaluation) -> None:
    if len(rows) != 2 or any(row.stage == Stage.MERGED for row in rows):
        raise GroupingRefused(_("Elija dos estudios distintos que no estén unidos."))
    if other := next(filter(None, (other_trial(row, evaluation) for row in rows)), None):
        raise GroupingRefused(
            _(
                "Uno de los dos ya es de «%s», y un estudio es de un solo ensayo, salvo que sus hallazgos digan de "
                "cuál es cada uno. Elija ese, o corríjalo primero."
            )
            % other
        )
