"""What connections hold on a person: whom they asked, who asked them, and the words between the two."""

from typing import Any

from django.db.models import Model, Q
from django.utils import timezone

from community.connections.models import (
    WAITING,
    Agreement,
    CheckIn,
    Closing,
    Connection,
    ConnectionState,
    Enclosure,
    Excerpt,
    LearningPlan,
    Meeting,
    Message,
    NextChoice,
    Note,
    PlanSkill,
    Wait,
)
from community.members.models import Member

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Connection: ("asker", "asked", "mentor", "referred_to"),
    NextChoice: ("connection__asker", "member"),
    Wait: ("learner", "mentor"),
    LearningPlan: ("connection__asker", "connection__asked"),
    Agreement: ("writer", "connection__asker", "connection__asked"),
    Meeting: ("writer", "connection__asker", "connection__asked"),
    CheckIn: ("member", "connection__asker", "connection__asked"),
    Closing: ("writer", "subject"),
    Message: ("writer", "decided_by", "connection__asker", "connection__asked"),
    Enclosure: ("message__writer", "message__connection__asker", "message__connection__asked"),
    Excerpt: ("report__reporter", "report__about", "message__connection__asker", "message__connection__asked"),
    Note: "writer",
    PlanSkill: ("signed_by", "plan__connection__asker", "plan__connection__asked"),
}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's connections; of the other's words those that were written to the member."""
    rows = Connection.objects.filter(Q(asker=member) | Q(asked=member)).select_related("asker", "asked").order_by("pk")
    return {
        "connections": [
            {"kind": row.kind, "state": row.state, "asked_at": row.created_at, "answered_at": row.answered_at}
            | {"asker": row.asker and row.asker.name, "asked": row.asked and row.asked.name}
            | {"teaches": row.mentor_id == member.pk, "message": row.message, "answer": row.answer}
            | {"skill": row.skill, "goal": row.goal, "reason": row.reason, "ended_at": row.ended_at}
            for row in rows
        ],
        **papers_of(member),
        **talk_of(member),
        "learning_plans": plans_of(member),
        "asked_next": [
            {"connection": one.connection_id, "position": one.position, "name": one.member.name}
            for one in NextChoice.objects.filter(connection__asker=member).select_related("member")
        ],
        "waits_for_mentors": [
            {"mentor": one.mentor.name, "state": one.state, "since": one.queued_at, "offered_until": one.offer_until}
            for one in Wait.objects.filter(learner=member).select_related("mentor")
        ],
    }


def plans_of(member: Member) -> list[dict[str, Any]]:
    """What the member learns or teaches, with the ratings of both."""
    own = Q(connection__asker=member) | Q(connection__asked=member)
    plans = LearningPlan.objects.filter(own).select_related("connection").prefetch_related("skills").order_by("pk")
    said = ("text", "teacher_rating", "learner_rating", "signed_at")
    return [
        {"goal": plan.goal, "teaches": plan.connection.mentor_id == member.pk, "begun_at": plan.created_at}
        | {"skills": [{name: getattr(skill, name) for name in said} for skill in plan.skills.all()]}
        for plan in plans
    ]


def papers_of(member: Member) -> dict[str, list[dict[str, Any]]]:
    """What the two wrote down, with the words of the other; of the other's numbers none."""
    own = Q(connection__asker=member) | Q(connection__asked=member)
    terms = ("goals", "rhythm", "until", "cycles", "visits", "otherwise")
    said = ("connection", "closed_at", "reason", "thanks", "testimonial", "is_offered", "is_shown", "is_named")
    agreements, meetings = Agreement.objects.filter(own).order_by("pk"), Meeting.objects.filter(own).order_by("pk")
    heard = CheckIn.objects.filter(own).exclude(member=member).exclude(word="").order_by("pk")
    return {
        "agreements": list(agreements.values("connection", "number", *terms, "asker_signed_at", "asked_signed_at")),
        "meetings": list(meetings.values("connection", "held_on", "minutes", "next_step", "next_on")),
        "check_ins": [
            *CheckIn.objects.filter(member=member).order_by("pk").values("connection", "asked_at", "mark", "word"),
            *heard.values("connection", "member__name", "word"),
        ],
        "closings": [
            *Closing.objects.filter(writer=member).order_by("pk").values(*said, "reached", "next_step"),
            *Closing.objects.filter(subject=member).order_by("pk").values(*said, "writer__name"),
        ],
    }


def talk_of(member: Member) -> dict[str, list[dict[str, Any]]]:
    """What the member wrote, and what has reached them; their own notes, and never the other's."""
    own = Q(connection__asker=member) | Q(connection__asked=member)
    told = Message.objects.filter(own).filter(Q(writer=member) | Q(held_at=None) | ~Q(released_at=None))
    return {
        "messages": [
            {"connection": one.connection_id, "writer": one.writer.name, "text": one.text}
            | {"written_at": one.created_at, "file": one.enclosure.name if hasattr(one, "enclosure") else ""}
            for one in told.select_related("writer", "enclosure").defer("enclosure__data").order_by("pk")
        ],
        "private_notes": [
            {"connection": one.connection_id, "meeting": one.meeting and one.meeting.held_on, "text": one.text}
            | {"written_at": one.written_at}
            for one in Note.objects.filter(writer=member).select_related("meeting").order_by("pk")
        ],
    }


def erase(member: Member) -> None:
    """Empty the member's words, end what waits, and leave the other an entry without a name."""
    now, rows = timezone.now(), Connection.objects
    erase_papers(member)
    NextChoice.objects.filter(Q(connection__asker=member) | Q(member=member)).delete()
    Wait.forget(member)
    # What a learner was signed off for stays theirs, without the teacher's name; nobody else's plan stays.
    PlanSkill.objects.filter(signed_by=member).update(signed_by=None)
    LearningPlan.objects.filter(connection__mentor=member).update(goal="")
    plans = LearningPlan.objects.filter(Q(connection__asker=member) | Q(connection__asked=member))
    plans.exclude(connection__mentor=member).delete()
    rows.filter(Q(asker=member) | Q(asked=member), state=ConnectionState.INTRODUCED).delete()
    waiting, ends = rows.filter(state__in=WAITING), {"answered_at": now, "moved_at": now, "ended_at": now}
    waiting.filter(asker=member).update(state=ConnectionState.WITHDRAWN, **ends)
    Connection.say_gone(member)
    waiting.filter(asked=member).update(state=ConnectionState.LAPSED, **ends | {"answered_at": None})
    Connection.end_silently(rows.filter(Q(asker=member) | Q(asked=member)))
    rows.filter(asker=member).update(asker=None, message="", skill="", skill_key="", goal="")
    rows.filter(asked=member).update(asked=None, answer="")
    rows.filter(mentor=member).update(mentor=None)
    rows.filter(asker=None, asked=None).delete()


def erase_papers(member: Member) -> None:
    """Take out what the member wrote down; of a meeting the day and the length stay with the other."""
    Message.objects.filter(writer=member).delete()
    Message.objects.filter(decided_by=member).update(decided_by=None)
    Note.objects.filter(writer=member).delete()
    # What both have signed stays with the other, without the name; what only waited goes.
    written = Agreement.objects.filter(writer=member)
    written.filter(Q(asker_signed_at=None) | Q(asked_signed_at=None)).delete()
    written.update(writer=None)
    Meeting.objects.filter(writer=member).update(writer=None, next_step="")
    CheckIn.objects.filter(member=member).delete()
    Closing.objects.filter(writer=member).delete()
    Closing.objects.filter(subject=member).update(subject=None, is_shown=False)
    Connection.objects.filter(referred_to=member).update(referred_to=None)
