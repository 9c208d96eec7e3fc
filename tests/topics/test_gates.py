"""Who may see which page: the same answer for a list, a page, a search and an alias."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test import Client
from wagtail.models import PageViewRestriction

from community.library.models import CaseStudyPage, StoryIndexPage
from community.members.models import Block, Member
from tests.conftest import signed_in
from tests.factories import StoryFactory

pytestmark = pytest.mark.django_db


def shut(page: object, kind: str, *groups: Group) -> None:
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="p")
    restriction.groups.set(groups)


def seen_by(member: object) -> set[str]:
    return set(CaseStudyPage.objects.visible_to(member).values_list("title", flat=True))


def test_a_page_for_members_is_for_members(member: Member) -> None:
    story = StoryFactory(title="Inside")
    StoryFactory(title="Outside")
    shut(story, PageViewRestriction.LOGIN)
    assert seen_by(None) == seen_by(AnonymousUser()) == {"Outside"}
    assert seen_by(member) == {"Inside", "Outside"}
    assert Client().get(story.url).status_code == 302
    assert signed_in(member).get(story.url).status_code == 200


def test_a_page_for_a_group_is_for_that_group(member: Member, stranger: Member) -> None:
    story = StoryFactory(title="Circle")
    group = Group.objects.create(name="Bee keepers")
    member.groups.add(group)
    shut(story, PageViewRestriction.GROUPS, group, Group.objects.create(name="Others"))
    assert seen_by(member) == {"Circle"}
    assert seen_by(stranger) == set()
    assert signed_in(stranger).get(story.url).status_code == 302


def test_a_page_under_a_password_is_in_no_list(member: Member) -> None:
    shut(StoryFactory(title="Secret"), PageViewRestriction.PASSWORD)
    assert seen_by(member) == set()


def test_a_gate_above_shuts_all_below(member: Member) -> None:
    story = StoryFactory(title="Below")
    shut(StoryIndexPage.objects.get(), PageViewRestriction.LOGIN)
    assert seen_by(None) == set()
    assert seen_by(member) == {"Below"}
    assert Client().get(story.url).status_code == 302
    assert Client().get("/stories/").status_code == 302


def test_an_alias_is_as_shut_as_its_source() -> None:
    story = StoryFactory(title="Source")
    alias = story.create_alias(update_slug="alias")
    shut(story, PageViewRestriction.LOGIN)
    assert seen_by(None) == set()
    assert Client().get(alias.url).status_code == 302


def test_a_block_hides_both_from_each_other(member: Member, stranger: Member, steward: Member) -> None:
    story = StoryFactory(title="By Alma", author=member)
    Block.put(stranger, member)
    assert seen_by(stranger) == set()
    assert signed_in(stranger).get(story.url).status_code == 404
    Block.lift(stranger, member)
    Block.put(member, stranger)
    assert seen_by(stranger) == set()
    assert signed_in(stranger).get(story.url).status_code == 404
    assert seen_by(steward) == {"By Alma"}


def test_only_the_author_may_change_a_story(member: Member, stranger: Member) -> None:
    story = StoryFactory(author=member)
    assert list(CaseStudyPage.objects.editable_by(member)) == [story]
    assert not CaseStudyPage.objects.editable_by(stranger).exists()
    assert not CaseStudyPage.objects.editable_by(None).exists()


@pytest.mark.sqlite_only
def test_it_does_not_read_all_pages_again_for_each_page() -> None:
    StoryFactory()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a database that knows how few restrictions there are plans differently
    plan = CaseStudyPage.objects.visible_to(None).explain().splitlines()
    few = ("SCAN gate", "SCAN spoken")  # the restrictions, and the two languages
    scans = [step for step in plan if "SCAN" in step and not any(name in step for name in few)]
    assert len(scans) == 1, "\n".join(plan)
