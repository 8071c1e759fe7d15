"""The only bridge between rows and records of the exchange format (R1)."""

from studies.exchange.appraisal import (
    INSTRUMENT_PARTS,
    instrument_record,
    is_in_use,
    save_instrument,
)
from studies.exchange.errors import ExchangeError, UnknownTerm
from studies.exchange.evidence import (
    evaluation_record,
    programme_record,
    save_evaluation,
    save_programme,
    save_programme_studies,
)
from studies.exchange.merged import MergedCodes
from studies.exchange.study import (
    LISTS,
    create_records,
    folded_words,
    insert_below,
    rows_below,
    save_record,
    set_columns,
    to_bibliography,
    to_record,
)
from studies.exchange.vocabulary import concept_record, record_of_view, save_concept, save_term, term_record

__all__ = [
    "INSTRUMENT_PARTS",
    "LISTS",
    "ExchangeError",
    "MergedCodes",
    "UnknownTerm",
    "concept_record",
    "create_records",
    "evaluation_record",
    "folded_words",
    "insert_below",
    "instrument_record",
    "is_in_use",
    "programme_record",
    "record_of_view",
    "rows_below",
    "save_concept",
    "save_evaluation",
    "save_instrument",
    "save_programme",
    "save_programme_studies",
    "save_record",
    "save_term",
    "set_columns",
    "term_record",
    "to_bibliography",
    "to_record",
]
