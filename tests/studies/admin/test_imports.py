"""Imports as pages of the workplace: who may see them, what they print, what they do, and that nothing breaks them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from studies.admin.imports import admin, forms
from studies.admin.shared import uploads
from studies.imports import batches, writing
from studies.imports.formats.base import MOST_BYTES
from studies.imports.formats.columns import COLUMNS
from studies.imports.formats.registry import open_file
from studies.imports.templates import TEMPLATES
from studies.models import ImportBatch, Study
from tests.factories import edit, make_study, user_with_role
from tests.studies.admin_forms import address as study_address
from tests.studies.admin_forms import form_values
from tests.studies.reference_files import FILES, GOOD, ReferenceFile, of_bank, records, ris, written
from tests.thorough import mainly

pytestmark = pytest.mark.django_db
ADD = "admin:studies_importbatch_add"
READABLE = [file for file in FILES if not file.refused]


@pytest.fixture
def curator() -> User:
    return user_with_role("Curaduría", username="rosa")


@pytest.fixture
def client(curator: User) -> Client:
    return signed_in(curator)


@pytest.fixture(autouse=True)
def _whole_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each step read all: how long one takes here is nobody's business."""
    monkeypatch.setattr(admin, "FIRST_STEP_S", 600)
    monkeypatch.setattr(admin, "STEP_S", 600)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, data: bytes | str, name: str = "lista.ris", **fields: Any) -> HttpResponse:
    content = data.encode() if isinstance(data, str) else data
    return client.post(reverse(ADD), {"file": SimpleUploadedFile(name, content), **fields}, follow=True)


def of(batch: ImportBatch, name: str = "change") -> str:
    return reverse(f"admin:studies_importbatch_{name}", args=[batch.pk])


def batch_of(data: bytes | str, name: str = "lista.ris", *, is_read: bool = True, **options: Any) -> ImportBatch:
    content = data.encode() if isinstance(data, str) else data
    batch = batches.open_batch(name, content, by=None, **options)
    if is_read:
        batches.read_all(batch)
    return batch


def text(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


class TestTheWholeWay:
    def test_a_list_is_looked_at_then_written_then_undone(self, client: Client, curator: User):
        before = Study.objects.count()
        bad = "TY  - JOUR\r\nAU  - Poma, E\r\nER  - \r\n"
        page = text(upload(client, written("ris", [*records(), of_bank(0)]) + bad))
        assert "Todavía no se ha guardado ningún estudio" in page
        assert Study.objects.count() == before
        for words in (
            "Nuevas",
            "Ya están",
            "Con error",
            "El mismo DOI",
            "Falta el título",
            'aria-label="Importar la fila 1"',
        ):
            assert words in page
        batch = ImportBatch.objects.get()
        assert (batch.by, batch.state) == (curator, "preview")

        sent = form_values(page, "rows")
        assert len(sent["take"]) == 3
        page = text(
            client.post(of(batch, "decide"), {**sent, "take": sent["take"][:2], "action": "write"}, follow=True)
        )
        assert "Se crearon 2 borradores" in page
        assert page.count("No se importó: no estaba marcada.") == 1
        assert Study.objects.count() == before + 2
        assert list(writing.studies_made_by(batch).values_list("stage", flat=True)) == ["draft"] * 2

        assert "Se eliminarán <strong>2</strong> borradores" in " ".join(text(client.get(of(batch, "undo"))).split())
        assert "deshecha" in text(client.post(of(batch, "undo"), follow=True))
        assert Study.objects.count() == before

        assert "Todavía no se ha guardado" in text(client.post(of(batch, "again"), follow=True))
        text(client.post(of(batch, "discard"), follow=True))
        assert not ImportBatch.objects.exists()

    def test_the_bad_rows_are_downloaded_mended_and_brought_back(self, client: Client):
        upload(client, ris(GOOD, "AU  - Poma, E"))
        batch = ImportBatch.objects.get()
        response = client.get(of(batch, "errors"))
        assert response["Content-Disposition"] == f'attachment; filename="importacion-{batch.pk}-errores.ris"'
        mended = response.content.replace(b"AU", b"TI  - Lo que faltaba en la feria\nAU")
        assert "Lo que faltaba en la feria" in text(upload(client, mended))

    def test_the_language_that_is_told_is_taken(self, client: Client):
        upload(client, "TY  - JOUR\nTI  - Wasi\nER  - ", language="es")
        assert ImportBatch.objects.get().rows.get().record["language"] == "es"

    def test_a_file_that_was_imported_before_is_told(self, client: Client):
        first = batch_of(written("ris"))
        writing.write(first, by=None)
        page = text(upload(client, written("ris")))
        assert "Este mismo archivo ya se importó" in page
        assert of(first) in page


class TestTheFolder:
    @pytest.mark.parametrize("file", mainly(6, (f for f in FILES if f.refused)), ids=lambda file: file.name)
    def test_each_unreadable_file_is_refused_beside_its_field(self, client: Client, file: ReferenceFile):
        page = text(upload(client, file.make(), file.name))
        assert "errorlist" in page
        assert file.refused in page
        assert not ImportBatch.objects.exists()

    @pytest.mark.thorough
    def test_each_readable_file_comes_to_a_preview(self, client: Client, empty_bank: None):
        for file in READABLE:
            page = text(upload(client, file.make(), file.name))
            assert "Antes de importar" in page, file.name
        assert ImportBatch.objects.filter(state="preview").count() == len(READABLE)
        assert not Study.objects.exists()

    def test_no_file_at_all_is_told(self, client: Client):
        assert "errorlist" in text(client.post(reverse(ADD)))

    def test_what_is_too_large_is_not_even_read(self, client: Client, monkeypatch):
        monkeypatch.setattr("studies.imports.batches.open_batch", lambda *args, **options: pytest.fail("read"))
        assert "20 MB" in text(upload(client, b"x" * (MOST_BYTES + 1)))

    def test_what_is_larger_than_the_server_takes_is_dropped_and_told(self, client: Client, monkeypatch):
        monkeypatch.setattr(uploads, "MOST_TAKEN_BYTES", 1_000)
        monkeypatch.setattr(forms, "MOST_TAKEN_BYTES", MOST_BYTES)
        page = text(upload(client, b"TY  - JOUR\n" + b"x" * 100_000, language="es"))
        assert "21 MB y el límite es de 20 MB" in page
        assert not ImportBatch.objects.exists()

    def test_nothing_of_a_stranger_fills_the_disk(self, monkeypatch):
        monkeypatch.setattr(uploads, "MOST_TAKEN_BYTES", 1_000)
        monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", lambda *_chunk: pytest.fail("kept"))
        file = SimpleUploadedFile("a.ris", b"x" * 5_000_000)
        assert "sign_in-password" in text(Client().post(reverse(ADD), {"file": file}))


class TestWhatIsForeign:
    """What a file says is text on the page, and never a name, a header or a mark of it."""

    EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"

    def test_marks_are_printed_and_not_run(self, client: Client):
        reference = f"TI  - {self.EVIL} feria\nAU  - {self.EVIL}\nKW  - {self.EVIL}\nAB  - {self.EVIL}\nPY  - 2001"
        page = text(upload(client, ris(reference, f"AU  - {self.EVIL}"), f"{self.EVIL}.ris"))
        batch = ImportBatch.objects.get()
        writing.write(batch, by=None)
        (study,) = writing.studies_made_by(batch)
        addresses = (of(batch), of(batch, "undo"), study_address(study), reverse("admin:index"))
        for printed in (page, *(text(client.get(address)) for address in addresses)):
            assert "<script>alert" not in printed
            assert "<img src=x" not in printed

    @pytest.mark.parametrize(
        "name", ["../../etc/passwd.ris", 'a"; x=".ris', "a\r\nX-Evil: 1.ris", "\u202e.ris", "a\x00.ris"]
    )
    def test_the_name_of_a_file_is_in_no_header(self, client: Client, name: str):
        batch = batch_of(ris("AU  - Sin, Título"), name)
        response = client.get(of(batch, "errors"))
        assert response["Content-Disposition"] == f'attachment; filename="importacion-{batch.pk}-errores.ris"'
        assert "X-Evil" not in response.headers
        assert response["X-Content-Type-Options"] == "nosniff"


class TestReading:
    def test_a_batch_that_is_not_read_yet_shows_how_far_it_is(self, client: Client):
        batch = batch_of(written("ris"), is_read=False)
        page = text(client.get(of(batch)))
        assert "0 de 3" in page
        assert "data-continue" in page
        assert "Antes de importar" in text(client.post(of(batch, "continue"), follow=True))

    def test_going_on_after_the_end_does_nothing(self, client: Client):
        batch = batch_of(written("ris"))
        assert "Antes de importar" in text(client.post(of(batch, "continue"), follow=True))

    def test_the_first_page_of_the_workplace_leads_to_what_waits(self, client: Client):
        batch = batch_of(written("ris"), is_read=False)
        assert of(batch) in text(client.get(reverse("admin:index")))


class TestTicking:
    def test_ticks_are_kept_and_nothing_is_written(self, client: Client):
        batch = batch_of(written("ris"))
        before = Study.objects.count()
        sent = form_values(text(client.get(of(batch))), "rows")
        page = text(client.post(of(batch, "decide"), {**sent, "take": sent["take"][:1], "action": "tick"}, follow=True))
        assert len(form_values(page, "rows")["take"]) == 1
        assert Study.objects.count() == before

    def test_all_and_none(self, client: Client):
        batch = batch_of(written("ris"))
        client.post(of(batch, "decide"), {"action": "none"})
        assert batches.count_rows(batch)["taken"] == 0
        client.post(of(batch, "decide"), {"action": "all", "outcome": "new"})
        assert batches.count_rows(batch)["taken"] == 3

    def test_one_stays_on_the_page_of_rows_where_one_was(self, client: Client):
        batch = batch_of(written("ris"))
        response = client.post(of(batch, "decide"), {"action": "tick", "back": "new/1"})
        assert response["Location"] == f"{of(batch)}?show=new&p=1"

    def test_a_row_whose_doi_the_bank_has_cannot_be_ticked(self, client: Client):
        batch = batch_of(written("ris", [of_bank(0)]))
        assert "take" not in form_values(text(client.get(of(batch))), "rows")

    def test_writing_nothing_is_refused_in_words(self, client: Client):
        batch = batch_of(written("ris"))
        shown = [row.pk for row in batch.rows.all()]
        page = text(client.post(of(batch, "decide"), {"action": "write", "shown": shown}, follow=True))
        assert "No hay ninguna referencia marcada" in page

    def test_what_was_written_is_not_written_again(self, client: Client):
        batch = batch_of(written("ris"))
        for _twice in range(2):
            page = text(client.post(of(batch, "decide"), {"action": "write"}, follow=True))
        assert "ya se escribió" in page
        assert writing.studies_made_by(batch).count() == 3

    @pytest.mark.parametrize(
        "sent",
        [
            {"shown": "x", "take": "²"},
            {"shown": "9" * 40},
            {"action": "nada"},
            {"action": "all", "outcome": "x'\x00"},
            {"back": "new/²"},
            {"back": "//evil.example/1"},
        ],
    )
    def test_odd_values_break_nothing(self, client: Client, sent: dict[str, str]):
        batch = batch_of(written("ris"))
        assert client.post(of(batch, "decide"), sent).status_code == 302


class TestUndoing:
    def test_what_hinders_it_is_listed_with_links(self, client: Client):
        batch = batch_of(written("ris"))
        writing.write(batch, by=None)
        study = writing.studies_made_by(batch)[0]
        edit(study, by=user_with_role("Curaduría", username="elena"), year=2001)
        page = text(client.get(of(batch, "undo")))
        assert "elena lo cambió el" in page
        assert study_address(study) in page
        assert "no se puede deshacer" in text(client.post(of(batch, "undo"), follow=True)).lower()
        assert writing.studies_made_by(batch).count() == 3


class TestTheStudy:
    def test_its_form_shows_what_came_with_it_and_its_page_does_not(self, client: Client):
        reference = (
            "TI  - Los telares y la radio\nKW  - cuerdas de lana\nKW  - Perú\nAB  - Un resumen ajeno.\nPY  - 2001"
        )
        batch = batch_of(ris(reference))
        writing.write(batch, by=None)
        (study,) = writing.studies_made_by(batch)
        page = text(client.get(study_address(study)))
        assert "Otras palabras clave</strong>, que el banco no conoce: cuerdas de lana." in page
        assert "Términos que proponen sus palabras clave</strong>; ninguno está puesto: Perú." in page
        assert not study.study_terms.exists()
        assert "Un resumen ajeno." in page
        assert "Un resumen ajeno." not in text(client.get(study.get_absolute_url()))

    def test_a_study_that_was_not_imported_shows_nothing_of_it(self, client: Client):
        assert "Llegó con la importación" not in text(client.get(study_address(make_study())))


class TestDois:
    def test_without_a_network_it_says_so_and_takes_csl_instead(self, client: Client):
        page = text(client.post(reverse("admin:studies_importbatch_doi"), {"dois": "10.1234/abc"}, follow=True))
        assert "No hay conexión con Crossref" in page
        assert "data-continue" not in page
        assert reverse("admin:studies_importbatch_doi") + "#pegar" in page

    def test_pasted_csl_comes_to_a_preview(self, client: Client):
        address = reverse("admin:studies_importbatch_doi")
        page = text(client.post(address, {"paste": "1", "pasted": written("json")}, follow=True))
        assert "Marcadas: <strong>3</strong>" in page

    @pytest.mark.parametrize("sent", [{"dois": ""}, {"dois": "\x00"}, {"paste": "1", "pasted": "<a>"}, {"paste": "1"}])
    def test_what_cannot_be_read_is_told(self, client: Client, sent: dict[str, str]):
        assert "errorlist" in text(client.post(reverse("admin:studies_importbatch_doi"), sent))


class TestTemplates:
    @pytest.mark.parametrize("name", TEMPLATES)
    def test_each_is_downloaded(self, client: Client, name: str):
        response = client.get(reverse("admin:studies_importbatch_template", args=[name]))
        assert response.status_code == 200
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'

    def test_the_workbook_explains_every_column_and_lists_the_terms(self, client: Client):
        response = client.get(reverse("admin:studies_importbatch_template", args=["plantilla.xlsx"]))
        book = load_workbook(io.BytesIO(response.content))
        assert book.sheetnames == ["Estudios", "Diccionario", "Términos"]
        assert [cell.value for cell in book["Estudios"][1]] == [column.label for column in COLUMNS]
        assert book["Diccionario"].max_row == 1 + len(COLUMNS)
        assert "cash-transfer" in {cell.value for cell in book["Términos"]["B"]}

    def test_what_is_filled_into_it_is_read(self, client: Client):
        data = client.get(reverse("admin:studies_importbatch_template", args=["plantilla.xlsx"])).content
        book = load_workbook(io.BytesIO(data))
        book["Estudios"].append([column.example if column.code != "programme" else "" for column in COLUMNS])
        filled = io.BytesIO()
        book.save(filled)
        batch = batch_of(filled.getvalue(), "plantilla.xlsx")
        (row,) = batch.rows.all()
        assert (row.outcome, row.reasons) == ("new", [])
        assert row.record["findings"][0]["value"] == 0.7

    def test_an_unknown_one_is_not_found(self, client: Client):
        assert client.get(reverse("admin:studies_importbatch_template", args=["otra.exe"])).status_code == 404

    def test_the_table_alone_has_no_reference(self, client: Client):
        data = client.get(reverse("admin:studies_importbatch_template", args=["plantilla.csv"])).content
        with pytest.raises(Exception, match="ninguna referencia"):
            open_file("plantilla.csv", data)


def every_address(batch: ImportBatch) -> dict[str, str]:
    """Give all addresses of imports, with the method that they are made for."""
    return {
        reverse("admin:studies_importbatch_changelist"): "get",
        reverse(ADD): "get",
        reverse("admin:studies_importbatch_doi"): "get",
        reverse("admin:studies_importbatch_template", args=["plantilla.csv"]): "get",
        of(batch): "get",
        of(batch, "errors"): "get",
        of(batch, "undo"): "get",
        of(batch, "discard"): "get",
        of(batch, "continue"): "post",
        of(batch, "decide"): "post",
        of(batch, "again"): "post",
    }


class TestWhoMay:
    def test_a_stranger_is_led_to_the_sign_in(self):
        batch = batch_of(ris(GOOD, "AU  - A"))
        for address in every_address(batch):
            response = Client().get(address)
            assert response.status_code == 302, address
            assert response["Location"].startswith(reverse("admin:login")), address
            assert "sign_in-password" in text(Client().post(address, {"action": "write"})), address
        assert ImportBatch.objects.get().state == "preview"
        assert not writing.studies_made_by(batch).exists()

    def test_staff_without_a_role_may_nothing(self):
        client = signed_in(user_with_role())
        batch = batch_of(ris(GOOD, "AU  - A"))
        for address, method in every_address(batch).items():
            assert getattr(client, method)(address).status_code == 403, address
        assert ImportBatch.objects.get().state == "preview"

    @pytest.mark.parametrize("role", ["Curaduría", "Revisión", "Administración"])
    def test_every_role_may_all(self, role: str):
        client = signed_in(user_with_role(role))
        for address, method in every_address(batch_of(ris(GOOD, "AU  - A"))).items():
            assert getattr(client, method)(address).status_code in (200, 302), address
        assert "Importaciones" in text(client.get(reverse("admin:index")))

    def test_who_may_not_delete_drafts_may_not_undo(self):
        user = user_with_role()
        user.user_permissions.add(Permission.objects.get(codename="add_study"))
        batch = batch_of(written("ris"))
        writing.write(batch, by=None)
        client = signed_in(user)
        assert "Deshacer" not in text(client.get(of(batch)))
        assert client.post(of(batch, "undo")).status_code == 403
        assert writing.studies_made_by(batch).count() == 3

    def test_a_batch_that_is_not_there_is_not_found(self, client: Client):
        for bad in ("0", "x", "9" * 30):
            assert client.get(f"/admin/studies/importbatch/{bad}/change/").status_code == 404
        assert client.post("/admin/studies/importbatch/99/decidir/").status_code == 404
        assert client.get("/admin/studies/importbatch/99/errores/").status_code == 404

    def test_a_wrong_method_is_refused(self, client: Client):
        batch = batch_of(written("ris"))
        for name in ("decide", "continue", "again"):
            assert client.get(of(batch, name)).status_code == 405
        assert client.post(of(batch)).status_code == 405

    def test_a_batch_without_errors_has_no_file_of_them(self, client: Client):
        assert client.get(of(batch_of(written("ris")), "errors")).status_code == 404

    def test_a_form_from_elsewhere_is_refused(self, curator: User):
        client = Client(enforce_csrf_checks=True)
        client.force_login(curator)
        batch = batch_of(written("ris"))
        for name in ("decide", "undo", "discard", "again", "continue"):
            assert client.post(of(batch, name)).status_code == 403, name
        assert client.post(reverse(ADD), {"file": SimpleUploadedFile("a.ris", b"x")}).status_code == 403


class TestQueries:
    def test_a_preview_costs_the_same_for_one_row_and_for_many(self, client: Client, django_assert_num_queries):
        one, many = batch_of(written("ris", records(1))), batch_of(written("ris", [*records(), of_bank(0), of_bank(3)]))
        client.get(of(one))
        for batch in (one, many):
            with django_assert_num_queries(PREVIEW_QUERIES):
                client.get(of(batch))

    def test_the_list_of_imports_costs_the_same_for_one_and_for_many(self, client: Client, django_assert_num_queries):
        address = reverse("admin:studies_importbatch_changelist")
        batch_of(written("ris"))
        client.get(address)
        for _more in range(2):
            with django_assert_num_queries(LIST_QUERIES):
                client.get(address)
            batch_of(ris(GOOD))

    def test_what_hinders_an_undoing_costs_the_same_for_one_study_and_for_many(self, django_assert_max_num_queries):
        counted = []
        for count in (1, 3):
            batch = batch_of(written("ris", records(count)))
            writing.write(batch, by=None)
            with django_assert_max_num_queries(40) as found:
                assert writing.list_hindrances(batch) == []
            counted.append(len(found))
            writing.undo(batch)
        assert counted[0] == counted[1]


PREVIEW_QUERIES = 12
LIST_QUERIES = 7
