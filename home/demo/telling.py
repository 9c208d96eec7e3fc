"""Stories on their way to the readers, and one that grew out of a try: all through the product's own verbs."""

from community.library.models import CaseStudyPage, Trial
from community.members.models import Member
from home.demo.people import STEWARD
from home.demo.texts import as_html, read

FIELDS = ("summary", "licence", "scale")


def tell() -> int:
    """Send them, and have the steward ask for more where the text says so. Counts the new ones."""
    number = 0
    for texts in read("telling")["stories"]:
        author = Member.objects.get(email=f"{texts['author']}@example.org")
        if CaseStudyPage.objects.filter(author=author, draft_title=texts["title"]).exists():
            continue
        story = CaseStudyPage.begin(author, {"title": texts["title"], "outcome": texts["outcome"]})
        chapters = {name: as_html(texts[name]) for name in ("tried", "happened")}
        story.keep(author, {name: texts[name] for name in FIELDS}, chapters)
        story = CaseStudyPage.objects.get(pk=story.pk)
        story.send(author)
        if "ask" in texts:
            story = CaseStudyPage.objects.get(pk=story.pk)
            story.ask_for_more(Member.objects.get(email=STEWARD), str(story.latest_revision_id), texts["ask"])
        number += 1
    return number + grow()


def grow() -> int:
    """Make a story of a try, send it, and have the steward publish it. Counts the new ones."""
    number = 0
    for texts in read("telling")["grown"]:
        found = Trial.objects.filter(member__handle=texts["member"], grown_into=None).select_related("page", "member")
        trial = found.filter(page__slug=texts["tried"]).first()
        if trial is None:
            continue
        story = trial.grow(CaseStudyPage)
        fields = {name: texts[name] for name in ("title", "summary", "licence")}
        story.keep(trial.member, fields, {name: as_html(texts[name]) for name in ("setting", "now")})
        CaseStudyPage.objects.get(pk=story.pk).send(trial.member)
        story = CaseStudyPage.objects.get(pk=story.pk)
        story.accept(Member.objects.get(email=STEWARD), str(story.latest_revision_id))
        number += 1
    return number
