"""What stands under the statement of a finding: what it tests, who is compared with whom, who said it. No query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from studies.records.finding import FindingRecord
from studies.records.study import COMPONENT, REVIEWED, TESTED_ROLES, StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.normalize import lower_first
from studies.text.numbers import format_number

SUBJECT_ROLES = TESTED_ROLES | {REVIEWED}
"""The roles of an intervention that a finding can be about. Others it can only describe."""


@dataclass(frozen=True, slots=True)
class FindingNote:
    """A named fact on a finding, or a sentence without a name. `words` are the record's own, in their language."""

    label: str
    text: str
    words: LocalizedText | None = None


def finding_notes(
    finding: FindingRecord, record: StudyRecord, vocabulary: Vocabularies, language: str
) -> tuple[FindingNote, ...]:
    """Return what the record says of a finding beside its statement and its numbers, in the order of reading."""
    return (
        *_subject(finding, record, vocabulary, language),
        *_groups(finding, vocabulary, language),
        *_analysis(finding, language),
    )


def tests_nothing(record: StudyRecord) -> bool:
    """Return True if the record says of every finding that it tests no intervention."""
    return bool(record.findings) and all(finding.about == () for finding in record.findings)


def qualifier_text(finding: FindingRecord, language: str) -> str:
    """Return arm and subgroup in few words, to tell findings on one outcome apart; "" without any."""
    texts = (
        choose_text(finding.arm_es, finding.arm_en, language),
        choose_text(finding.subgroup_es, finding.subgroup_en, language),
    )
    return ", ".join(text.text for text in texts if text)


def _subject(
    finding: FindingRecord, record: StudyRecord, vocabulary: Vocabularies, language: str
) -> Iterator[FindingNote]:
    if finding.about is None:
        return
    if not finding.about:
        # Where it holds of all findings, their table says it once.
        if not tests_nothing(record):
            yield FindingNote("", _("No pone a prueba ninguna intervención."))
        return
    roles = {each.code: each.role for each in record.interventions}
    subjects = [code for code in finding.about if roles.get(code) in SUBJECT_ROLES]
    if subjects and set(subjects) != {code for code, role in roles.items() if role in SUBJECT_ROLES}:
        in_package = all(roles[code] == COMPONENT for code in subjects)
        if any(roles[code] == REVIEWED for code in subjects):
            label = _("Sobre")
        else:
            label = _("Pone a prueba, como parte de un paquete") if in_package else _("Pone a prueba")
        yield FindingNote(label, _names(subjects, vocabulary, language))
    for text, codes in (
        (_("Describe, sin poner a prueba"), [c for c in finding.about if roles.get(c) not in (*SUBJECT_ROLES, None)]),
        (_("Papel sin decidir"), [code for code in finding.about if roles.get(code) is None]),
    ):
        if codes:
            yield FindingNote(text, _names(codes, vocabulary, language))


def _groups(finding: FindingRecord, vocabulary: Vocabularies, language: str) -> Iterator[FindingNote]:
    arm = choose_text(finding.arm_es, finding.arm_en, language)
    if arm:
        yield FindingNote(_("Grupo"), "", arm)
    subgroup = choose_text(finding.subgroup_es, finding.subgroup_en, language)
    if subgroup:
        yield FindingNote(_("Para"), "", subgroup)
    words = choose_text(finding.comparator_es, finding.comparator_en, language)
    if finding.comparator or words:
        kind = vocabulary.label("comparators", finding.comparator, language) if finding.comparator else ""
        yield FindingNote(_("El otro grupo"), lower_first(kind), words)
    if finding.reporter:
        reporter = vocabulary.label("reporters", finding.reporter, language)
        yield FindingNote(_("Quién dio el dato"), lower_first(reporter))


def _analysis(finding: FindingRecord, language: str) -> Iterator[FindingNote]:
    if finding.primary is not None:
        yield FindingNote(
            "", _("Resultado principal, según los autores.") if finding.primary else _("No es un resultado principal.")
        )
    if finding.n is not None:
        yield FindingNote(_("Analizados"), format_number(finding.n, language))
    if finding.adjusted is not None:
        yield FindingNote("", _("Estimación ajustada.") if finding.adjusted else _("Estimación sin ajustar."))
    if finding.se is not None:
        yield FindingNote(_("Error estándar"), format_number(finding.se, language))
    if finding.higher_is and finding.value is not None:
        better = finding.higher_is == "better"
        yield FindingNote("", _("Un valor más alto es mejor.") if better else _("Un valor más alto es peor."))


def _names(codes: list[str], vocabulary: Vocabularies, language: str) -> str:
    # Names hold commas and "and" themselves.
    return "; ".join(lower_first(vocabulary.label("interventions", code, language)) for code in codes)
