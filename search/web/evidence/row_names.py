"""The names of evaluations on figures: of their programme, or else of authors and year."""

from __future__ import annotations

from django.urls import reverse

from search.web.evidence.basis import Basis
from studies.synthesis.evidence import StudyEvidence


def name_study(basis: Basis, study: StudyEvidence) -> tuple[str, str]:
    """Return name and address of an evaluation by its study: its programme, or else its authors, with its country."""
    programme = basis.vocabulary.programme_by_slug.get(study.programme or "")
    authors = study.details.author_names[basis.language == "en"] if study.details is not None else ""
    name = programme.label(basis.language) if programme else f"{authors or study.id}, {study.year}"
    if len(study.countries) == 1:
        name = f"{name} ({basis.vocabulary.label('countries', study.countries[0], basis.language)})"
    return name, reverse("study", args=[study.id])
