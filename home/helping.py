"""Somebody without e-mail: what the next letter to them says, and the few things that a helper does in their name.

A helper answers questions, takes or gives back a seat, and says that something was told. Each of these is on record,
and stands in the next letter. Nothing of private notes, of threads or of what was told in confidence comes here; and
nobody learns here of somebody between whom and them a block stands. A steward who prints a letter reads no words of
a question: those are for the person and whoever helps them.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from community.connections.models import Connection
from community.gatherings.models import GatheringPage, Registration, RegistrationState
from community.members.models import Block, Member
from community.notices.models import Letter, Notice, NoticeKind, Told
from community.trust.models import Audit, AuditVerb

NOT_NOW = timedelta(days=90)
ABOUT_CONNECTION = re.compile(r"^/connections/(\d{1,18})/")
ABOUT_GATHERING = re.compile(r"^/gatherings/([-\w]+)/")
# What is ticked on a slip and given back.
SLIPS = {NoticeKind.CONNECTION_PROPOSED: "answer", NoticeKind.CONNECTION_DUE: "answer",
         NoticeKind.SEAT_OFFERED: "seat", NoticeKind.GATHERING_REMINDER: "come"}  # fmt: skip
DEEDS = {"take": gettext_noop("took a seat"), "give_back": gettext_noop("gave a seat back")}  # as it is written down
SEATS = {"seat": RegistrationState.OFFERED, "come": RegistrationState.ENROLLED}  # while these hold


class Entry(NamedTuple):
    """One thing in a letter."""

    notice: Notice
    title: str
    paragraphs: list[str]
    question: str
    slip: str


def is_helper(viewer: Any, person: Member) -> bool:
    """Whether the viewer acts for this person: a grown-up without e-mail who is helped by nobody else."""
    return not person.email and person.helper_id == viewer.pk and person.is_adult and bool(viewer.is_adult)


def content(viewer: Any, person: Member, letter: Letter | None = None) -> list[Entry]:
    """What stands in a letter, or would stand in the next one, as this viewer may read it."""
    helps = is_helper(viewer, person)
    rows = letter.told(viewer) if letter else Letter.waiting(viewer).filter(member=person)
    rows = list(rows.select_related("actor", "member__helper", "page")[: Letter.MOST])
    Told.together(rows)
    questions, seats = questions_of(viewer, person, rows), seats_of(viewer, person, rows)
    with translation.override(person.spoken):
        return list(once(entry(row, questions, seats, helps=helps) for row in rows))


def once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """A question stands in a letter once, with the first thing that tells of it; so does its slip, where it has one."""
    said: set[tuple[str, str]] = set()
    for one in entries:
        about = ABOUT_CONNECTION.match(one.notice.url) or ABOUT_GATHERING.match(one.notice.url)
        place = about[0] if about else ""
        question, slip = ("" if (words, place) in said else words for words in (one.question, one.slip))
        said |= {(question, place), (slip, place)} if about else set()
        yield one._replace(question=question, slip=slip)


def questions_of(viewer: Any, person: Member, rows: list[Notice]) -> dict[int, Connection]:
    """The questions to this person that are told of here, by number, as far as the viewer may know of them."""
    found = (ABOUT_CONNECTION.match(row.url) for row in rows if SLIPS.get(row.kind) == "answer")  # type: ignore[call-overload]
    keys = [int(one[1]) for one in found if one]
    open_to = Connection.objects.waiting_for(person).filter(pk__in=keys) if keys else Connection.objects.none()
    return {one.pk: one for one in open_to.exclude(asker__in=Block.around(viewer)).select_related("asker")}


def seats_of(viewer: Any, person: Member, rows: list[Notice]) -> dict[str, tuple[str, str]]:
    """The gatherings that are told of here, as far as the viewer may see them: their title, and the person's seat."""
    found = (ABOUT_GATHERING.match(row.url) for row in rows)
    slugs = [one[1] for one in found if one]
    pages = GatheringPage.objects.visible_to(viewer).filter(slug__in=slugs) if slugs else GatheringPage.objects.none()
    own = Registration.objects.of(person).filter(gathering=OuterRef("pk")).order_by("-created_at", "-pk")
    pages = pages.annotate(seat=Subquery(own.values("state")[:1])).values_list("slug", "title", "seat")
    return {slug: (title, seat or "") for slug, title, seat in pages}


def entry(row: Notice, questions: dict[int, Connection], seats: dict[str, tuple[str, str]], *, helps: bool) -> Entry:
    """One thing: for whoever helps in full, without addresses that paper cannot follow; else what kind it is.

    What was settled in the meantime has no slip any more.
    """
    number, page = ABOUT_CONNECTION.match(row.url), ABOUT_GATHERING.match(row.url)
    one = questions.get(int(number[1])) if number else None
    title, seat = seats.get(page[1], ("", "")) if page else ("", "")
    slip = SLIPS.get(row.kind, "")  # type: ignore[call-overload]
    if (slip == "answer" and one is None) or seat != SEATS.get(slip, seat):
        slip = ""
    if helps:
        row.is_mail = number is None  # like a mail it must be of use alone; a question stands below with its words
        heading, text = row.lines
        return Entry(row, heading, on_paper(text), one.message if one else "", slip)
    about = one.asker.name if one and one.asker else title
    return Entry(row, f"{row.get_kind_display()}: {about}" if about else row.get_kind_display(), [], "", slip)


def on_paper(text: str) -> list[str]:
    """The paragraphs of a text that lead to no address."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip() and "://" not in part]


# --- What a helper does --------------------------------------------------------------------------------------


def open_for(helper: Any, person: Member) -> dict[str, Any]:
    """What can be done in this person's name just now; nothing for whoever does not help them."""
    if not is_helper(helper, person):
        return {"questions": [], "seats": []}
    return {
        "questions": Connection.objects.waiting_for(helper).filter(asked=person)
        .exclude(asker__in=Block.around(helper)).select_related("asker").order_by("moved_at", "pk")[: Letter.MOST],
        "seats": seats_for(helper, person)[: Letter.MOST],
    }  # fmt: skip


def seats_for(helper: Member, person: Member) -> Any:
    """The person's seats, offers and places in a queue, in gatherings to come of which both may know."""
    to_come = GatheringPage.objects.filter(ends_at__gt=timezone.now())
    rows = Registration.objects.of(person).pending()
    for one in (helper, person):
        rows = rows.filter(gathering__in=to_come.visible_to(one).order_by().values("pk"))
    return rows.select_related("gathering", "member").order_by("gathering__starts_at", "pk")


def require_helper(helper: Member, person: Member) -> None:
    """Only whoever helps this person now, and goes on to until this is done; nobody across a block."""
    rows = Letter.readers(helper).filter(helper=helper).select_for_update(of=("self",), no_key=True)
    if not rows.filter(pk=person.pk).first():
        raise ValidationError(_("You do not act for this person."))


@transaction.atomic
def act_for(helper: Member, person: Member, what: str, key: int, version: int | None = None) -> None:
    """Do one thing in this person's name, and write it down; ValidationError where it cannot be done any more."""
    require_helper(helper, person)
    if what in {"accept", "decline", "postpone"}:
        answer(helper, person, what, key, version)
    elif what in DEEDS:
        seat = seats_for(helper, person).filter(pk=key).first()
        if seat is None or (what == "take" and seat.state != RegistrationState.OFFERED):
            raise ValidationError(_("This was answered in the meantime. Look at where it stands now."))
        seat.accept() if what == "take" else seat.cancel()
        Audit.act_for(helper, person, DEEDS[what])
    else:
        raise ValidationError(_("This cannot be done in somebody's name."))


def answer(helper: Member, person: Member, what: str, key: int, version: int | None) -> None:
    """Yes, not now, or no to a question; the step itself writes down who took it."""
    found = Connection.objects.visible_to(helper).filter(asked=person).exclude(asker__in=Block.around(helper))
    one = found.with_people().filter(pk=key).first()
    if one is None or one.side_of(helper) != person or version is None:
        raise ValidationError(_("This was answered in the meantime. Look at where it stands now."))
    if what == "postpone":
        one.postpone(helper, timezone.localdate() + NOT_NOW, version=version)
    elif what == "accept":
        one.accept(helper, version=version)
    else:
        one.decline(helper, version=version)


@transaction.atomic
def mark_told(helper: Member, person: Member, keys: set[int]) -> int:
    """The helper has told the person these things: they count as read, and that is written down."""
    require_helper(helper, person)
    own = Notice.objects.visible_to(helper).filter(member=person, pk__in=keys)
    number: int = own.exclude(actor__in=Block.around(helper)).read_all()
    if number:
        Audit.act_for(helper, person, gettext_noop("told what was new, and marked it as read"))
    return number


def done_for(person: Member, letter: Letter | None = None) -> Any:
    """What was done in this person's name since the last letter, or before this one; whoever did it.

    For whoever may read the person's letters.
    """
    letters, rows = Letter.objects.filter(member=person), Audit.objects.filter(member=person, verb=AuditVerb.ACT_FOR)
    if letter is not None:
        letters, rows = letters.filter(printed_at__lt=letter.printed_at), rows.filter(at__lte=letter.printed_at)
    if (before := letters.first()) is not None:
        rows = rows.filter(at__gt=before.printed_at)
    return rows.select_related("actor")


def people_waiting(viewer: Any) -> Any:
    """People without e-mail for whom something stands in no letter yet: what happened, or was done in their name."""
    last = Letter.objects.filter(member=OuterRef("pk")).order_by("-printed_at").values("printed_at")[:1]
    acts = Audit.objects.filter(member=OuterRef("pk"), verb=AuditVerb.ACT_FOR)
    waits = Exists(Letter.waiting(viewer).filter(member=OuterRef("pk")))
    is_new = Q(last_at=None) & Exists(acts) | Exists(acts.filter(at__gt=OuterRef("last_at")))
    people = Letter.readers(viewer).annotate(last_at=Subquery(last)).filter(waits | is_new)
    return people.select_related("helper").order_by("name", "pk")
