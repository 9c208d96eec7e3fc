"""What the people of the demo valley asked each other below the stories."""

from community.library.models import CaseStudyPage
from community.members.models import Member
from community.questions.models import Question
from home.demo.texts import read


def ask() -> int:
    """Questions, their answers, and which of them helped. Counts the new questions."""
    number = 0
    for texts in read("questions")["questions"]:
        story = CaseStudyPage.objects.select_related("author").filter(slug=texts["story"]).first()
        asker = Member.objects.get(handle=texts["asker"])
        if story is None or Question.objects.filter(page=story, title=texts["title"]).exists():
            continue
        question = Question.ask(asker, story, texts["title"], texts.get("text", "").strip())
        for given in texts.get("answers", ()):
            answer = question.answer(Member.objects.get(handle=given["member"]), given["text"].strip())
            if given.get("helped"):
                question.accept(asker, answer)
        number += 1
    return number
