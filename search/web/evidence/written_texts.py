"""What people of the ministry wrote and signed, as an answer shows it: conclusion, certainty, safety note.

Only published texts come here; `studies.learning.published_texts` holds the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.answer import Answer, GroupView, RowView
from search.web.evidence.answer_facts_text import Fact
from search.web.evidence.dimensions import lower_first
from search.web.evidence.key_facts import KeyFact, lacking
from search.web.evidence.sentences import Sentence, SentencePart, parse_sentence
from search.web.evidence.study_address import studies_url
from studies.learning.published_texts import (
    PublishedCertainty,
    Signature,
    find_conclusion_on_term,
    find_safety_note,
    list_certainties,
)
from studies.models import CertaintyJudgement, Study
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.comparators import KIND_BY_CODE
from studies.text.dates import format_day
from studies.text.numbers import format_number
from studies.web.shared.signatures import name_signers, tell_review

NameOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text with its studies linked, who stands for it, and since when it has to be reviewed again; "" for never."""

    sentences: tuple[Sentence, ...]
    signed: str
    to_review: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class WrittenTexts:
    """What people wrote of an intervention or a theme; None, or nothing, where nobody did."""

    conclusion: SignedText | None
    safety: SignedText | None = None
    certainties: tuple[PublishedCertainty, ...] = ()


def read_texts(term: TermView, language: str, name_of: NameOf) -> WrittenTexts:
    """Return what people wrote of an intervention, in three queries, or of a theme, in one; more where they did."""
    conclusion = find_conclusion_on_term(term.id)
    told = None
    if conclusion is not None:
        sentences = tuple(_cited(each.text(language), each.studies, name_of) for each in conclusion.sentences)
        told = _sign(sentences, conclusion.signature)
    if term.vocabulary != "interventions":
        return WrittenTexts(told)
    note = find_safety_note(term.id)
    return WrittenTexts(
        conclusion=told,
        safety=_sign((_cited(note.text(language), note.studies, name_of),), note.signature) if note else None,
        certainties=tuple(list_certainties([term.id])),
    )


def certainty_fact(certainties: Sequence[PublishedCertainty], vocabulary: Vocabularies, language: str) -> KeyFact:
    """Return the fact on certainty: the first judged outcome, or that nobody judged any."""
    if not certainties:
        return lacking(_("Certeza"), _("Sin juicio"), _("nadie la ha juzgado aún"))
    first, more = certainties[0], len(certainties) - 1
    note = f"{_about(first, vocabulary, language)}; {format_day(first.signature.reviewed_on)}"
    if first.signature.to_review_since:
        note += "; " + lower_first(tell_review(first.signature))
    if more:
        note += "; " + ngettext("%(number)s juicio más, abajo", "%(number)s juicios más, abajo", more) % {
            "number": format_number(more, language)
        }
    return KeyFact(_("Certeza"), parse_sentence(_level(first).capitalize()), note)


def unjudged_fact() -> KeyFact:
    """Return the fact on certainty of studies of several interventions: people judge it for each intervention."""
    return lacking(_("Certeza"), _("Sin juicio"), _("se juzga por intervención"))


def with_judgements(answer: Answer, certainties: Sequence[PublishedCertainty]) -> Answer:
    """Return the answer with each judgement first in the last cell of its row."""
    if not certainties:
        return answer
    return replace(answer, groups=tuple(replace(each, rows=_judge(each, certainties)) for each in answer.groups))


def judgement_facts(
    certainties: Iterable[PublishedCertainty], vocabulary: Vocabularies, language: str
) -> tuple[Fact, ...]:
    """Return each judgement whole, with its reasons and names, for the strip of how sure one can be."""
    return tuple(
        Fact(_("Certeza"), f"{_about(each, vocabulary, language)}: {_judgement_text(each, language)}")
        for each in certainties
    )


def _judge(group: GroupView, certainties: Iterable[PublishedCertainty]) -> tuple[RowView, ...]:
    # One of all comparisons comes before one of this very kind, which takes its place.
    own = {each.outcome: each for each in certainties if each.comparison in ("", group.kind)}
    return tuple(
        replace(row, sure=(_short_judgement(own[row.code]), *row.sure)) if row.code in own else row
        for row in group.rows
    )


def _short_judgement(judgement: PublishedCertainty) -> Sentence:
    values = {"level": _level(judgement), "date": format_day(judgement.signature.reviewed_on)}
    return parse_sentence(_("Certeza %(level)s, juzgada el %(date)s.") % values)


def _judgement_text(judgement: PublishedCertainty, language: str) -> str:
    signature = judgement.signature
    text = _("%(level)s, según %(author)s y %(reviewer)s, %(date)s.") % {
        "level": _level(judgement),
        "author": signature.author_name,
        "reviewer": signature.reviewer_name,
        "date": format_day(signature.reviewed_on),
    }
    reasons = " ".join(f"{reason.rstrip('.')}." for _domain, reason in judgement.reasons(language))
    since = f"{tell_review(signature)}." if signature.to_review_since else ""
    return " ".join(part for part in (text, reasons, since) if part)


def _about(judgement: PublishedCertainty, vocabulary: Vocabularies, language: str) -> str:
    outcome = lower_first(vocabulary.label("outcomes", judgement.outcome, language))
    if not judgement.comparison:
        return outcome
    kind = KIND_BY_CODE.get(judgement.comparison)
    against = _("frente a %(kind)s") % {"kind": _(kind.name) if kind else judgement.comparison}
    return f"{outcome}, {against}"


def _level(judgement: PublishedCertainty) -> str:
    return str(CertaintyJudgement.Level(judgement.level).label)


def _cited(text: str, studies: Iterable[Study], name_of: NameOf) -> Sentence:
    # In parts: nothing that somebody typed is read as a link.
    links = [SentencePart(name_of(study.slug), studies_url((study.slug,))) for study in studies]
    if not links:
        return Sentence((SentencePart(text),))
    between = [part for link in links[1:] for part in (SentencePart("; "), link)]
    return Sentence((SentencePart(f"{text} ["), links[0], *between, SentencePart("]")))


def _sign(sentences: tuple[Sentence, ...], signature: Signature) -> SignedText:
    return SignedText(sentences, name_signers(signature), tell_review(signature), signature)
