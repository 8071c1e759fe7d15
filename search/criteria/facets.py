"""The registry of facets, in the order of the search page, and the parameters that only one facet needs.

A new facet is an object here, or a class in a module of its own, and one line in `FACETS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from search.contract import NOT_STATED, FacetParameters
from search.criteria.facet import CodedStudy, CodeParameter, Facet
from search.criteria.finding_terms import Effects, NamedFindingField
from search.criteria.interventions import Interventions, Roles, Studied
from search.criteria.term_parameters import ParentTerms, StudyField, StudyTerms, TermParameter
from search.query.names import NamedCode
from studies.models import Appraisal, PublishedAppraisal
from studies.records.published_appraisal import BIAS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.store.vocabularies import ProgrammeView, Vocabularies

LATIN_AMERICA = ("andean", "latin-america-caribbean", "peru")
"""The regions that make up Latin America: in the vocabulary, Peru and the Andes are regions of their own."""

_LATIN_AMERICA_NAMES = (
    "América Latina",
    "América Latina y el Caribe",
    "Latinoamérica",
    "Latin America",
    "Latin America and the Caribbean",
)
"""The names of all three together, which no term of the vocabulary has."""


class _Countries(StudyTerms):
    """The countries of a study; a study of many countries states none."""

    not_stated_label = _("Varios países o sin dato")


class _Regions(ParentTerms):
    """The regions of the countries of a study, some of which share a name."""

    description = _("Región: códigos de «{vocabulary}».")
    not_stated_label = _Countries.not_stated_label

    def names(self, vocabularies: Vocabularies) -> Iterator[NamedCode]:
        yield from super().names(vocabularies)
        for region in LATIN_AMERICA:
            yield NamedCode(self.name, region, _LATIN_AMERICA_NAMES)


class _DesignFamilies(ParentTerms):
    """The families of the designs of a study."""

    description = _("Tipo de diseño: códigos de «{vocabulary}».")


class _OpenAccess(CodeParameter):
    """Whether the text is free to read. A record that does not say has the code "unknown"."""

    description = _("{label}: yes, no o unknown.")
    not_stated = "unknown"
    _LABELS = {"yes": _("Sí"), "no": _("No"), not_stated: CodeParameter.not_stated_label}
    _CODES = {True: "yes", False: "no"}

    def codes(self, vocabularies: Vocabularies) -> tuple[str, ...]:
        return tuple(self._LABELS)

    def current_code(self, code: str, vocabularies: Vocabularies) -> str | None:
        return code if code in self._LABELS else None

    def label(self, code: str, vocabularies: Vocabularies, language: str) -> str:
        return str(self._LABELS.get(code, code))

    def stated_codes(self, study: CodedStudy) -> Iterable[str]:
        is_open = study.record.open_access
        return () if is_open is None else (self._CODES[is_open],)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(open_access__in=[value for value, code in self._CODES.items() if code in codes])

    def missing_condition(self) -> Q:
        return Q(open_access__isnull=True)


class _RiskOfBias(TermParameter):
    """The risk of bias of a study: by the bank's appraisal for the main design, and by those that others published.

    Of others only judgements of bias count. A study has several codes if they disagree.
    """

    not_stated = "not-appraised"

    def stated_codes(self, study: CodedStudy) -> Iterable[str]:
        own = (appraisal.risk_of_bias for appraisal in study.record.own_appraisals[:1])
        published = (each.risk_of_bias for each in study.record.appraisals if each.judges == BIAS)
        # An instrument may also end in "no information", which is the same term.
        return (code for code in (*own, *published) if code and code != self.not_stated)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        judged = {"risk_of_bias__code__in": codes}
        return Q(Exists(self._own().filter(**judged)) | Exists(self._published().filter(**judged)))

    def missing_condition(self) -> Q:
        judged = Q(risk_of_bias__isnull=False) & ~Q(risk_of_bias__code=self.not_stated)
        return ~Q(Exists(self._own().filter(judged)) | Exists(self._published().filter(judged)))

    def _own(self) -> QuerySet[Appraisal]:
        return Appraisal.objects.filter(study=OuterRef("pk"), position=0)

    def _published(self) -> QuerySet[PublishedAppraisal]:
        return PublishedAppraisal.objects.filter(study=OuterRef("pk"), judges=BIAS)


class _ProgrammeSlugs(CodeParameter):
    """The programme of a study. A programme whose name is not public yet is unknown here."""

    description = _("{label}: su identificador, el de la página de búsqueda.")

    def codes(self, vocabularies: Vocabularies) -> tuple[str, ...]:
        return (*(programme.slug for programme in self._named(vocabularies)), NOT_STATED)

    def current_code(self, code: str, vocabularies: Vocabularies) -> str | None:
        return code if code == NOT_STATED or self._find(code, vocabularies) else None

    def label(self, code: str, vocabularies: Vocabularies, language: str) -> str:
        if code == NOT_STATED:
            return str(self.not_stated_label)
        programme = self._find(code, vocabularies)
        return programme.label(language) if programme else code

    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        return (study.programme,)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(programme__slug__in=codes)

    def missing_condition(self) -> Q:
        return Q(programme__isnull=True)

    def names(self, vocabularies: Vocabularies) -> Iterator[NamedCode]:
        for programme in self._named(vocabularies):
            texts = (programme.name, programme.name_es, programme.name_en, *programme.aliases)
            yield NamedCode(self.name, programme.slug, tuple(dict.fromkeys(texts)))

    def _named(self, vocabularies: Vocabularies) -> Iterator[ProgrammeView]:
        return (programme for programme in vocabularies.programmes if programme.is_named)

    def _find(self, slug: str, vocabularies: Vocabularies) -> ProgrammeView | None:
        programme = vocabularies.programme_by_slug.get(slug)
        return programme if programme and programme.is_named else None


FACETS = (
    Facet("theme", _("Tema"), (StudyTerms("theme", "themes"),)),
    Facet("studied", _("Qué se estudió"), (Studied("studied"),)),
    Facet(
        "effect",
        _("Efecto, según los autores"),
        (Effects("effect", "effects"),),
        hint=_(
            "El de la intervención, si el estudio evalúa alguna, y no el de un factor. Con un resultado elegido, el de "
            "ese resultado."
        ),
    ),
    Facet(
        "intervention",
        _("Intervención"),
        (Interventions("intervention", "interventions"),),
        hint=_("Con cualquier papel: también los estudios que solo la describen."),
        grouped_by="themes",
    ),
    Facet(
        "role",
        _("Papel de la intervención"),
        (Roles("role", "roles"),),
        hint=_("Con una intervención elegida, el papel es el de esa intervención."),
    ),
    Facet(
        "exposure",
        _("Factor estudiado"),
        (StudyTerms("exposure", "exposures"),),
        hint=_("Lo que vivieron las personas y nadie ofreció como programa."),
    ),
    Facet("outcome", _("Resultado medido"), (StudyTerms("outcome", "outcomes"),), grouped_by="outcome_groups"),
    Facet(
        "design",
        _("Diseño"),
        (_DesignFamilies("design_family", "design_families", "designs"), StudyTerms("design", "designs")),
    ),
    Facet(
        "country",
        _("País"),
        (
            _Regions("region", "regions", "countries"),
            _Countries("country", "countries"),
        ),
        home=("peru", "PE"),
    ),
    Facet("population", _("Población"), (StudyTerms("population", "populations"),)),
    Facet("setting", _("Ámbito"), (StudyTerms("setting", "settings"),)),
    Facet("data_source", _("De dónde vienen los datos"), (StudyTerms("data_source", "data_sources"),)),
    Facet("reporter", _("Quién dio el dato"), (NamedFindingField("reporter", "reporters"),)),
    Facet("type", _("Tipo de publicación"), (StudyField("type", "types"),)),
    Facet("language", _("Idioma del texto"), (StudyField("language", "languages"),)),
    Facet("status", _("Estado del estudio"), (StudyField("status", "statuses"),)),
    Facet("open_access", _("Acceso libre"), (_OpenAccess("open_access"),)),
    Facet("risk_of_bias", _("Calidad"), (_RiskOfBias("risk_of_bias", "risk_of_bias"),)),
    Facet("programme", _("Programa"), (_ProgrammeSlugs("programme"),)),
)

PARAMETERS: Mapping[str, CodeParameter] = {
    parameter.name: parameter for facet in FACETS for parameter in facet.code_parameters
}
FACET_OF = {parameter: facet for facet in FACETS for parameter in facet.parameters}
FACET_PARAMETERS: FacetParameters = {facet.name: facet.parameters for facet in FACETS}
"""The names of facets and parameters, which an engine is given."""
