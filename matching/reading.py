"""Reads pages and offers into passages, so that Ask can find them; the worker and the commands call it, pages never do.

Which pages there are is not written down here: every kind of page of which there may be many is read, by the fields
that the kind itself declares for searching. So a new kind is found without a word about it in this file.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from django.apps import apps
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from wagtail.models import Page
from wagtail.search import index

from community.members.models import Profile, Statement, StatementSide, Visibility
from community.topics.models import EntryPage, GatedPage, barring, stands_before
from matching.engine.ask import grams
from matching.engine.encode import Encodes
from matching.engine.text import normalise, sentences, text_hash, words
from matching.language import encoder
from matching.models import Passage
from matching.models.passage import token
from matching.stores import passages as store

LONGEST_SENTENCE = 300  # characters; longer ones are cut between two words
LONGEST_PASSAGE = 600
SHORT_TEXT = 40  # characters of a text that is put together with its neighbours
MOST_PASSAGES = 60  # of one page, so that a book does not outweigh the library
SHORT = 3  # letters of a word that is looked up as it is or not at all
ENDS = frozenset(".!?…:;,–。！？")  # what a sentence ends in, or a line that the next one goes on from
AT_ONCE = 200  # rows written in one statement
OF_PAGES, OF_PEOPLE = ("w", "g"), ("o", "h")  # marks of words and of their trigrams


def kinds() -> list[type[Page]]:
    """The kinds of pages that hold something to be found: not the front page and the lists, of which there is one."""
    return [
        model for model in apps.get_models()
        if issubclass(model, GatedPage) and model.max_count is None and not model._meta.proxy
    ]  # fmt: skip


def visible(kind: type[Page], member: Any) -> "QuerySet[Any]":
    """The pages of a kind that somebody may see."""
    if issubclass(kind, EntryPage):
        pages: QuerySet[Any] = kind.objects.visible_to(member)
        return pages
    plain: QuerySet[Any] = kind.objects.live().exclude(stands_before(barring(member)))
    return plain


# --- From a page to passages --------------------------------------------------------------------------------------


def passages_of(page: Page) -> list[str]:
    """The passages of a page, in order: its title, and each of its texts in pieces of a few sentences.

    Short texts (a place, topics, the cells of a table) are put together: alone they would be like anything.
    """
    found, short = [normalise(page.title)], ""
    for text in map(str.strip, _texts(page)):
        if len(text) >= SHORT_TEXT:
            found += [short, *_packed(text)]
            short = ""
        elif len(short) + len(text) > LONGEST_SENTENCE - 2:
            found.append(short)
            short = normalise(text)
        else:
            short = "; ".join(part for part in (short, normalise(text)) if part)
    return [text for text in [*found, short] if text][:MOST_PASSAGES]


def _texts(page: Page) -> Iterator[str]:
    for field in type(page).get_search_fields():
        if isinstance(field, index.SearchField) and field.field_name != "title":
            yield from _flat(field.get_value(page))
        elif isinstance(field, index.RelatedFields):
            inner = [one for one in field.fields if isinstance(one, index.SearchField)]
            rows = field.get_value(page)
            rows = rows.all() if hasattr(rows, "all") else [rows] if rows else []
            yield ", ".join(text for row in rows for one in inner for text in _flat(one.get_value(row)))


def _flat(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [text for each in value for text in _flat(each)]
    return [str(value)] if value not in (None, "") else []


def _packed(text: str) -> Iterator[str]:
    """Sentences put together until a passage is full; none is longer than a passage may be."""
    pending = ""
    for begins, piece in ((not n, piece) for whole in sentences(text) for n, piece in enumerate(_cut(whole))):
        # Lines of a list end in nothing; run together, they would read as one sentence that nobody wrote.
        is_line = begins and pending.rstrip("\"'”’)]")[-1:] not in ENDS
        glue = "; " if is_line and pending else " "
        if pending and len(pending) + len(glue) + len(piece) > LONGEST_PASSAGE:
            yield pending
            pending = ""
        pending = f"{pending}{glue}{piece}" if pending else piece
    if pending:
        yield pending


def _cut(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST_SENTENCE:
        end = sentence.rfind(" ", 1, LONGEST_SENTENCE)
        end = end if end > 0 else LONGEST_SENTENCE
        yield sentence[:end]
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence


def parts_of(passage: str) -> list[str]:
    """The sentences of a passage, as they are shown."""
    return [piece for sentence in sentences(passage) for piece in _cut(sentence)]


def tokens_of(text: str, marks: tuple[str, str]) -> str:
    """What a text is looked up by: its stems, and the trigrams of the longer ones."""
    word, gram = marks
    stems = set(words(text))
    odd = {one for stem in stems if len(stem) > SHORT for one in grams(stem)}
    return " ".join(sorted({token(word, stem) for stem in stems} | {token(gram, one) for one in odd}))


# --- Bringing rows up to date -------------------------------------------------------------------------------------


def read_page(page_id: int, by: Encodes | None = None) -> int:
    """Bring the passages of one page up to date, and the file of vectors with it; returns how many were read."""
    read = _read(page_id, by or encoder())
    store.publish((by or encoder()).name)
    return read


def read_everything(by: Encodes | None = None, embed_all: bool = False) -> list[int]:
    """Bring all passages up to date, by the hash of each; returns [read, deleted]."""
    by = by or encoder()
    if embed_all:
        Passage.objects.update(model="")
    live = {pk for kind in kinds() for pk in kind.objects.live().values_list("pk", flat=True)}
    deleted = Passage.objects.filter(page__isnull=False).exclude(page__live=True).delete()[0]
    read = sum(_read(pk, by) for pk in sorted(live))
    read_offers()
    store.publish(by.name)
    return [read, deleted]


def _read(page_id: int, by: Encodes) -> int:
    page = next((page.specific for page in Page.objects.filter(pk=page_id, live=True)), None)
    if page is None or type(page) not in kinds():
        Passage.objects.filter(page=page_id).delete()
        return 0
    texts = passages_of(page)
    known = {row.number: row for row in Passage.objects.filter(page=page_id)}
    marks = [text_hash(text) for text in texts]
    tokens = [tokens_of(text, OF_PAGES) for text in texts]
    same = [
        (row := known.get(number)) is not None and (row.text_hash, row.model, row.tokens) == (mark, by.name, token_)
        for number, (mark, token_) in enumerate(zip(marks, tokens, strict=True))
    ]
    if all(same) and len(known) == len(texts):
        # It was read all the same: `unread` compares this time with that of the page.
        Passage.objects.filter(page=page_id, number=0).update(saved_at=timezone.now())
        return 0
    unread = [number for number, is_same in enumerate(same) if not is_same]
    rows = dict(_embedded(page_id, unread, texts, by))
    for number, row in rows.items():
        row.tokens = tokens[number]
    with transaction.atomic():
        # What was edited while it was being read is read again by the task that the edit queued.
        if not Page.objects.select_for_update().filter(pk=page_id, live=True).exists():
            return 0
        Passage.replace_page(page_id, [rows.get(number) or known[number] for number in range(len(texts))])
    return len(unread)


def _embedded(page_id: int, unread: Sequence[int], texts: Sequence[str], by: Encodes) -> Iterator[tuple[int, Passage]]:
    parts = {number: parts_of(texts[number]) for number in unread}
    asked = sorted({text for number in unread for text in (texts[number], *parts[number])}, key=len)
    vectors = dict(zip(asked, by.encode(asked), strict=True)) if asked else {}
    for number in unread:
        whole, several = vectors[texts[number]], [vectors[part] for part in parts[number]]
        yield (
            number,
            Passage(
                page_id=page_id,
                number=number,
                text=texts[number],
                text_hash=text_hash(texts[number]),
                model=by.name,
                data=np.asarray(whole, "<f4").tobytes(),
                parts=np.round(127 * np.asarray(several)).astype(np.int8).tobytes() if len(several) > 1 else None,
            ),
        )


def named(profile: Profile) -> str:
    """How somebody is looked up beside their offers: by name and trade."""
    return f"{profile.member.name}, {profile.trade}" if profile.trade else profile.member.name


def read_offers(profile_ids: Collection[int] | None = None) -> int:
    """Bring the words of all offers that members may see up to date; their vectors are kept elsewhere."""
    offers = Statement.objects.filter(side=StatementSide.OFFER, visibility=Visibility.MEMBERS)
    known = Passage.objects.filter(statement__isnull=False)
    if profile_ids is not None:
        offers, known = offers.filter(profile__in=profile_ids), known.filter(statement__profile__in=profile_ids)
    wanted = {offer.pk: f"{offer.text}\n{named(offer.profile)}" for offer in offers.select_related("profile__member")}
    there = {pk: (key, mark) for key, pk, mark in known.values_list("pk", "statement", "text_hash")}
    stale = [key for pk, (key, mark) in there.items() if pk not in wanted or mark != text_hash(wanted[pk])]
    Passage.objects.filter(pk__in=stale).delete()
    kept = {pk for pk, (key, _mark) in there.items() if key not in set(stale)}
    rows = [
        Passage(statement_id=pk, text="", text_hash=text_hash(text), tokens=tokens_of(text, OF_PEOPLE))
        for pk, text in sorted(wanted.items()) if pk not in kept
    ]  # fmt: skip
    Passage.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(rows)


# --- What a lost task missed --------------------------------------------------------------------------------------


def unread(by: Encodes | None = None) -> set[int]:
    """Pages whose passages are missing, older than the page, of another model, or of a page that is gone."""
    name = (by or encoder()).name
    read = Passage.objects.filter(page__isnull=False).values("page")
    found: set[int] = set()
    for kind in kinds():
        found |= set(kind.objects.live().exclude(pk__in=read).values_list("pk", flat=True))
    of_pages = Passage.objects.filter(page__isnull=False)
    found |= set(of_pages.filter(~Q(model=name) | Q(page__live=False)).values_list("page", flat=True))
    newest = of_pages.values("page").annotate(read_at=Max("saved_at"))
    return found | set(newest.filter(page__last_published_at__gt=F("read_at")).values_list("page", flat=True))
