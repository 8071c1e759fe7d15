"""Of a withdrawn study, or a draft, no public answer about a review that includes it tells anything."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from search.engines.memory.engine import MemoryEngine
from studies.exports.registry import EXPORTS
from studies.models import Inclusion, Stage, Study
from tests.factories import make_study, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(memory_engine: MemoryEngine) -> Study:
    """A made-up review of a published study, a withdrawn one, and a draft."""
    shown = make_study(id="acantilado-2019-publicado", stage=Stage.PUBLISHED)
    gone = make_study(id="zarzaparrilla-2020-retirado", title="Estudio retirado", stage=Stage.PUBLISHED)
    review = make_study(
        title="Una revisión sobre acantilados",
        title_es="Una revisión sobre acantilados",
        designs=("systematic-review",),
        includes=(shown.slug, gone.slug),
        stage=Stage.PUBLISHED,
    )
    withdraw(gone)
    # No use case writes this row: it stands for whatever may ever bring a draft in.
    draft = make_study(id="zarzaparrilla-2021-borrador", title="Estudio en borrador")
    Inclusion.objects.create(review=review, slug=draft.slug)
    return review


@pytest.mark.parametrize("ext", EXPORTS)
def test_no_file_names_it(client: Client, review: Study, ext: str):
    for address in (
        reverse("study-citation", args=[review.slug, ext]),
        f"{reverse('selection-export', args=[ext])}?id={review.slug}",
        f"{reverse('studies-export', args=[ext])}?q=acantilados",
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        told = text_of(b"".join(response))  # type: ignore[call-overload]
        assert "zarzaparrilla" not in told, address
        # Where a file tells what the review includes, it still tells the rest.
        assert ("acantilado-2019-publicado" in told) == (ext in ("csv", "xlsx")), address


def test_no_other_answer_names_it(client: Client, review: Study):
    for address in (
        reverse("study", args=[review.slug]),
        f"{reverse('search')}?q=acantilados",
        f"{reverse('compare')}?id={review.slug}&id=abramsky-2014-sasa",
        f"{reverse('api-studies')}?q=acantilados",
        reverse("api-study", args=[review.slug]),
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        words = response.content.decode()
        assert "acantilados" in words, address
        for hidden in ("zarzaparrilla", "Estudio en borrador", "Estudio retirado"):
            assert hidden not in words, address


def text_of(content: bytes) -> str:
    """Return the text of a file, and of all files of an archive, as workbooks and documents are."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
