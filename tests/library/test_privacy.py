"""A story is given out whole, and loses its teller when the teller goes."""

import json

from community.library import privacy
from community.library.models import CaseStudyPage
from community.members.models import Member
from tests.factories import StoryFactory


def test_it_exports_a_story_whole(member: Member) -> None:
    StoryFactory(title="The wet barley", author=member)
    (story,) = privacy.export(member)["stories"]
    assert story["title"] == "The wet barley"
    assert "Two acres of wet clay." in json.dumps(story)


def test_it_keeps_the_story_and_forgets_the_teller(member: Member) -> None:
    page = StoryFactory(title="The wet barley", author=member, owner=member)
    assert page.revisions.exists()
    privacy.erase(member)
    left = CaseStudyPage.objects.get(pk=page.pk)
    assert (left.author, left.owner, left.live) == (None, None, True)
    assert not left.revisions.exists()


def test_it_leaves_the_stories_of_others_alone(member: Member, stranger: Member) -> None:
    page = StoryFactory(author=stranger)
    privacy.erase(member)
    assert CaseStudyPage.objects.get(pk=page.pk).author == stranger
