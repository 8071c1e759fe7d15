"""The schemas of all answers, for the OpenAPI document only: `answers` builds the bodies.

Those of records are generated from the dataclasses of records and the data dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    DateTimeField,
    DictField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    Serializer,
    SlugField,
    URLField,
)

from search.api.collections import COLLECTIONS
from search.api.parameters import YEARS
from search.api.problems import PROBLEM_KINDS
from search.criteria.facets import FACETS
from studies.models import Stage
from studies.records.dictionary import meanings_of
from studies.records.finding import FindingRecord
from studies.records.json_fields import LONGEST_SLUG
from studies.records.json_record import Record, fields_of
from studies.records.study import StudyRecord, TermRecord

if TYPE_CHECKING:
    from search.api.collections import ApiCollection

_CHOOSABLE = frozenset(
    {
        *(StudyRecord, FindingRecord),
        *(record for each in COLLECTIONS.values() for record in (each.record, each.item_record)),
    }
)
"""The records of answers, of which the parameter `fields` chooses some fields."""

_FIELDS = {str: CharField, int: IntegerField, float: FloatField, bool: BooleanField}


@cache
def serializer_for(record: type[Record]) -> type[Serializer]:
    """Return the serializer of a record.

    A record leaves out what is unknown, so only fields that are always written are required; of a record of which
    `fields` may leave any out, none is.
    """
    fields = {}
    for key, meaning in meanings_of(record).items():
        field = fields_of(record)[key]
        is_always_written = key in record._always_written
        is_required = (field.is_required or is_always_written) and record not in _CHOOSABLE
        options = {"required": is_required, "help_text": meaning}
        if is_always_written and not field.is_required and not field.is_list:
            options["allow_null"] = True
        fields[key] = _field(field.type, **options)
    return type(record.__name__, (Serializer,), fields)


def _field(of_type: Any, **options: Any) -> Field:
    if get_origin(of_type) is Mapping:
        return DictField(child=CharField(), **options)
    if get_origin(of_type) is not tuple:
        return _FIELDS[of_type](**options)
    entry = get_args(of_type)[0]
    if entry is str:
        return ListField(child=CharField(), **options)
    return serializer_for(entry)(many=True, **options)


def _count(**options: Any) -> IntegerField:
    return IntegerField(min_value=0, **options)


class TextsSerializer(Serializer):
    es = CharField()
    en = CharField()


class PagesSerializer(Serializer):
    es = URLField()
    en = URLField()


class LinksSerializer(Serializer):
    self = URLField()
    html = PagesSerializer()


class BankSerializer(Serializer):
    change = _count()
    changed_at = DateTimeField()


class StudySerializer(Serializer):
    id = SlugField(max_length=LONGEST_SLUG)
    change = _count()
    changed_at = DateTimeField()
    published_at = DateTimeField()
    links = LinksSerializer()
    record = serializer_for(StudyRecord)()


class ListLinksSerializer(LinksSerializer):
    first = URLField()
    previous = URLField(allow_null=True)
    next = URLField(allow_null=True)
    last = URLField(allow_null=True)


class WalkLinksSerializer(LinksSerializer):
    first = URLField()
    next = URLField(allow_null=True)


class CollectionLinksSerializer(WalkLinksSerializer):
    html = PagesSerializer(allow_null=True)


class EntryOfCollectionLinksSerializer(LinksSerializer):
    html = PagesSerializer(allow_null=True, help_text=_("Nulo si no tiene página."))


class ConceptSerializer(Serializer):
    concept = CharField()
    words = inline_serializer("Word", {"text": CharField(), "language": ChoiceField(("es", "en"))}, many=True)


class UnderstoodSerializer(Serializer):
    concepts = ConceptSerializer(many=True, help_text=_("Lo que el tesauro añadió a las palabras; «without» lo quita."))
    notes = ListField(child=CharField(), help_text=_("Lo que no se tomó tal como vino en «q»."))


class CodeSerializer(Serializer):
    parameter = CharField()
    code = CharField()


class OptionSerializer(CodeSerializer, TextsSerializer):
    count = _count()


class FacetSerializer(TextsSerializer):
    options = OptionSerializer(many=True)


class StudyListSerializer(Serializer):
    bank = BankSerializer()
    total = _count(allow_null=True, help_text=_("Estudios de la lista; nulo mientras no hay índice."))
    page = IntegerField(allow_null=True, help_text=_("Nulo en una lista que se recorre con «cursor»."))
    page_size = IntegerField()
    page_count = _count(allow_null=True)
    links = ListLinksSerializer()
    understood = UnderstoodSerializer()
    unknown_codes = CodeSerializer(
        many=True,
        help_text=_("Códigos que ningún vocabulario tiene: no se usan junto a otros; solos, no dan nada."),
    )
    ignored_parameters = ListField(child=CharField(), help_text=_("Parámetros que aquí no significan nada."))
    results = StudySerializer(many=True)
    facets = inline_serializer(
        "Facets",
        {
            **{facet.name: FacetSerializer(required=False) for facet in FACETS},
            YEARS: inline_serializer("Year", {"year": IntegerField(), "count": _count()}, many=True, required=False),
        },
        required=False,
        allow_null=True,
        help_text=_("Solo si se pidieron; nulo mientras no hay índice."),
    )


class FindingSerializer(Serializer):
    study = SlugField(max_length=LONGEST_SLUG)
    position = IntegerField(help_text=_("Lugar del hallazgo en su estudio, desde 1."))
    change = _count()
    changed_at = DateTimeField()
    links = LinksSerializer()
    record = serializer_for(FindingRecord)()


class WalkSerializer(Serializer):
    """The members that all lists have which are walked by a cursor."""

    bank = BankSerializer()
    total = _count()
    page_size = IntegerField()
    links = WalkLinksSerializer()
    ignored_parameters = ListField(child=CharField(), help_text=_("Parámetros que aquí no significan nada."))


class FindingListSerializer(WalkSerializer):
    unknown_codes = CodeSerializer(many=True)
    results = FindingSerializer(many=True)


class ChangeSerializer(Serializer):
    id = SlugField(max_length=LONGEST_SLUG)
    change = _count()
    changed_at = DateTimeField()
    state = ChoiceField((Stage.PUBLISHED.value, Stage.WITHDRAWN.value, Stage.MERGED.value))
    merged_into = CharField(allow_null=True, help_text=_("El estudio que tomó su lugar."))
    links = LinksSerializer()


class ChangeListSerializer(WalkSerializer):
    results = ChangeSerializer(many=True)


def collection_serializers(collection: ApiCollection) -> tuple[type[Serializer], type[Serializer]]:
    """Return the shapes of a collection's list and of one of its entries."""
    item = _entry_serializer(collection, collection.item_record)
    entry = item if collection.item is None else _entry_serializer(collection, collection.record)
    name = f"{collection.singular.title()}ListSerializer"
    members = {"links": CollectionLinksSerializer(), "results": entry(many=True)}
    return type(name, (WalkSerializer,), members), item


def _entry_serializer(collection: ApiCollection, record: Any) -> type[Serializer]:
    kind = collection.singular.title()
    name = f"{kind}EntrySerializer" if record is collection.item_record else f"{kind}ListEntrySerializer"
    members = {
        "id": SlugField(max_length=LONGEST_SLUG),
        "links": EntryOfCollectionLinksSerializer(),
        "record": serializer_for(record)(),
    }
    return type(name, (Serializer,), members)


class VocabularyTermSerializer(Serializer):
    term = serializer_for(TermRecord)()
    retired = BooleanField(help_text=_("Ya no se usa en registros nuevos."))
    merged_into = CharField(allow_null=True, help_text=_("Código del término que ahora dice lo mismo."))


class VocabularySerializer(TextsSerializer):
    code = CharField()
    parameter = CharField(allow_null=True, help_text=_("Criterio que lleva estos códigos."))
    terms = VocabularyTermSerializer(many=True)


class TaxonomySerializer(Serializer):
    number = _count(help_text=_("Versión de los vocabularios."))
    links = LinksSerializer()
    vocabularies = VocabularySerializer(many=True)


class EntryLinksSerializer(Serializer):
    studies = URLField()
    findings = URLField()
    interventions = URLField()
    evaluations = URLField()
    programmes = URLField()
    questions = URLField()
    thesaurus = URLField()
    changes = URLField()
    taxonomy = URLField()
    schema = URLField()
    documentation = PagesSerializer()
    data = PagesSerializer()


class EntrySerializer(Serializer):
    name = CharField()
    bank = BankSerializer()
    licence = inline_serializer("Licence", {"name": CharField(), "url": URLField()})
    caution = TextsSerializer()
    links = EntryLinksSerializer()


@extend_schema_field(OpenApiTypes.URI_REF)
class _KindField(CharField):
    """The address that names a kind of problem."""


class ProblemSerializer(Serializer):
    # RFC 9457. Members that only some kinds have are not required.
    type = _KindField(help_text=_("Dirección que nombra la clase."))
    title = CharField()
    status = ChoiceField(sorted({kind.status for kind in PROBLEM_KINDS.values()}))
    detail = CharField()
    errors = inline_serializer("Fault", {"parameter": CharField(), "detail": CharField()}, many=True, required=False)
    reason = CharField(required=False, help_text=_("Por qué se retiró el estudio."))
