"""The models of the studies app. Rules that a database can hold are constraints here, with names."""

from studies.models.appraisal import (
    Appraisal,
    Assessment,
    Instrument,
    InstrumentDomain,
    InstrumentLevel,
    PublishedAppraisal,
)
from studies.models.bulk import BulkChange, BulkItem
from studies.models.duplicates import DuplicatePair, DuplicateSearch, Merge, NotDuplicate, StudyFeatures
from studies.models.evidence import Evaluation, EvaluationStudy, Programme, ProgrammeStudy
from studies.models.history import BankCounter, Revision
from studies.models.imports import ImportBatch, ImportRow
from studies.models.learning import Decision, PolicyQuestion, QuestionSearch, RestsOnStudies
from studies.models.links import LinkCheck
from studies.models.review import Check, Note, Proposal, ProposalStep
from studies.models.study import Authorship, Cost, Finding, Inclusion, Source, Stage, Study, StudyTerm
from studies.models.vocabulary import Concept, Term, Vocabulary

__all__ = [
    "Appraisal",
    "Assessment",
    "Authorship",
    "BankCounter",
    "BulkChange",
    "BulkItem",
    "Check",
    "Concept",
    "Cost",
    "Decision",
    "DuplicatePair",
    "DuplicateSearch",
    "Evaluation",
    "EvaluationStudy",
    "Finding",
    "ImportBatch",
    "ImportRow",
    "Inclusion",
    "Instrument",
    "InstrumentDomain",
    "InstrumentLevel",
    "LinkCheck",
    "Merge",
    "NotDuplicate",
    "Note",
    "PolicyQuestion",
    "Programme",
    "ProgrammeStudy",
    "Proposal",
    "ProposalStep",
    "PublishedAppraisal",
    "QuestionSearch",
    "RestsOnStudies",
    "Revision",
    "Source",
    "Stage",
    "Study",
    "StudyFeatures",
    "StudyTerm",
    "Term",
    "Vocabulary",
]
