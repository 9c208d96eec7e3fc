"""From a question to answers: what is near and what holds the words, judged, grouped, and shown with one sentence."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q
from wagtail.models import Page

from community.members.models import Statement
from matching import language, reading
from matching.ask import seen
from matching.ask.found import DETAILS, Answer, Answers, Known, Pieces
from matching.ask.lookup import Hits, Side, look_up
from matching.engine import ask as engine
from matching.engine.encode import ModelUnsound
from matching.engine.kinds import ASK_PEOPLE
from matching.engine.text import normalise, words
from matching.models import Passage
from matching.stores import exact, passages

LONGEST = 500  # characters of a question that are read
NEAREST = 40  # passages taken for their vectors
MOST_PEOPLE = 16  # offers taken for their words, and as many for their vectors
DECIMALS = 5  # of a cosine, when the nearest are chosen
LIKELY = 0.01  # a chance from which a page is an answer
PERHAPS = (
    0.002  # and from which it may help; so many of these are shown, and only where they make no group of their own
)
MOST_PERHAPS = 3  # of such
LIKELY_PERSON = 0.1  # the same for a person
HELD = 0.6  # or the share of the question's words that it holds
REASONS = 3  # lines of a person that are shown
IN_SHORT = 1  # the number of the passage that follows the title

Row = dict[str, Any]
"""One passage with what is shown of its page, as FIELDS names it."""

FIELDS = (
    *("pk", "page_id", "number", "text", "model", "data", "parts", "page__title", "page__url_path"),
    *(f"page__{kind._meta.model_name}__{name}" for kind, names in DETAILS.items() for name in names),
)

OF_PEOPLE = ("text", "profile__trade", "profile__member__name", "profile__member__handle")
"""What is read of people: as few fields as are shown, for each of some hundred lines."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as the search needs it.

    Attributes:
        vector: `[dim]`, or None where no model is ready; then the words alone decide.
        model: whose vector it is.
        wanted: its stems with what each says.
    """

    text: str
    vector: np.ndarray | None
    model: str
    wanted: Mapping[str, float]

    @classmethod
    def of(cls, typed: str, vector: np.ndarray | None = None) -> "Question":
        """Read what somebody typed; whatever it is, it is only ever compared."""
        text = normalise(typed)[:LONGEST].strip()
        encoder, model = language.query_encoder(), ""
        try:
            model = encoder.name
            vector = encoder.encode([text])[0] if vector is None and text else vector
        except ModelUnsound:
            vector = None
        return cls(text, vector, model, engine.wanted(text))


def ask(text: str, member: Any, limit: int = 10) -> Answers:
    """Look for what helps with a question among all that this member (or a visitor) may see."""
    question = Question.of(text)
    return _answers(question, member, limit, seen.pages(member)) if question.wanted and limit > 0 else Answers()


def about(page: Page, member: Any, limit: int = 3, kinds: dict[int, type[Page]] | None = None) -> Answers:
    """What belongs to a page: other pages, people who offer what it is about, what comes next.

    A page that names nobody as its teller, or was told in confidence, leads to nobody: likeness must not tie people
    to it. `kinds` is what `seen.pages` says, where somebody has asked already.
    """
    rows = list(Passage.objects.filter(page=page.pk, number__lte=1).order_by("number"))
    text = " ".join([page.title, *(row.text for row in rows if row.number)])
    vectors = [row.vector for row in rows if row.vector is not None]
    total = np.sum(vectors, axis=0) if vectors else None
    question = Question.of(text, None if total is None else np.asarray(total / np.linalg.norm(total), np.float32))
    if any(row.model != question.model for row in rows):
        question = Question.of(text)  # what was read by another model is compared with nothing
    others = {pk: kind for pk, kind in (kinds or seen.pages(member)).items() if pk != page.pk}
    return _answers(question, member, limit, others, has_people=leads_to_people(page), is_typed=False)


def leads_to_people(page: Page) -> bool:
    """Whether people are looked for by what stands on a page."""
    return getattr(page, "author_id", None) is not None and not getattr(page, "is_confidential", False)


def _answers(
    question: Question, member: Any, limit: int, kinds: Mapping[int, type[Page]],
    *, has_people: bool = True, is_typed: bool = True,
) -> Answers:  # fmt: skip
    offers = seen.offers(member) if has_people else {}
    shelf = Shelf(question, kinds)
    keys = np.fromiter(offers, np.int64, len(offers))
    sides = [Side(reading.OF_PAGES, shelf.is_visible)]
    sides += [Side(reading.OF_PEOPLE, lambda found: np.isin(found, keys))] if offers else []
    hits = look_up(question.wanted, sides, is_typed=is_typed)
    found = Answers(people=_people(question, offers, hits[1], limit) if offers else [])
    for answer in shelf.answers(hits[0], limit):
        getattr(found, seen.group_of(answer.kind)).append(answer)
    return found


# --- Pages --------------------------------------------------------------------------------------------------------


class Shelf:
    """The passages of all pages that somebody may see."""

    def __init__(self, question: Question, kinds: Mapping[int, type[Page]]) -> None:
        self.question, self.kinds = question, kinds
        self.table = passages.load(question.model) if question.model else None
        self.pages = np.fromiter(kinds, np.int64, len(kinds))

    def is_visible(self, keys: np.ndarray) -> np.ndarray:
        """Whether the asker may see the page of each passage; of those that are not in the file, too."""
        pages = np.full(len(keys), -1)
        if self.table is not None:
            rows = self.table.rows_of(keys)
            pages[rows >= 0] = self.table.pages[rows[rows >= 0]]
        unknown = np.flatnonzero(pages < 0)
        if len(unknown):
            # The worker has not written them down yet: all such are asked for, since they may be many.
            read = Passage.objects.filter(page__isnull=False)
            read = read.filter(pk__in=keys[unknown].tolist()) if len(unknown) <= NEAREST else read
            page_of = dict(read.values_list("pk", "page"))
            pages[unknown] = [page_of.get(key, -1) for key in keys[unknown].tolist()]
        return np.isin(pages, self.pages)

    def answers(self, hits: Hits, limit: int) -> list[Answer]:
        """The best pages, at most `limit` of each group, best first."""
        rows = self._candidates(hits)
        texts = [[(row["text"], self._vector(row))] for row in rows]
        scores, shares = engine.answers(self.question.text, self.question.vector, texts, odd=hits.odd)
        order = sorted(range(len(rows)), key=lambda at: (-scores[at], -shares[at], at))
        best: dict[int, float] = {}
        speaks: dict[int, Row] = {}
        counts: dict[str, int] = {}
        sure: set[int] = set()
        for at in order:
            page, group = rows[at]["page_id"], seen.group_of(self.kinds[rows[at]["page_id"]])
            is_sure = bool(scores[at] >= LIKELY or shares[at] >= HELD)
            most = limit if is_sure else min(limit, MOST_PERHAPS) if group == seen.OTHER else 0
            if page not in best and (is_sure or scores[at] >= PERHAPS) and counts.get(group, 0) < most:
                counts[group] = counts.get(group, 0) + 1
                sure |= {page} if is_sure else set()
                best[page] = float(scores[at])
            # The title stands above the sentence anyway: what else fits best is shown below it.
            if page in best and (page not in speaks or speaks[page]["number"] == 0):
                speaks[page] = rows[at]
        return [self._answer(speaks[page], score, page in sure, hits.odd) for page, score in best.items()]

    def _candidates(self, hits: Hits) -> list[Row]:
        """Passages that are near or hold the words, and of each of their pages what it says in short; in page order."""
        keys, pages = hits.keys, np.zeros(0, np.int64)
        if self.table is not None and len(self.table.vectors):
            if self.question.vector is not None:
                cosines = np.round(self.table.cosines(self.question.vector), DECIMALS)
                mine = np.flatnonzero(np.isin(self.table.pages, self.pages))
                keys = np.append(keys, self.table.keys[mine[_highest(cosines[mine], NEAREST)]])
            at = self.table.rows_of(keys)
            pages = self.table.pages[at[at >= 0]]
        wanted = Q(pk__in=keys.tolist()) | Q(page__in=np.unique(pages).tolist(), number=IN_SHORT)
        rows: Iterable[Row] = (
            Passage.objects.filter(wanted, page__isnull=False).order_by("page", "number").values(*FIELDS)
        )
        return [row for row in rows if row["page_id"] in self.kinds]

    def _vector(self, row: Row) -> np.ndarray | None:
        """The vector of a passage, unless another model than the question's read it, or none."""
        question = self.question
        is_read = row["data"] is not None and question.vector is not None and row["model"] == question.model
        return np.frombuffer(row["data"], "<f4") if is_read else None

    def _answer(self, row: Row, score: float, is_sure: bool, odd: Collection[str]) -> Answer:
        """A page with what is shown of it."""
        kind = self.kinds[row["page_id"]]
        page = Page.from_db("default", ["id", "title", "url_path"],
                            [row["page_id"], row["page__title"], row["page__url_path"]])  # fmt: skip
        detail = {name: row[f"page__{kind._meta.model_name}__{name}"] for name in DETAILS.get(kind, ())}
        return Answer(page, kind, score, is_sure, self._sentence(row, odd), detail)

    def _sentence(self, row: Row, odd: Collection[str]) -> Pieces:
        """The sentence of a passage that fits best; none where all there is is the title."""
        if row["number"] == 0:
            return ()
        question, sentences = self.question, reading.parts_of(row["text"])
        fits = np.array([engine.share_found(question.wanted, engine.stems(one), odd) for one in sentences])
        if row["parts"] and question.vector is not None and row["model"] == question.model:
            vectors = Passage.sentences(row["parts"], len(question.vector))
            fits = fits + vectors @ question.vector if len(vectors) == len(sentences) else fits
        return marked(sentences[int(np.argmax(fits))], question.wanted, odd)


def _highest(scores: np.ndarray, most: int) -> np.ndarray:
    """Where the highest of many scores stand, those first; equals in their order. Sorts only what it must."""
    some = np.arange(len(scores))
    if most < len(scores):
        some = np.flatnonzero(scores >= np.partition(scores, -most)[-most])
    return some[np.argsort(-scores[some], kind="stable")][:most]


def marked(text: str, wanted: Collection[str], odd: Collection[str]) -> Pieces:
    """A text in pieces, the words that were asked for apart from the others."""
    pieces: list[tuple[str, bool]] = []
    for piece in re.split(r"(\w+)", text):
        stems = words(piece)
        is_asked = any(stem in wanted or any(engine.spelling(one, stem) > 0 for one in odd) for stem in stems)
        if pieces and pieces[-1][1] == is_asked:
            pieces[-1] = (pieces[-1][0] + piece, is_asked)
        elif piece:
            pieces.append((piece, is_asked))
    return tuple(pieces)


# --- People -------------------------------------------------------------------------------------------------------


def _people(question: Question, offers: Mapping[int, tuple[int, int]], hits: Hits, limit: int) -> list[Known]:
    """The people who offer what is asked for, best first, with their lines that say so."""
    statements = [statement for statement, _owner in offers.values()]
    owners = [owner for _statement, owner in offers.values()]
    where = exact.places(question.model, [f"s{one}" for one in statements])
    named = [offers[int(key)][1] for key in hits.keys[:MOST_PEOPLE]]
    if question.vector is not None:
        cosines = np.round(where.cosines(question.vector), DECIMALS)
        named += [owners[at] for at in _highest(cosines, MOST_PEOPLE) if cosines[at] > 0]
    people = set(named)
    shown = [statement for statement, owner in offers.values() if owner in people]
    rows = Statement.objects.filter(pk__in=shown).select_related("profile__member").only(*OF_PEOPLE)
    lines: dict[int, list[Statement]] = {}
    for line in rows.order_by("profile__member", "position", "pk"):
        lines.setdefault(line.profile.member_id, []).append(line)
    at = {statement: place for place, statement in enumerate(statements)}
    told = [[(line, where.vector(at[line.pk]) if line.pk in at else None) for line in some] for some in lines.values()]
    # Name and trade, which all who see somebody may read, are looked up as words and never compared by meaning.
    texts = [
        [(reading.named(some[0][0].profile), None), *((line.text, vector) for line, vector in some)] for some in told
    ]
    scores, shares = engine.answers(question.text, question.vector, texts, kind=ASK_PEOPLE, odd=hits.odd)
    is_fit = (scores >= LIKELY_PERSON) | (shares >= HELD)
    fit = [place for place in np.argsort(-scores, kind="stable") if is_fit[place]]
    return [_known(question, told[place], float(scores[place]), hits.odd) for place in fit[:limit]]


def _known(
    question: Question, told: Sequence[tuple[Statement, np.ndarray | None]], score: float, odd: Collection[str]
) -> Known:
    """One person with those of their lines that fit best."""
    fits = [
        (0.0 if vector is None or question.vector is None else float(vector @ question.vector))
        + engine.share_found(question.wanted, engine.stems(line.text), odd)
        for line, vector in told
    ]
    best = sorted(range(len(told)), key=lambda place: -fits[place])[:REASONS]
    kept = [told[place][0] for place in best if fits[place] >= fits[best[0]] / 2]
    return Known(
        told[0][0].profile.member, score, tuple(marked(line.text, question.wanted, odd) for line in kept)
    )  # fmt: skip
