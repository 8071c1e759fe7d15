"""Texts that one person writes and another publishes: from draft to published, and on to the next version.

What the public reads of them is in `published_texts`. Who may do what is in `studies.curation.moves`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from django.db import transaction
from django.db.models import IntegerField, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.curation.moves import RENEW_TEXT, TEXT_MOVES, WRITE_TEXT, Guard, Move, RefusalReason, find_refusal
from studies.curation.stages import CurationError
from studies.learning.dependents import STUDIES_OF_TEXTS, AnyReviewedText, find_unsettled, list_studies
from studies.models import CertaintyJudgement, Conclusion, ConclusionSentence, ReviewedText, SafetyNote, Stage
from studies.store import bank_state
from studies.store.changes import answer_change

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise

State = ReviewedText.State
_Text = TypeVar("_Text", Conclusion, CertaintyJudgement, SafetyNote)


class TextRefused(CurationError):
    """The text may not be moved, by this person or as it is."""


_SENTENCES: Mapping[RefusalReason, _StrPromise] = {
    RefusalReason.STAGE: gettext_lazy("No es posible: está en la etapa «%(state)s»."),
    RefusalReason.PERMISSION: gettext_lazy("Su cuenta no tiene permiso para esto."),
    RefusalReason.NOTE: gettext_lazy("Escriba el motivo."),
    RefusalReason.OWN_WORK: gettext_lazy("Otra persona tiene que revisar y publicar lo que usted escribió."),
}


def may_write(row: AnyReviewedText, user: User) -> bool:
    """Return True if `user` may change the text."""
    return find_refusal(WRITE_TEXT, row, user) is None


def may_renew(row: AnyReviewedText, user: User) -> bool:
    """Return True if `user` may begin the next version from this one: none is under way. One query."""
    return find_refusal(RENEW_TEXT, row, user) is None and find_open_version(row) is None


def list_moves(row: AnyReviewedText, user: User) -> tuple[Move, ...]:
    """Return the moves that start at its state and for which `user` has the permission, whoever wrote it: no query."""
    return tuple(move for move in TEXT_MOVES.values() if find_refusal(move, row, user, is_own=False) is None)


def find_open_version(row: AnyReviewedText) -> AnyReviewedText | None:
    """Return the other version of the same subject that is under way, or None: one query."""
    return row.list_siblings().filter(state__in=ReviewedText.OPEN).first()


def count_in_review() -> dict[type[AnyReviewedText], int]:
    """Return how many texts of each kind wait for a reviewer: one query."""
    first, *others = (
        model._default_manager.filter(state=State.IN_REVIEW)
        .order_by()
        .annotate(kind=Value(place, IntegerField()))
        .values_list("kind", "pk")
        for place, model in enumerate(STUDIES_OF_TEXTS)
    )
    counted = Counter(kind for kind, _key in first.union(*others))
    return {model: counted[place] for place, model in enumerate(STUDIES_OF_TEXTS)}


def record_save(row: AnyReviewedText, *, by: User) -> None:
    """Record that `by` saved the draft: a new one gets its version number. Call it in the transaction of the save."""
    row.writers.add(by)
    row.saved_no += 1
    fields = ["saved_no"]
    if row.saved_no == 1:
        row.version = max(row.list_siblings().values_list("version", flat=True), default=0) + 1
        fields.append("version")
    row.save(update_fields=fields)


def list_problems(row: AnyReviewedText) -> list[str]:
    """Return what keeps the text from being sent and published, as sentences for the curator."""
    return list(_iterate_problems(row))


def move(
    row: _Text, name: str, *, by: User, seen_no: int | None = None, note: str = "", reviewer_name: str = ""
) -> _Text:
    """Make the move called `name` in TEXT_MOVES, and return the text as it is then.

    `seen_no` is the `saved_no` that the person read; None asks nothing. `reviewer_name` is whom the page names as the
    reviewer, and publishing needs it. Raises TextRefused, with nothing written.
    """
    wanted = TEXT_MOVES[name]
    with transaction.atomic():
        held = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        _require(wanted, held, by, note)
        if seen_no not in (None, held.saved_no):
            raise TextRefused(_("El texto cambió desde que usted abrió esa página. Revíselo primero."))
        if name in ("send", "publish") and (problems := list_problems(held)):
            raise TextRefused(" ".join(problems))
        if name == "send":
            held.seen_no = bank_state.current().change_no
        if name == "publish":
            _publish(held, by, reviewer_name)
        held.state, held.state_note = wanted.to, note.strip()
        # What the public reads changes: a version of the bank is that of its texts too.
        with answer_change() if name in ("publish", "withdraw") else nullcontext():
            held.save()
    return held


def start_next_version(row: _Text, *, by: User) -> _Text:
    """Begin a draft of the next version with what this one says. Raises TextRefused, as where one is under way."""
    with transaction.atomic():
        held = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        _require(RENEW_TEXT, held, by)
        if find_open_version(held) is not None:
            raise TextRefused(_("Ya hay otra versión en preparación."))
        copied = {
            field.name: getattr(held, field.name)
            for field in held._meta.concrete_fields
            if field.editable and not field.primary_key
        }
        draft = type(row)._default_manager.create(**copied)
        if isinstance(held, Conclusion):
            for sentence in held.sentences.all():
                same = ConclusionSentence(
                    conclusion=draft, position=sentence.position, text_es=sentence.text_es, text_en=sentence.text_en
                )
                same.save()
                same.studies.set(sentence.studies.all())
        else:
            draft.studies.set(held.studies.all())
        record_save(draft, by=by)
    return draft


def _require(guard: Guard, row: AnyReviewedText, by: User, note: str | None = None) -> None:
    if found := find_refusal(guard, row, by, note=note):
        raise TextRefused(str(_SENTENCES[found]) % {"state": row.get_state_display()})


def _publish(row: AnyReviewedText, by: User, reviewer_name: str) -> None:
    """Put the review into the row, and the version of before out of its place."""
    if not reviewer_name.strip():
        raise TextRefused(_("Escriba su nombre como se mostrará: la página dice quién revisó."))
    # What the writer looked at has to be what the public reads under it.
    if find_unsettled([row]):
        raise TextRefused(
            _("Un estudio en el que se apoya cambió desde que se envió. Devuelva el texto para que se vuelva a mirar.")
        )
    row.reviewed_by, row.reviewer_name, row.reviewed_on = by, reviewer_name.strip(), timezone.localdate()
    row.list_siblings().filter(state=State.PUBLISHED).update(state=State.REPLACED)


def _iterate_problems(row: AnyReviewedText) -> Iterator[str]:
    if not row.author_name.strip():
        yield _("Falta quién escribe.")
    if isinstance(row, Conclusion):
        sentences = list(row.sentences.all())
        if not 1 <= len(sentences) <= Conclusion.MOST_SENTENCES:
            yield _("Una conclusión tiene de una a %(most)d oraciones.") % {"most": Conclusion.MOST_SENTENCES}
        if not all(sentence.studies.exists() for sentence in sentences):
            yield _("Cada oración necesita al menos un estudio.")
    elif isinstance(row, CertaintyJudgement):
        if not row.studies.exists():
            yield _("Falta decir qué estudios se juzgaron.")
        if row.level != CertaintyJudgement.Level.HIGH and not row.list_reasons("es"):
            yield _("Una certeza menor que alta necesita al menos una razón.")
        if [domain for domain, _why in row.list_reasons("es")] != [domain for domain, _why in row.list_reasons("en")]:
            yield _("Cada razón va en español y en inglés.")
    for study in list_studies(row):
        if study.stage != Stage.PUBLISHED:
            yield _("«%(study)s» no está publicado.") % {"study": study}
