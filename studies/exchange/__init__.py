"""The only bridge between rows and records of the exchange format (R1)."""

from studies.exchange.errors import ExchangeError, UnknownTerm
from studies.exchange.evidence import (
    evaluation_record,
    programme_record,
    save_evaluation,
    save_programme,
    save_programme_studies,
)
from studies.exchange.study import LISTS, folded_words, save_record, to_record
from studies.exchange.vocabulary import concept_record, save_concept, save_term, term_record

__all__ = [
    "LISTS",
    "ExchangeError",
    "UnknownTerm",
    "concept_record",
    "evaluation_record",
    "folded_words",
    "programme_record",
    "save_concept",
    "save_evaluation",
    "save_programme",
    "save_programme_studies",
    "save_record",
    "save_term",
    "term_record",
    "to_record",
]
