"""From a question to answers: what is near and what holds the words, judged, grouped, and shown with one sentence."""

import re
from collections.abc import Collection, Mapping, Sequence
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
NEAREST = 40  # passages, and offers, taken for their vectors
DECIMALS = 5  # of a cosine, when the nearest are chosen
LIKELY = 0.02  # a chance from which a page is shown
LIKELY_PERSON = 0.25  # the same for a person
HELD = 0.5  # or the share of the question's words that it holds
REASONS = 3  # lines of a person that are shown


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
    return _answers(question, member, limit) if question.wanted and limit > 0 else Answers()


def about(page: Page, member: Any, limit: int = 3) -> Answers:
    """What belongs to a page: other pages, people who offer what it is about, what comes next.

    A page that names nobody as its teller leads to nobody: likeness must not tie people to what was told in
    confidence.
    """
    rows = list(Passage.objects.filter(page=page.pk, number__lte=1).order_by("number"))
    text = " ".join([page.title, *(row.text for row in rows if row.number)])
    vectors = [row.vector for row in rows if row.vector is not None]
    total = np.sum(vectors, axis=0) if vectors else None
    question = Question.of(text, None if total is None else np.asarray(total / np.linalg.norm(total), np.float32))
    if any(row.model != question.model for row in rows):
        question = Question.of(text)  # what was read by another model is compared with nothing
    return _answers(question, member, limit, without=page.pk, has_people=getattr(page, "author_id", None) is not None)


def _answers(question: Question, member: Any, limit: int, *, without: int = 0, has_people: bool = True) -> Answers:
    kinds = seen.pages(member)
    kinds.pop(without, None)
    offers = seen.offers(member) if has_people else {}
    shelf = Shelf(question, kinds)
    keys = np.fromiter(offers, np.int64, len(offers))
    sides = [Side(reading.OF_PAGES, shelf.is_visible)]
    sides += [Side(reading.OF_PEOPLE, lambda found: np.isin(found, keys))] if offers else []
    hits = look_up(question.wanted, sides)
    found = Answers(people=_people(question, member, offers, hits[1], limit) if offers else [])
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
        vectors = self._vectors(rows)
        texts = [[(row.text, vectors.get(row.pk))] for row in rows]
        scores, shares = engine.answers(self.question.text, self.question.vector, texts, odd=hits.odd)
        order = sorted(range(len(rows)), key=lambda at: (-scores[at], -shares[at], rows[at].page_id, rows[at].number))
        best: dict[int, tuple[float, Passage]] = {}
        speaks: dict[int, Passage] = {}
        counts: dict[str, int] = {}
        for at in order:
            row, group = rows[at], seen.group_of(self.kinds[rows[at].page_id])
            if row.page_id in best:
                speaks.setdefault(row.page_id, row) if row.number else None
            elif (scores[at] >= LIKELY or shares[at] >= HELD) and counts.get(group, 0) < limit:
                counts[group] = counts.get(group, 0) + 1
                best[row.page_id] = (float(scores[at]), row)
                speaks |= {row.page_id: row} if row.number else {}
        return self._shown(best, speaks, hits.odd)

    def _candidates(self, hits: Hits) -> list[Passage]:
        keys = [int(key) for key in hits.keys]
        if self.table is not None and self.question.vector is not None and len(self.table.vectors):
            cosines = np.round(self.table.vectors @ self.question.vector, DECIMALS)
            mine = np.flatnonzero(np.isin(self.table.pages, self.pages))
            keys += self.table.keys[mine[np.argsort(-cosines[mine], kind="stable")[:NEAREST]]].tolist()
        rows = Passage.objects.filter(pk__in=keys, page__isnull=False).only("page_id", "number", "text", "model")
        return [row for row in rows.order_by("page", "number") if row.page_id in self.kinds]

    def _vectors(self, rows: Sequence[Passage]) -> dict[int, np.ndarray]:
        """The vectors of a few passages: from the file where it knows them, the rest from their rows."""
        keys = np.array([row.pk for row in rows], np.int64)
        at = self.table.rows_of(keys) if self.table is not None else np.full(len(keys), -1)
        found = {int(key): np.array(self.table.vectors[row]) for key, row in zip(keys, at, strict=True)
                 if row >= 0 and self.table is not None}  # fmt: skip
        missing = [row.pk for row in rows if row.pk not in found and row.model == self.question.model]
        if missing and self.question.vector is not None:
            unlisted = Passage.objects.filter(pk__in=missing).values_list("pk", "data")
            found |= {pk: np.frombuffer(data, "<f4") for pk, data in unlisted}
        return found

    def _shown(self, best: Mapping[int, tuple[float, Passage]], speaks: Mapping[int, Passage], odd: Collection[str]
               ) -> list[Answer]:  # fmt: skip
        """The pages with all that is shown of them, in one query; where only the title fits, the summary speaks."""
        wanted = Q(pk__in=[row.pk for row in speaks.values()])
        wanted |= Q(page__in=[page for page in best if page not in speaks], number__lte=1)
        parts = {kind._meta.model_name: names for kind, names in DETAILS.items()}
        related = ["page", *(f"page__{name}" for name in parts)]
        fields = [f"page__{name}__{one}" for name, names in parts.items() for one in names]
        fields += [f"page__{one}" for one in ("title", "url_path", "slug", "path", "depth")]
        rows = Passage.objects.filter(wanted).select_related(*related).only(
            "page_id", "number", "text", "model", "data", "parts", *fields
        )  # fmt: skip
        shown = {row.page_id: row for row in rows.order_by("page", "number")}
        return [
            Answer(shown[pk].page, self.kinds[pk], score, _sentence(self.question, shown[pk], odd))
            for pk, (score, _row) in best.items() if pk in shown
        ]  # fmt: skip


def _sentence(question: Question, row: Passage, odd: Collection[str]) -> Pieces:
    """The sentence of a passage that fits best; none where all there is is the title."""
    if row.number == 0:
        return ()
    sentences = reading.parts_of(row.text)
    fits = [engine.share_found(question.wanted, engine.stems(one), odd) for one in sentences]
    vectors = row.sentence_vectors() if row.model == question.model else None
    if vectors is not None and question.vector is not None and len(vectors) == len(sentences):
        fits = (np.asarray(fits) + vectors @ question.vector).tolist()
    return marked(sentences[int(np.argmax(fits))], question.wanted, odd)


def marked(text: str, wanted: Collection[str], odd: Collection[str]) -> Pieces:
    """A text in pieces, the words that were asked for apart from the others."""
    pieces: list[tuple[str, bool]] = []
    for piece in re.split(r"(\w+)", text):
        stems = words(piece)
        is_asked = any(
            stem in wanted or any(engine.spelling(one, stem) >= engine.LIKE for one in odd) for stem in stems
        )
        if pieces and pieces[-1][1] == is_asked:
            pieces[-1] = (pieces[-1][0] + piece, is_asked)
        elif piece:
            pieces.append((piece, is_asked))
    return tuple(pieces)


# --- People -------------------------------------------------------------------------------------------------------


def _people(
    question: Question, member: Any, offers: Mapping[int, tuple[int, int]], hits: Hits, limit: int
) -> list[Known]:
    """The people who offer what is asked for, best first, with their lines that say so."""
    named = [offers[int(key)][1] for key in hits.keys]
    if question.vector is not None:
        keys = [f"s{statement}" for statement, _owner in offers.values()]
        cosines = np.round(exact.cosines(question.model, question.vector, keys), DECIMALS)
        owners = [owner for _statement, owner in offers.values()]
        named += [owners[at] for at in np.argsort(-cosines, kind="stable")[:NEAREST] if cosines[at] > 0]
    lines: dict[int, list[Statement]] = {}
    rows = seen.readable(member).filter(profile__member__in=set(named)).select_related("profile__member")
    for line in rows.order_by("profile__member", "position", "pk"):
        lines.setdefault(line.profile.member_id, []).append(line)
    vectors = exact.few(question.model, [f"s{line.pk}" for some in lines.values() for line in some])
    texts = [[(line.text, vectors.get(f"s{line.pk}")) for line in some] for some in lines.values()]
    scores, shares = engine.answers(question.text, question.vector, texts, kind=ASK_PEOPLE, odd=hits.odd)
    order = [at for at in np.argsort(-scores, kind="stable") if scores[at] >= LIKELY_PERSON or shares[at] >= HELD]
    some = list(lines.values())
    return [_known(question, some[at], vectors, float(scores[at]), hits.odd) for at in order[:limit]]


def _known(
    question: Question,
    lines: Sequence[Statement],
    vectors: Mapping[str, np.ndarray],
    score: float,
    odd: Collection[str],
) -> Known:
    """One person with those of their lines that fit best."""

    def fit(line: Statement) -> float:
        vector = vectors.get(f"s{line.pk}")
        near = 0.0 if vector is None or question.vector is None else float(vector @ question.vector)
        return near + engine.share_found(question.wanted, engine.stems(line.text), odd)

    best = sorted(lines, key=fit, reverse=True)
    kept = [line for line in best[:REASONS] if fit(line) >= fit(best[0]) / 2]
    return Known(lines[0].profile.member, score, tuple(marked(line.text, question.wanted, odd) for line in kept))
