"""The forms by which references are brought: a file, DOIs, pasted CSL-JSON."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from studies.admin.shared.fields import PlainTextField
from studies.admin.shared.uploads import MOST_TAKEN_BYTES, was_too_large
from studies.imports.formats.dois import MOST_DOIS
from studies.imports.formats.errors import FileUnreadable
from studies.imports.formats.registry import check_size

LONGEST_PASTED = 1_000_000
LANGUAGES = [("", "El que diga cada texto"), ("es", "Español"), ("en", "Inglés"), ("pt", "Portugués")]


class UploadForm(forms.Form):
    """A file, and the language of what does not tell its own."""

    file = forms.FileField(label="Archivo", allow_empty_file=True, max_length=255)
    language = forms.ChoiceField(
        label="Idioma de las publicaciones",
        required=False,
        choices=LANGUAGES,
        help_text="Vale solo para las referencias que no dicen el suyo.",
    )

    @classmethod
    def of(cls, request: HttpRequest) -> UploadForm:
        """Return the form of a request; of a file that the server dropped it tells why there is none."""
        form = cls(request.POST, request.FILES) if request.method == "POST" else cls()
        if was_too_large(request):
            form.fields["file"].error_messages["required"] = _refusal(MOST_TAKEN_BYTES + 1)
        return form

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if refusal := _refusal(file.size or 0):
            raise forms.ValidationError(refusal)
        return file


def _refusal(size: int) -> str:
    try:
        check_size(size)
    except FileUnreadable as error:
        return error.reason
    return ""


class DoiForm(forms.Form):
    """DOIs in any form."""

    dois = PlainTextField(
        label="DOI",
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=f"Uno o varios (hasta {MOST_DOIS}), en cualquier forma: sueltos, como direcciones o dentro de citas.",
    )


class PasteForm(forms.Form):
    """CSL-JSON, for where no service can be reached."""

    pasted = PlainTextField(
        label="CSL-JSON",
        max_length=LONGEST_PASTED,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="Lo que exporta Zotero como «CSL JSON», o lo que responde Crossref en api.crossref.org/works/…",
    )
