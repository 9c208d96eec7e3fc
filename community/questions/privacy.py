"""What questions hold on a person: what they asked and answered, and what they were asked because of their offers."""

from typing import Any

from django.db.models import Exists, Model, OuterRef
from django.utils.translation import gettext as _

from community.members.models import Member
from community.questions.models import Answer, Question, Routed

HOLDS: dict[type[Model], str | tuple[str, ...]] = {Question: "member", Answer: "member", Routed: "member"}
TOLD = ("state", "hidden_why", "created_at", "edited_at")


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's questions and answers, whole, and the letters that asked them for an answer."""
    asked = Question.objects.filter(member=member).select_related("page").order_by("pk")
    answered = Answer.objects.filter(member=member).select_related("question").order_by("pk")
    letters = Routed.objects.filter(member=member).order_by("pk")
    return {
        "questions": [
            {"on": one.page.title if one.page else _("in a circle"), "title": one.title, "text": one.text}
            | {name: getattr(one, name) for name in TOLD}
            for one in asked
        ],
        "answers": [
            {"to": one.question.title, "text": one.text} | {name: getattr(one, name) for name in TOLD}
            for one in answered
        ],
        "questions_passed_on_to_you": [
            {"url": letter.question.get_absolute_url(), "state": letter.state, "sent_at": letter.sent_at}
            for letter in letters.select_related("question")
        ],
    }


def erase(member: Member) -> None:
    """All of the member's words go; what others have answered stays, below a question that says nothing."""
    Routed.objects.filter(member=member).delete()
    Answer.objects.filter(member=member).delete()
    asked = Question.objects.filter(member=member)
    asked.exclude(Exists(Answer.objects.filter(question=OuterRef("pk")))).delete()
    asked.update(member=None, key=None, title=_("A question of somebody who has left"), text="", hidden_why="")
