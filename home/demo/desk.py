"""The failure desk of the demo valley: one story that has gone the whole way, and one that waits."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from community.library.models import CaseStudyPage, DeskStory, Receipt
from community.members.models import Member
from home.demo.people import STEWARD
from home.demo.texts import read


def open_desk() -> int:
    """Name the steward for the desk, and tell two stories in confidence. Counts the new ones."""
    steward = Member.objects.get(email=STEWARD)
    steward.groups.add(DeskStory.group())
    if CaseStudyPage.objects.filter(is_confidential=True).exists() or DeskStory.objects.exists():
        return 0
    texts = read("desk")
    publish(texts["published"], steward)
    DeskStory.receive(plain(texts["waiting"]), "the demo's second story, told in confidence")
    return 2


def publish(texts: dict[str, Any], steward: Member) -> None:
    """The whole way of a story, by the verbs that the pages use; only the days of waiting are left out."""
    story, _code = DeskStory.receive(plain(texts["told"]), "the demo's first story, told in confidence")
    story.ask(steward, texts["question"])
    story.reply(texts["answer"])
    story.rewrite(steward, plain(texts["words"]))
    story.send_for_approval(steward)
    story.approve(story.mark)
    story.accept(steward)
    Receipt.release_due(timezone.localdate() + timedelta(days=10))


def plain(words: dict[str, Any]) -> dict[str, Any]:
    """The words of a file without the line breaks around them, and without what is empty."""
    tidy = {name: text.strip() if isinstance(text, str) else text for name, text in words.items()}
    return {name: text for name, text in tidy.items() if text != ""}
