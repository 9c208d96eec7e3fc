"""The demo in French: the first pages, and one story as an editor would put it."""

from django.conf import settings
from wagtail.models import Locale

from community.library.models import CaseStudyPage
from home.demo.pages import part
from home.demo.texts import read
from home.translated import translate


def put_into_french() -> int:
    """What is missing of it, where the site speaks French. Counts the new stories."""
    translate()
    if "fr" not in dict(settings.LANGUAGES) or settings.LANGUAGE_CODE == "fr":
        return 0
    french, number = Locale.objects.get(language_code="fr"), 0
    for texts in read("french")["stories"]:
        original = CaseStudyPage.objects.filter(slug=texts["original"]).first()
        if original is None or original.has_translation(french):
            continue
        story = original.copy_for_translation(french)
        story.title = story.draft_title = texts["title"]
        story.summary, story.body = texts["summary"], [part(block) for block in texts["body"]]
        story.save_revision().publish()
        number += 1
    return number
