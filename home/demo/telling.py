"""Two stories on their way to the readers, told and read through the product's own verbs."""

from community.library.models import CaseStudyPage
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
    return number
