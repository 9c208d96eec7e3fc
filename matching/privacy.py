"""What the matching holds on a person, and what it uses of theirs: vectors of texts, suggestions to and of them."""

from typing import Any

from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from community.members.models import Block, Member, OpenTo, Profile, Visibility
from community.questions.models import Question
from matching.models import (
    Entry,
    Fixed,
    Followed,
    FoundCircle,
    FoundMember,
    Learned,
    Outcome,
    Pair,
    Passage,
    Placement,
    Reason,
    Round,
    Suggestion,
    Vector,
)
from matching.stores import exact

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Vector: "profile__member",
    Followed: "profile__member",
    FoundMember: "member",
    Passage: "statement__profile__member",
    Suggestion: ("member", "other"),
    Outcome: ("member", "other"),
    Placement: "member",
    Learned: "stopped_by",
    Reason: ("suggestion__member", "need__profile__member", "offer__profile__member"),
    Round: "published_by",
    Entry: ("member", "entered_by"),
    Fixed: ("mentor__member", "learner__member"),
    Pair: ("mentor__member", "learner__member"),
}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's suggestions with reasons; vectors are named with the text they stand for, not their numbers."""
    suggestions = Suggestion.objects.visible_to(member).with_reasons(member)
    vectors = Vector.objects.filter(profile__member=member)
    fits = list(FoundCircle.objects.filter(members__member=member).exclude(told_at=None))
    FoundCircle.quoted(fits)  # the others' words, as far as they still show them
    return {
        "suggestions": [
            {
                "kind": row.kind,
                "to": row.other.name,
                "how_likely": row.band,
                "made_at": row.made_at.isoformat(),
                "dismissed_at": row.dismissed_at and row.dismissed_at.isoformat(),
                "reasons": [{"need": reason.need.text, "offer": reason.offer.text} for reason in row.reasons.all()],
            }
            for row in suggestions
        ],
        "what_became_of_suggestions": [
            {
                "kind": one.kind,
                "month": f"{one.month:%Y-%m}",
                "now": one.connection.state if one.connection else "put aside",
            }
            for one in Outcome.objects.filter(member=member).select_related("connection").order_by("pk")
        ],
        "openings_that_suit": [
            {"opening": row.opening.title, "for": row.side, "made_at": row.made_at}
            for row in Placement.objects.filter(member=member).select_related("opening").order_by("pk")
        ],
        "people_who_want_the_same": [{"words": one.said, "found_at": one.found_at} for one in fits],
        "rounds": [
            {"round": entry.round.title, "as": entry.side, "for": entry.capacity, "entered_at": entry.entered_at}
            for entry in Entry.objects.filter(member=member).select_related("round")
        ],
        "lines_found_by_their_words": [
            dict(row)
            for row in Passage.objects.filter(statement__profile__member=member).values("statement__text", "saved_at")
        ],
        "texts_read_by_the_model": [dict(row) for row in vectors.values("key", "model", "text_hash")],
    }


def erase(member: Member) -> None:
    """Forget vectors, every suggestion to or of this person, what became of it, and that they took part in rounds."""
    Vector.objects.filter(profile__member=member).delete()
    Followed.objects.filter(profile__member=member).delete()
    Passage.objects.filter(statement__profile__member=member).delete()
    transaction.on_commit(exact.sweep)
    Suggestion.objects.filter(member=member).delete()
    Suggestion.objects.filter(other=member).delete()
    FoundMember.objects.filter(member=member).delete()
    Outcome.forget(member.pk)
    Placement.objects.filter(member=member).delete()
    Learned.objects.filter(stopped_by=member).update(stopped_by=None)
    Entry.objects.filter(member=member).delete()  # what was fixed or proposed goes with it
    Entry.objects.filter(entered_by=member).update(entered_by=None)
    Round.objects.filter(published_by=member).update(published_by=None)


# --- What is used, in words that the person can check ----------------------------------------------------------


def used(member: Member) -> list[dict[str, Any]]:
    """What of this person matching reads, as groups of rows: what it is, what for, and where it is changed."""
    profile = member.profile
    rules = [row for row in _rules(member, profile) if row]
    return [
        {"title": _("Your lines"), "rows": _lines(profile)},
        {"title": _("The text about you"), "rows": _texts(profile)},
        {"title": _("What decides whom you meet at all"), "rows": rules},
    ]


def _use(visibility: str, what_for: str) -> str:
    """What a text is used for, as far as its owner allows."""
    if visibility == Visibility.ME:
        return _("Not used: only you see it.")
    if visibility == Visibility.MATCHING:
        return _("%(what_for)s Never quoted.") % {"what_for": what_for}
    return _("%(what_for)s May be quoted as a reason to the other person.") % {"what_for": what_for}


def _lines(profile: Profile) -> list[dict[str, Any]]:
    words = {"offer": _("Compared with what others look for."), "need": _("Compared with what others offer.")}
    return [
        {
            "what": f"{line.text} ({line.amount})" if line.amount else line.text,
            "use": _use(line.visibility, words[line.side]),
            "url": reverse("members:edit_line", args=[line.pk]),
        }
        for line in profile.statements.all()
    ]


def _texts(profile: Profile) -> list[dict[str, Any]]:
    """The trade and the sentences: compared, and quoted nowhere."""
    compared = _("Compared as a whole with what others look for. Never quoted.")
    hidden = profile.about_visibility == Visibility.ME
    about = _("Not used: only you see it.") if hidden else compared
    rows = [(profile.trade, compared, "about"), (profile.about, about, "allow" if hidden else "about")]
    return [
        {"what": what, "use": use, "url": reverse("members:topic", args=[topic])} for what, use, topic in rows if what
    ]


def _rules(member: Member, profile: Profile) -> list[dict[str, Any] | None]:
    """Settings and lists that open and close; none of them is ever told to anybody."""
    blocks = Block.objects.filter(blocker=member).count()
    listed = profile.not_with.count()
    place = profile.place_visibility != Visibility.ME and profile.cell is not None
    spoken = profile.languages_visibility != Visibility.ME and profile.languages
    return [
        _rule(bool(profile.open_to), _("As what you agree to be shown"), _("You are suggested as nothing else."),
              "allow"),
        _rule(OpenTo.MENTOR in profile.open_to, _("That you agreed to be shown as a mentor"),
              _("Questions near to what you offer are passed on to you, three a week at most."), "allow"),
        _rule(Question.objects.of(member).open().exists(), _("Your questions on pages"),
              _("Compared with what others offer while nobody has answered, to pass them on. Not kept."), "allow"),
        _rule(bool(spoken), _("Your languages"), _("Nobody is suggested with whom you share none."), "about"),
        _rule(place, _("The square of ten kilometres that you live in"), _("For distances, said only in steps."),
              "place"),
        _rule(profile.max_km is not None, _("How far you want to go"), _("Nobody further away is suggested."),
              "allow"),
        _rule(True, _("How many people you can help"), _("You are not suggested as a mentor when you are full."),
              "allow"),
        _rule(profile.is_paused, _("Your pause"), _("You are suggested to nobody."), "allow"),
        _rule(profile.not_own_trade_km is not None, _("Your wish about your own trade"), _("Kept both ways."),
              "wishes"),
        _rule(bool(listed), _("Your list of people not to be brought together with"), _("Kept both ways."), "wishes"),
        _rule(True, _("What you put aside, and what came of asking"),
              _("Numbers alone, beside those of at least thirty people: how all suggestions are weighed."), "allow"),
        _rule(bool(blocks), _("People whom you keep away"), _("Kept both ways."), ""),
    ]  # fmt: skip


def _rule(is_set: bool, what: str, use: str, topic: str) -> dict[str, Any] | None:
    url = reverse("members:topic", args=[topic]) if topic else reverse("members:blocks")
    return {"what": what, "use": use, "url": url} if is_set else None
