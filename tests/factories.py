"""Plain factories of rows, for tests that want a few of their own: each goes through the use case that people use."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User

from studies.curation import proposals, stages
from studies.duplicates import merging
from studies.models import Proposal, Stage, Study, Term
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange import study as exchange_study
from tests.studies.records_factory import complete_record

_numbers = count(1)


def make_study(*, by: User | None = None, stage: Stage = Stage.DRAFT, **changes: Any) -> Study:
    """Make a publishable study, of its own slug and DOI unless told; `changes` replace fields of its record."""
    number = next(_numbers)
    own = {"id": f"quispe-2021-hogares-{number}", "doi": f"10.1234/prueba.2021.{number}"}
    with bank_change(by=by) as change:
        study = exchange_study.save_record(complete_record(**{**own, **changes}))
        change.touch(study)
    return _brought_to(study, stage)


def publish(study: Study) -> Study:
    """Publish a draft as if it came reviewed from outside."""
    return _brought_to(study, Stage.PUBLISHED)


def withdraw(study: Study, reason: str = "Los autores retiraron el artículo.") -> Study:
    """Withdraw a published study."""
    return stages.move(study, "withdraw", by=user_with_role("Administración"), note=reason)


def merge_studies(study: Study, into: Study) -> Study:
    """Merge a study into a published one, which keeps all that its own record says."""
    study.refresh_from_db()
    into.refresh_from_db()
    seen = (study.changed_no, into.changed_no)
    merging.merge(study, into, exchange_study.to_record(into), seen=seen, by=user_with_role("Revisión"))
    study.refresh_from_db()
    return study


def make_proposal(study: Study | None = None, *, by: User | None = None, note: str = "", **changes: Any) -> Proposal:
    """Propose changes of fields for a published study, as a curator does with what the page shows."""
    study = Study.objects.for_record().get(pk=(study or make_study(stage=Stage.PUBLISHED)).pk)
    record = replace(exchange_study.to_record(study), **(changes or {"title_es": "Un título propuesto"}))
    author = by or user_with_role("Curaduría")
    proposal = proposals.propose(study, record, seen_no=study.changed_no, by=author, note=note)
    assert proposal is not None, "a proposal that says nothing new"
    return proposal


def edit(study: Study, *, by: User | None = None, **changes: Any) -> Study:
    """Change fields of a study's record, as a form does."""
    study = Study.objects.for_record().get(pk=study.pk)
    with bank_change(by=by) as change:
        study = exchange_study.save_record(replace(exchange_study.to_record(study), **changes), study)
        change.touch(study)
    study.refresh_from_db()
    return study


def make_intervention(code: str = "xylophones") -> Term:
    """Make a type of intervention that no study has."""
    theme = Term.objects.get(vocabulary="themes", code="prevention")
    with vocabulary_change():
        return Term.objects.create(
            vocabulary="interventions", code=code, label_es="Xilófonos", label_en="Xylophones", parent=theme
        )


def user_with_role(role: str | None = None, **changes: Any) -> User:
    """Make a person of the staff with one of the roles "Curaduría", "Revisión", "Administración", or with none."""
    user = User.objects.create_user(**{"username": f"persona-{next(_numbers)}", "is_staff": True, **changes})
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
    return user


def _brought_to(study: Study, stage: Stage) -> Study:
    if stage == Stage.IN_REVIEW:
        return stages.move(study, "send", by=user_with_role("Curaduría"))
    if stage in (Stage.PUBLISHED, Stage.WITHDRAWN):
        with bank_change() as change:
            stages.publish_unreviewed(study)
            change.touch(study, content=False)
    if stage == Stage.WITHDRAWN:
        return withdraw(study)
    study.refresh_from_db()
    return study
