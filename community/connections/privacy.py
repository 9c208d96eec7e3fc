"""What connections hold on a person: whom they asked, who asked them, and the words between the two."""

from typing import Any

from django.db.models import Model, Q
from django.utils import timezone

from community.connections.models import Connection, ConnectionState, LearningPlan, NextChoice, PlanSkill, Wait
from community.members.models import Member

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Connection: ("asker", "asked", "mentor"),
    NextChoice: ("connection__asker", "member"),
    Wait: ("learner", "mentor"),
    LearningPlan: ("connection__asker", "connection__asked"),
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
            for row in rows
        ],
        "learning_plans": plans_of(member),
        "asked_next": list(
            NextChoice.objects.filter(connection__asker=member).values("connection", "position", "member__name")
        ),
        "waits_for_mentors": list(
            Wait.objects.filter(learner=member).values("mentor__name", "state", "queued_at", "offer_until", "ended_at")
        ),
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


def erase(member: Member) -> None:
    """Empty the member's words, end what waits, and leave the other an entry without a name."""
    now, rows = timezone.now(), Connection.objects
    NextChoice.objects.filter(Q(connection__asker=member) | Q(member=member)).delete()
    Wait.objects.filter(Q(learner=member) | Q(mentor=member)).delete()
    # What a learner was signed off for stays theirs, without the teacher's name; nobody else's plan stays.
    PlanSkill.objects.filter(signed_by=member).update(signed_by=None)
    LearningPlan.objects.filter(connection__mentor=member).update(goal="")
    plans = LearningPlan.objects.filter(Q(connection__asker=member) | Q(connection__asked=member))
    plans.exclude(connection__mentor=member).delete()
    rows.filter(Q(asker=member) | Q(asked=member), state=ConnectionState.INTRODUCED).delete()
    waiting = rows.filter(state=ConnectionState.PROPOSED)
    waiting.filter(asker=member).update(state=ConnectionState.WITHDRAWN, answered_at=now)
    waiting.filter(asked=member).update(state=ConnectionState.DECLINED, answered_at=now)
    rows.filter(asker=member).update(asker=None, message="")
    rows.filter(asked=member).update(asked=None, answer="")
    rows.filter(mentor=member).update(mentor=None)
    rows.filter(asker=None, asked=None).delete()
