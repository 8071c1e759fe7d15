"""Appraisals on the public pages: what is final in shape, word and source; what is not final, nowhere."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studies.appraisals import workflow
from studies.exports.registry import EXPORTS
from studies.models import Stage
from studies.records.appraisal import JudgementRecord
from tests.factories import make_study, user_with_role
from tests.studies.appraisals_factory import (
    SECRET,
    appraisal_record,
    assessed,
    assessed_by_two,
    judged,
    proposed,
    rob_2,
)
from tests.studies.web.test_study import page, shown, text


def file(client: Client, path: str) -> str:
    """Return the text of a file, and of all within an Office file."""
    content = b"".join(client.get(path).streaming_content)
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


@pytest.mark.django_db
class TestAppraisals:
    def test_stand_domain_by_domain_with_what_they_rest_on(self, client):
        html = shown(client, own_appraisals=(appraisal_record(),))
        words = text(html)
        assert "RoB 2: Riesgo de sesgo en ensayos aleatorizados" in words
        assert "Reparto al azar" in words
        assert f"<q>{SECRET}</q>, p.\N{NO-BREAK SPACE}4" in html
        assert "Evaluado por 2 personas por separado, con un acuerdo final; 20 de noviembre de 2026." in words
        assert "Instrumento: RoB 2, versión 2019-08-22." in words
        assert 'href="https://doi.org/10.1136/bmj.l4898"' in html

    def test_are_in_english_on_the_english_page(self, client):
        study = make_study(stage=Stage.PUBLISHED, own_appraisals=(appraisal_record(),))
        words = text(page(client, f"/en/studies/{study.slug}/"))
        assert "RoB 2: Risk of bias in randomised trials" in words
        assert "Low risk of bias" in words
        assert "Allocation by chance" in words

    def test_say_the_judgement_by_shape_and_word(self, client):
        html = shown(client, own_appraisals=(appraisal_record(overall="high", risk_of_bias="high"),))
        assert re.search(
            r'class="judged judged--high">\s*<svg class="judged__shape".*?</svg>\s*<b>Riesgo de sesgo alto</b>',
            html,
            re.DOTALL,
        )

    def test_a_domain_that_does_not_apply_has_no_shape(self, client):
        given = judged(recruitment="not-applicable")
        html = shown(client, own_appraisals=(appraisal_record(judgements=given),))
        assert '<span class="soft">No procede</span>' in html

    def test_what_the_study_does_not_say_is_said_so(self, client):
        given = (JudgementRecord("reporting", "high", not_reported=True),)
        html = shown(client, own_appraisals=(appraisal_record(judgements=given),))
        assert "El estudio no lo dice." in html

    def test_quotations_keep_their_language(self, client):
        html = shown(client, language="en", own_appraisals=(appraisal_record(),))
        assert f'<q lang="en">{SECRET}</q>' in html
        assert "Las citas van en inglés, como en el estudio." in text(html)

    def test_nothing_in_them_is_taken_for_html(self, client):
        given = (JudgementRecord("reporting", "high", quote="<script>alert(1)</script>", page="<b>3</b>"),)
        html = shown(client, own_appraisals=(appraisal_record(judgements=given, note_es="<i>nota</i>"),))
        assert "<script>alert" not in html
        assert "<b>3</b>" not in html
        assert "<i>nota" not in html

    def test_that_of_the_main_design_stands_beside_the_title(self, client):
        both = (
            appraisal_record(),
            appraisal_record(instrument="casp-qualitative", overall="few", risk_of_bias="high", judgements=()),
        )
        html = shown(client, designs=("qualitative", "rct"), own_appraisals=both)
        box = html[html.index("box--certainty") :]
        assert 'href="#calidad-casp-qualitative"' in box
        assert "judged--high" in box[: box.index("</div>")]

    def test_cost_four_queries_however_many_there_are(self, client):
        costs = []
        for count in (0, 1, 2):
            both = (appraisal_record(), appraisal_record(instrument="casp-qualitative", overall="most", judgements=()))
            study = make_study(stage=Stage.PUBLISHED, own_appraisals=both[:count])
            page(client, f"/estudios/{study.slug}/")
            with CaptureQueriesContext(connection) as queries:
                page(client, f"/estudios/{study.slug}/")
            costs.append(len(queries))
        assert costs == [costs[0], costs[0] + 4, costs[0] + 4]


@pytest.mark.django_db
class TestWhatIsUnfinished:
    """R5, R7: an assessment under way reaches nobody outside, by no way out."""

    @pytest.mark.parametrize("bring", [assessed, assessed_by_two, proposed], ids=lambda bring: bring.__name__)
    def test_is_on_no_page_and_in_no_file(self, client, bring):
        study = make_study(stage=Stage.PUBLISHED)
        bring(study)
        revisions = study.revisions.count()
        for language in ("/estudios", "/en/studies"):
            html = page(client, f"{language}/{study.slug}/")
            assert SECRET not in html
            assert "judged--not-appraised" in html
            assert "judged--low" not in html
        for ext in EXPORTS:
            assert SECRET not in file(client, f"/estudios/{study.slug}/cita.{ext}")
        assert "rob-2" not in file(client, f"/estudios/{study.slug}/cita.csv")
        for query in ("q=hogares+rurales", "q=%22hecha+para+la+prueba%22", "sort=added"):
            listed = page(client, f"/estudios/?{query}&risk_of_bias=low")
            assert f"/estudios/{study.slug}/" not in listed
            assert SECRET not in listed
        assert study.revisions.count() == revisions == 2

    def test_does_not_hide_behind_the_team(self):
        """Staff who open the public page see what the public sees."""
        study = make_study(stage=Stage.PUBLISHED)
        assessed(study)
        client = Client()
        client.force_login(user_with_role("Administración"))
        assert SECRET not in page(client, f"/estudios/{study.slug}/")

    def test_a_final_one_is_in_the_file_without_names(self, client):
        study = make_study(stage=Stage.PUBLISHED)
        people = proposed(study)
        workflow.agree(study, rob_2(), version=1, by=people[1])
        html = page(client, f"/estudios/{study.slug}/")
        written = file(client, f"/estudios/{study.slug}/cita.csv")
        assert SECRET in html
        assert "rob-2|low|low|" in written
        assert not any(person.username in html + written for person in people)
