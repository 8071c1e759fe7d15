"""The table of studies of a brief that has no effect to tell: what each one is, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from search.web.brief.blocks import BriefRun, BriefRuns, Citation, TableBlock, TableCell, TableColumn, runs_of
from search.web.brief.references import CitedStudies
from search.web.evidence.basis import Basis
from search.web.evidence.sentences import parse_sentence
from search.web.evidence.uses import use_label
from studies.citations.names import format_short_authors, join_with_and
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import STRENGTHS, Evidence, StudyEvidence, classify_design
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.tables import Tally, group_by_work
from studies.synthesis.uses import Use
from studies.text.bilingual import choose_text
from studies.text.numbers import format_number

_COUNTRIES_SHOWN = 3


def studies_table(
    basis: Basis,
    total: Tally,
    most: int,
    all_studies: str,
    uses: Mapping[Use, Sequence[StudyEvidence]] | None = None,
) -> tuple[TableBlock | None, CitedStudies]:
    """Return the table of at most `most` studies, None of none, and the studies that it cites.

    `all_studies` is their number with its noun and the link behind it. `uses` groups the studies around an intervention
    that nobody evaluated: then the table says what each does with it.
    """
    use_of = {study.id: use for use, own in (uses or {}).items() for study in own}
    in_order = (
        [study for own in uses.values() for study in own]
        if uses is not None
        else order_nearest_first(total, basis.evidence)
    )
    shown = in_order[:most]
    cited = CitedStudies.of(shown, basis)
    shown = [study for study in shown if study.id in cited.numbers]
    if not shown:
        return None, cited
    columns = [TableColumn(_("Estudio"), 34), TableColumn(_("Lugar"), 24, is_labelled=True)]
    columns.append(TableColumn(_("Diseño"), 30, is_labelled=True))
    if uses is not None:
        columns.append(TableColumn(_("Qué hace"), 36))
    columns.append(TableColumn(_("Hallazgo principal"), 50 if uses is not None else 86))
    rows = tuple(
        study_cells(
            cited.records[study.id], cited.numbers[study.id], basis.vocabulary, basis.language, use_of.get(study.id)
        )
        for study in shown
    )
    note = _left_out(len(shown), len(in_order), all_studies, basis.language, has_uses=uses is not None)
    return TableBlock(_caption(shown, basis.language, has_uses=uses is not None), tuple(columns), rows, note), cited


def order_nearest_first(tally: Tally, evidence: Evidence) -> list[StudyEvidence]:
    """Return the studies of a tally in order: evaluations first, by nearness to Peru, strength of design and year.

    Each work comes first with one study. The works' other studies follow after all of these.
    """
    ranks: dict[int, tuple[int, bool, int, int, int, str]] = {}
    for group in group_by_work(tally, evidence):
        design = STRENGTHS.index(classify_design(group.work))
        members = sorted(group.studies, key=lambda study: (study.nearness, -study.year, study.id))
        for place, study in enumerate(members):
            own = (place, not group.is_evaluation, study.nearness, design, -study.year, study.id)
            # A study of several trials stands where the first of them puts it.
            ranks[study.key] = min(own, ranks.get(study.key, own))
    return sorted((evidence.studies[key] for key in ranks), key=lambda study: ranks[study.key])


def study_cells(
    record: StudyRecord, number: int, vocabulary: Vocabularies, language: str, use: Use | None
) -> tuple[TableCell, ...]:
    """Return a study as a row of the table. `number` is that of its reference."""
    countries = [vocabulary.label("countries", code, language) for code in record.countries]
    if not countries:
        place = _("Varios países o sin dato")
    else:
        place = join_with_and(countries, language) if len(countries) <= _COUNTRIES_SHOWN else _("Varios países")
    design = vocabulary.label("designs", record.designs[0], language) if record.designs else ""
    finding = choose_text(record.key_finding_es, record.key_finding_en, language)
    name = f"{format_short_authors(record.authors, language)}, {record.year}"
    return (
        (BriefRun(name, reverse("study", args=[record.id])), Citation((number,))),
        (BriefRun(place),),
        (BriefRun(design),),
        *(((BriefRun(use_label(use)),),) if use is not None else ()),
        finding or (BriefRun(_("Sin dato"), look="soft"),),
    )


def _caption(shown: Sequence[StudyEvidence], language: str, *, has_uses: bool) -> str:
    """Return the caption, which tells the order only where it is so."""
    if len(shown) == 1:
        return _("El estudio")
    number = {"number": format_number(len(shown), language)}
    if has_uses:
        return _("%(number)s estudios, ninguno una evaluación") % number
    steps = [study.nearness for study in shown]
    # Of a study of several countries, or of none stated, nobody knows how far it is.
    is_known = NEARNESS_STEPS.index("unknown") not in steps
    if is_known and steps == sorted(steps) and len(set(steps)) > 1:
        return _("%(number)s estudios, del más cercano al Perú al más lejano") % number
    return _("%(number)s estudios") % number


def _left_out(shown: int, every: int, all_studies: str, language: str, *, has_uses: bool) -> BriefRuns:
    if shown >= every:
        return ()
    of_all = format_number(every, language) if has_uses else all_studies
    counts = {"some": format_number(shown, language), "all": of_all}
    return runs_of(parse_sentence(_("La tabla muestra %(some)s de %(all)s.") % counts))
