"""The models of the studies app. Rules that a database can hold are constraints here, with names."""

from studies.models.answers import Baseline, PriorityOutcome
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
from studies.models.learning import Decision, PolicyQuestion, QuestionSearch, RestsOnStudies, SeenUntil
from studies.models.links import LinkCheck
from studies.models.review import Check, Note, Proposal, ProposalStep
from studies.models.reviewed_texts import (
    GRADE_DOMAINS,
    CertaintyJudgement,
    Conclusion,
    ConclusionSentence,
    ReviewedText,
    SafetyNote,
)
from studies.models.study import Authorship, Cost, Finding, Inclusion, Source, Stage, Study, StudyTerm
from studies.models.vocabulary import Concept, Term, Vocabulary

__all__ = [
    "GRADE_DOMAINS",
    "Appraisal",
    "Assessment",
    "Authorship",
    "BankCounter",
    "Baseline",
    "BulkChange",
    "BulkItem",
    "CertaintyJudgement",
    "Check",
    "Concept",
    "Conclusion",
    "ConclusionSentence",
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
    "PriorityOutcome",
    "Programme",
    "ProgrammeStudy",
    "Proposal",
    "ProposalStep",
    "PublishedAppraisal",
    "QuestionSearch",
    "RestsOnStudies",
    "ReviewedText",
    "Revision",
    "SafetyNote",
    "SeenUntil",
    "Source",
    "Stage",
    "Study",
    "StudyFeatures",
    "StudyTerm",
    "Term",
    "Vocabulary",
]
