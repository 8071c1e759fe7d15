"""The fields that are said once of a study, in the words of the curators.

Rows are in `rows`, `finding_row` and `published_appraisal_row`; `sections` says where the page shows what.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from studies.admin.record_form.model_fields import line, short_text, text, whole_number
from studies.admin.shared.fields import (
    LinesField,
    NumbersField,
    PlainTextField,
    TermChoiceField,
    TermMultipleChoiceField,
    WebAddressField,
    YesNo,
)
from studies.models import Study, Vocabulary
from studies.text.bibliographic_ids import normalize_isbn, normalize_issn, normalize_pmid
from studies.text.identifiers import normalize_doi

LARGEST_SAMPLE = 10**12
LONGEST_SLUG = 120
MOST_WORDS_OF_DELIVERY = 50
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class StudyForm(forms.Form):
    """What is said once of a study. `taken` lists the ids of other studies by DOI and by slug, asked when checked."""

    title = text(Study, "title", "Tal como se publicó, en su idioma.", required=True, max_length=2_000)
    title_es = text(Study, "title_es", "El original, o una traducción llana si está en otro idioma.", max_length=2_000)
    title_en = text(Study, "title_en", "El original, o una traducción llana si está en otro idioma.", max_length=2_000)
    slug = line(
        Study,
        "slug",
        "Forma su dirección pública. Si lo deja vacío se propone uno con apellido, año y título. "
        "Ya no cambia después de la primera publicación.",
    )
    language = TermChoiceField(Vocabulary.LANGUAGES, label="Idioma de la publicación")
    year = whole_number("Año", "El año de la versión que se cita.", least=1, most=9_999)
    month = whole_number("Mes", "De 1 a 12, si se sabe.", least=1, most=12)
    day = whole_number("Día", "Solo junto con el mes.", least=1, most=31)
    type = TermChoiceField(Vocabulary.TYPES, label="Tipo de publicación")
    container_title = short_text(Study, "container_title", "La revista o el libro que lo contiene.", max_length=2_000)
    volume = line(Study, "volume")
    issue = line(Study, "issue")
    pages = line(Study, "pages", "Por ejemplo: 45-67.")
    publisher = short_text(Study, "publisher", max_length=2_000)
    place = line(Study, "place", "La ciudad de la editorial o institución.")
    edition = line(Study, "edition", "De un libro: 2, tercera.")
    conference = line(Study, "conference", "El nombre del congreso, si se presentó en uno.")
    number = line(Study, "number", "De un documento de trabajo o informe.")
    doi = line(Study, "doi", "En cualquier forma: 10.1234/abc o https://doi.org/10.1234/abc.", max_length=2_000)
    url = WebAddressField(
        label="Dirección en la web",
        required=False,
        max_length=2_000,
        help_text="Donde una persona puede leerlo: la del DOI o la de la página.",
    )
    issn = NumbersField(normalize_issn, "ISSN", "1234-5678", "De la revista o serie, uno por línea.")
    isbn = NumbersField(normalize_isbn, "ISBN", "978-0-306-40615-7", "Del libro, uno por línea.")
    pmid = line(Study, "pmid", "El número del artículo en PubMed, solo cifras.", label="PMID")
    open_copy = WebAddressField(
        label="Copia que se lee sin pagar",
        required=False,
        max_length=2_000,
        help_text="De un repositorio o de quien lo escribió, si la dirección de arriba no lo da completo.",
    )
    text_license = line(Study, "text_license", "Como la nombra la fuente: CC BY 4.0. No la suponga.")
    open_access = YesNo(
        label="Acceso libre",
        help_text="Si el texto completo se lee gratis en la dirección indicada o en otra de las fuentes.",
    )
    status = TermChoiceField(
        Vocabulary.STATUSES,
        label="Estado del estudio",
        help_text="Un protocolo sin resultados conocidos está en curso.",
    )

    themes = TermMultipleChoiceField(
        Vocabulary.THEMES, label="Temas", help_text="De uno a tres: los de sus intervenciones, si las hay."
    )
    exposures = TermMultipleChoiceField(
        Vocabulary.EXPOSURES,
        label="Exposiciones",
        help_text="Lo que se estudió y nadie ofreció como programa: una cuarentena, precios, un desastre, el propio "
        "trabajo de las mujeres. Una exposición no es una intervención.",
    )
    outcomes = TermMultipleChoiceField(Vocabulary.OUTCOMES, label="Resultados medidos", help_text="Lo que se midió.")
    populations = TermMultipleChoiceField(Vocabulary.POPULATIONS, label="Poblaciones", help_text="Para quiénes.")
    settings = TermMultipleChoiceField(Vocabulary.SETTINGS, label="Ámbitos", help_text="Dónde.")
    countries = TermMultipleChoiceField(
        Vocabulary.COUNTRIES,
        label="Países",
        help_text="Donde se hizo el estudio; ninguno en una revisión mundial o regional.",
    )
    data_sources = TermMultipleChoiceField(
        Vocabulary.DATA_SOURCES,
        label="De dónde vienen los datos",
        help_text="Si un servicio solo dio los datos (llamadas, denuncias, fichas), va aquí y no es una intervención.",
    )
    registration = LinesField(
        label="Registros del estudio",
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Registro y número, uno por línea: ClinicalTrials.gov NCT01165489.",
    )
    main_design = TermChoiceField(Vocabulary.DESIGNS, label="Diseño principal")
    other_designs = TermMultipleChoiceField(Vocabulary.DESIGNS, label="Otros diseños")
    programme = forms.ChoiceField(
        label="Programa",
        required=False,
        help_text="El que lleva nombre propio. Encuestas, leyes, instrumentos y nombres de ensayos no son programas.",
    )
    sample_size = whole_number(
        "Tamaño de la muestra",
        "Personas o unidades analizadas, o inscritas al inicio, como lo dice la fuente.",
        most=LARGEST_SAMPLE,
    )
    sample_unit = TermChoiceField(
        Vocabulary.SAMPLE_UNITS, label="Unidad de la muestra", help_text="Solo junto con el tamaño."
    )
    period = line(Study, "period", "Años de los datos o de la intervención: 2011-2012, 2020, o 2019- si sigue.")

    key_finding_es = text(
        Study, "key_finding_es", "Una oración de 8 a 22 palabras, sin punto final: lo que el estudio encontró."
    )
    key_finding_en = text(Study, "key_finding_en")
    summary_es = text(
        Study,
        "summary_es",
        "De 50 a 140 palabras propias y llanas: la pregunta, qué se hizo y con quiénes, qué se encontró. "
        "Nunca el resumen publicado.",
        rows=8,
    )
    summary_en = text(Study, "summary_en", rows=8)
    delivery_es = text(
        Study,
        "delivery_es",
        f"Quién hizo qué, cada cuánto, por cuánto tiempo y con cuántas personas: hasta {MOST_WORDS_OF_DELIVERY} "
        "palabras. En ambos idiomas o en ninguno.",
        rows=3,
    )
    delivery_en = text(Study, "delivery_en", rows=3)
    harms = TermChoiceField(
        Vocabulary.HARMS,
        label="¿Se buscaron daños?",
        not_chosen="Sin dato: nadie lo ha mirado todavía",
        help_text="«No se dice» es haber leído la fuente y no encontrar nada sobre daños.",
    )
    harms_es = text(Study, "harms_es", "Solo si la fuente dice más. En ambos idiomas o en ninguno.")
    harms_en = text(Study, "harms_en")
    harms_about = TermMultipleChoiceField(
        Vocabulary.INTERVENTIONS,
        is_guided=False,
        label="A qué intervenciones se deben",
        help_text="Solo si los daños son de una parte de las intervenciones del estudio.",
    )
    limitations_es = text(
        Study,
        "limitations_es",
        "Una oración, si la dicen sus autores o quien lo revisó. En ambos idiomas o en ninguno.",
    )
    limitations_en = text(Study, "limitations_en")
    note_es = text(
        Study,
        "note_es",
        "Lo que el banco mismo advierte sobre el registro, y la página lo muestra como suyo. "
        "En ambos idiomas o en ninguno.",
    )
    note_en = text(Study, "note_en")
    includes = LinesField(
        label="Estudios del banco que incluye",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Solo de una revisión: el identificador o la dirección de la página de cada estudio que dice "
        "incluir, uno por línea.",
    )

    note = PlainTextField(
        label="Motivo del cambio",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Queda en la historia del estudio.",
    )
    seen_no = forms.IntegerField(required=False, min_value=0, max_value=10**15, widget=forms.HiddenInput)

    def __init__(self, *args: Any, study: Study | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.study = study
        for name in ("delivery_es", "delivery_en"):
            self.fields[name].widget.attrs["data-most-words"] = MOST_WORDS_OF_DELIVERY
        if study is not None and study.published_at is not None:
            self.fields["slug"].disabled = True

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug and not _SLUG.fullmatch(slug):
            raise ValidationError("Use solo minúsculas sin tilde, cifras y guiones sueltos: quispe-2021-hogares.")
        if slug and self._others().filter(slug=slug).exists():
            raise ValidationError("Otro estudio ya tiene este identificador.")
        return slug

    def clean_doi(self) -> str:
        typed: str = self.cleaned_data["doi"]
        if not typed:
            return ""
        doi = normalize_doi(typed)
        if doi is None or len(doi) > 250:
            raise ValidationError("No es un DOI. Empieza con 10. y tiene una barra: 10.1234/abc.")
        if other := self._others().filter(doi=doi).first():
            raise ValidationError("Este DOI ya es del estudio «%(other)s».", params={"other": other.slug})
        return doi

    def clean_pmid(self) -> str:
        typed: str = self.cleaned_data["pmid"]
        if not typed:
            return ""
        pmid = normalize_pmid(typed)
        if pmid is None:
            raise ValidationError("No es un número de PubMed: solo cifras, como 31217198.")
        return pmid

    def clean_registration(self) -> list[str]:
        registers: list[str] = self.cleaned_data["registration"]
        if long := next((entry for entry in registers if len(entry) > 120), None):
            raise ValidationError("Un registro lleva hasta 120 signos: «%(entry)s…».", params={"entry": long[:60]})
        return registers

    def clean_includes(self) -> list[str]:
        """Return slugs, also of what was pasted as the address of a study's page."""
        slugs = [entry.rstrip("/").rpartition("/")[2] for entry in self.cleaned_data["includes"]]
        for slug in slugs:
            if not _SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
                raise ValidationError("No es el identificador de un estudio: «%(slug)s».", params={"slug": slug[:60]})
        return list(dict.fromkeys(slugs))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_told = any(data.get(name) for name in ("harms_es", "harms_en", "harms_about"))
        if is_told and not data.get("harms") and "harms" not in self.errors:
            self.add_error("harms", "Elija si se hallaron daños: más abajo se habla de ellos.")
        if data.get("sample_unit") and data.get("sample_size") is None and "sample_size" not in self.errors:
            self.add_error("sample_size", "Escriba el tamaño, o deje la unidad sin dato.")
        if data.get("day") and not data.get("month") and "month" not in self.errors:
            self.add_error("month", "Elija el mes, o deje el día sin dato.")
        if data.get("main_design") and data["main_design"] in data.get("other_designs", ()):
            self.add_error("other_designs", "El diseño principal no se marca otra vez aquí.")
        if data.get("other_designs") and not data.get("main_design") and "main_design" not in self.errors:
            self.add_error("main_design", "Elija cuál es el principal.")
        return data

    def _others(self) -> Any:
        return Study.objects.exclude(pk=self.study.pk if self.study else 0)
