"""The page of a type of intervention: the answer on it, and the studies around it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from search.criteria.filters import read_criteria
from search.criteria.old_parameters import RETIRED_INTERVENTIONS
from search.web.evidence.basis import Basis
from search.web.evidence.changes import AnswerChanges, list_answer_changes
from search.web.evidence.uses import UseSection, no_evaluation_text, use_sections, what_there_is
from search.web.evidence.whole_answer import WholeAnswer, build_whole_answer
from search.web.shared.old_addresses import list_url_of_retired
from studies.store import evidence_snapshot, vocabularies
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.evidence import Scope, StudyEvidence
from studies.synthesis.tables import tally_claims
from studies.synthesis.uses import KEEPS_SERVICE_RECORDS, SERVICE_RECORDS, Use, group_by_use
from studies.text.language import page_language
from studies.text.numbers import format_number
from studies.web.shared.links import Link, breadcrumbs


@dataclass(frozen=True, slots=True)
class InterventionPage:
    """All that the page of an intervention prints.

    `no_evaluation` is the sentence where there is none, with `what_there_is` instead; "" for both otherwise. `uses` are
    the studies around it that are no evaluation of it; reviews among them only without an evaluation, as the answer
    tells them otherwise. `service_records` leads to the studies that use records of some service as data.
    """

    crumbs: tuple[Link, ...]
    label: str
    theme: str
    definition: str
    whole: WholeAnswer
    changes: AnswerChanges | None
    no_evaluation: str
    what_there_is: str
    uses: tuple[UseSection, ...]
    service_records: Link | None
    compare_url: str

    @property
    def listed(self) -> int:
        """The number of studies that are no evaluation of it."""
        return sum(len(section.studies) + len(section.more) for section in self.uses)

    @property
    def description(self) -> str:
        """The page in a sentence, for search engines."""
        if self.no_evaluation:
            return f"{self.label}. {self.no_evaluation} {self.what_there_is}"
        return self.whole.answer.description


@require_safe
def intervention(request: HttpRequest, code: str) -> HttpResponse:
    """Show an intervention; the address of one that was merged leads to the one that it went into.

    That of a retired one leads to the list that took its place.
    """
    if code in RETIRED_INTERVENTIONS:
        return redirect(list_url_of_retired(code), permanent=True)
    vocabulary = vocabularies.current()
    term = vocabulary.find("interventions", code)
    if term is None or term.is_retired:
        raise Http404
    if term.code != code:
        return redirect("intervention", code=term.code, permanent=True)
    language = page_language()
    page = intervention_page(term, vocabulary, language, request.GET.get("since"))
    return render(request, "studies/intervention.html", {"page": page})


def intervention_page(
    term: TermView, vocabulary: Vocabularies, language: str, since: str | None = None
) -> InterventionPage:
    """Return the view model of an intervention's page: the queries of an answer, and six for studies and changes."""
    theme = vocabulary.find("themes", term.parent or "")
    label = term.label(language)
    basis = basis_of_intervention(term, vocabulary, language)
    whole = build_whole_answer(basis, term)
    uses = find_uses(term.code)
    is_evaluated = bool(whole.synthesis.evaluation_count)
    shown = {use: own for use, own in uses.items() if not is_evaluated or use != Use.REVIEWED}
    above = (Link(theme.label(language), reverse("theme", args=[theme.code])),) if theme is not None else ()
    return InterventionPage(
        crumbs=breadcrumbs(*above, Link(label)),
        label=label,
        theme=above[0].label if above else "",
        definition=term.definition(language),
        whole=whole,
        changes=list_answer_changes(basis, read_criteria(QueryDict(basis.query)), whole.texts, since, is_own_page=True),
        no_evaluation="" if is_evaluated else no_evaluation_text(),
        what_there_is="" if is_evaluated else what_there_is(term.code, uses, vocabulary, language),
        uses=use_sections(term.code, shown, vocabulary, language),
        service_records=_service_records(language) if term.code in KEEPS_SERVICE_RECORDS else None,
        compare_url=f"{reverse('compare')}?{urlencode({'intervention': term.code})}",
    )


def _service_records(language: str) -> Link | None:
    """Return the list of the studies that use records of services, of which no record says whose they are."""
    count = sum(SERVICE_RECORDS in study.data_sources for study in evidence_snapshot.current().studies.values())
    text = ngettext("%(number)s estudio de este banco", "%(number)s estudios de este banco", count)
    label = text % {"number": format_number(count, language)}
    return Link(label, criterion=("data_source", SERVICE_RECORDS)) if count else None


def is_evaluated(code: str) -> bool:
    """Return True if any published study puts an intervention to the test, whatever a search finds."""
    snapshot = evidence_snapshot.current()
    own = snapshot.of_intervention.get(code, ())
    return bool(tally_claims(own, snapshot, Scope(frozenset({code}))).evaluations)


def find_uses(code: str) -> dict[Use, list[StudyEvidence]]:
    """Return the published studies around an intervention that are no evaluation of it."""
    snapshot = evidence_snapshot.current()
    return group_by_use(code, snapshot.studies.values(), snapshot.taxonomy.family_of_design)


def basis_of_intervention(term: TermView, vocabulary: Vocabularies, language: str) -> Basis:
    """Return the basis of the answer on an intervention: its studies, and of these the claims on it."""
    snapshot = evidence_snapshot.current()
    return Basis(
        studies=list(snapshot.of_intervention.get(term.code, ())),
        evidence=snapshot,
        scope=Scope(frozenset({term.code})),
        query=urlencode({"intervention": term.code}),
        vocabulary=vocabulary,
        language=language,
    )
