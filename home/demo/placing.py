"""Who applied for a place in the demo valley, and what came of it."""

from community.connections.models import LearningPlan
from community.members.models import Member
from community.openings.models import STEPS, Application, OpeningPage, Turn
from community.trust.models import Safeguarding
from home.demo.people import STEWARD
from home.demo.texts import read


def apply() -> int:
    """Applications with what was answered, and the first lines of a plan. Counts the new ones."""
    number = 0
    Member.objects.get(email=STEWARD).groups.add(Safeguarding.group())  # reads what people under 18 send
    for texts in read("applications")["applications"]:
        opening = OpeningPage.objects.filter(slug=texts["opening"]).first()
        member = Member.objects.filter(handle=texts["member"]).first()
        if opening is None or member is None or Application.objects.filter(opening=opening, member=member).exists():
            continue
        one = opening.apply(member, texts["message"])
        for told in texts.get("steps", ()):
            by = one.poster if STEPS[told["step"]].turn == Turn.POSTER else member
            getattr(one, told["step"])(by, words=told.get("words", ""))
        if texts.get("sign_off"):
            begin_plan(one, texts["sign_off"])
        number += 1
    return number


def begin_plan(one: Application, count: int) -> None:
    """Both say how far it is; the first lines are signed off."""
    plan = LearningPlan.objects.get(connection=one.connection)
    skills = list(plan.skills.all())
    plan.keep(one.member, "Bread of my own on the stall, by next November.", {s.pk: 1 for s in skills})
    plan.keep(one.poster, plan.goal, {skill.pk: 2 for skill in skills})
    for skill in skills[:count]:
        skill.sign_off(one.poster)
