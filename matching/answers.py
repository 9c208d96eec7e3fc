"""Who may know the answer: questions that nobody has answered are passed on to a few who offer what it takes.

The worker reads the words of a question for this alone and keeps nothing of them; what somebody under 18 wrote, or
somebody who wants no matching, is not read at all. Whether a letter goes out is for `Routed.send` to say.
"""

from community.members.models import Member
from community.questions.models import Answer, Question, Routed, teller_of
from matching import refresh, roster
from matching.engine import pipeline
from matching.engine.encode import Encodes
from matching.engine.kinds import KINDS
from matching.roster import Roster

MOST_QUESTIONS = 500  # read in one run
NEAREST = 30  # people whose evidence is weighed for one question


def pass_on(by: Encodes | None = None) -> int:
    """Pass every question that nobody has answered on to a few more people; returns how many letters went out."""
    waiting = list(Question.objects.needing_answers().select_related("member")[:MOST_QUESTIONS])
    if not waiting:
        return 0  # the model is not loaded for nothing
    people = refresh.everybody(by)
    return sum(
        Routed.send(question, member) is not None
        for question in waiting
        for member in who_can_answer(question, Routed.A_DAY_FOR_A_QUESTION, people, by)
    )


def who_can_answer(
    question: Question, limit: int, people: Roster | None = None, by: Encodes | None = None
) -> list[Member]:
    """The members who most likely know the answer, best first: mentors whom the asker may meet, and who have room.

    Whoever has answered, was asked before, or was asked enough for now is left out.
    """
    by, people = by or refresh.encoder(), refresh.everybody(by) if people is None else people
    asker = next((one for one in people if one.id == question.member_id), None)
    if asker is None or question.member is None or not question.member.is_adult:
        return []
    if question.group is not None:  # asked in a circle: nobody outside may read it
        inside = set(question.group.user_set.values_list("pk", flat=True))
        people = Roster(one for one in people if one.id in inside)
    texts = [question.title, *([f"{question.title} {question.text}"] if question.text else [])]
    asking = roster.asking(asker, dict(zip(texts, by.encode(texts), strict=True)))
    near = pipeline.shortlist(asking, people, KINDS["mentor"], _left_out(question), NEAREST)
    found = pipeline.matches(asking, near, KINDS["mentor"])
    keys = [int(match.person.id) for match in found if refresh.is_worth_showing(match)]
    seen = Member.objects.visible_to(question.member).in_bulk(keys)
    return [seen[key] for key in keys if key in seen][:limit]


def _left_out(question: Question) -> set[int | str]:
    """Whom not to ask about this question."""
    asked = set(Routed.objects.filter(question=question).values_list("member", flat=True))
    answered = set(Answer.objects.filter(question=question).exclude(member=None).values_list("member", flat=True))
    page = question.page.specific if question.page else None
    teller = teller_of(page) if page else None  # has heard of it already
    return asked | answered | Routed.objects.all().busy() | ({teller.pk} if teller else set())
