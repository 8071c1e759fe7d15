"""The tables behind answers in the exchange format: which outcomes come first, and baselines. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from studies.records.json_fields import Number, SlugReader, TextReader, read_flag, read_slug, whole_number_reader
from studies.records.json_record import Field, Record
from studies.records.json_record import gettext_noop as _


@dataclass(frozen=True, slots=True)
class PriorityRecord(Record):
    """An outcome that answers show before all others: on every page, or on the pages of one theme."""

    outcome: Annotated[str, Field(_("código del resultado"), SlugReader(80))]
    position: Annotated[int, Field(_("orden, de menor a mayor"), whole_number_reader(32_767))]
    theme: Annotated[
        str | None, Field(_("código del tema, si solo es prioritario en uno; vacío: en todos"), SlugReader(80))
    ] = None


@dataclass(frozen=True, slots=True)
class BaselineRecord(Record):
    """How many in a hundred lived an outcome in a window of time, as a survey says."""

    id: Annotated[str, Field(_("identificador"), read_slug)]
    outcome: Annotated[str, Field(_("código del resultado"), SlugReader(80))]
    window: Annotated[str, Field(_("periodo por el que se pregunta: last-12-months, ever"), TextReader(20))]
    percent: Annotated[Number, Field(_("porcentaje de quienes respondieron"))]
    year: Annotated[int, Field(_("año de la encuesta"), whole_number_reader(9_999))]
    asked_es: Annotated[str, Field(_("a quién se pregunta, en español"), TextReader(300))]
    asked_en: Annotated[str, Field(_("a quién se pregunta, en inglés"), TextReader(300))]
    source_name: Annotated[str, Field(_("encuesta y quién la hace"), TextReader(300))]
    url: Annotated[str, Field(_("dirección de la página donde se leyó"), TextReader(2_000))]
    from_press: Annotated[bool, Field(_("si se leyó en la prensa y no en el cuadro de la encuesta"), read_flag)]
    form: Annotated[
        str | None,
        Field(_("formas de violencia que junta, si junta varias: physical-or-sexual, any-form"), TextReader(20)),
    ] = None
    note_es: Annotated[str | None, Field(_("nota en español"))] = None
    note_en: Annotated[str | None, Field(_("nota en inglés"))] = None
