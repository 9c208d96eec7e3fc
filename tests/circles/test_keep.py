"""Keeping a story or a gathering in a circle: found and read there, and nowhere else."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import PageViewRestriction

from community.circles.models import Circle, let_out
from community.gatherings.models import GatheringPage
from community.library.models import CaseStudyPage
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import CircleFactory, GatheringFactory, MemberFactory, OpeningFactory, StoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(db: None) -> Member:
    """Who leads the circle."""
    return MemberFactory(name="Lena Leads")


@pytest.fixture
def circle(leader: Member, member: Member) -> Circle:
    """A circle of the leader and the member."""
    return CircleFactory(by=leader, people=[member])


def test_it_keeps_a_story_and_lets_it_out_again(
    circle: Circle, leader: Member, member: Member, as_member: Client, as_stranger: Client
) -> None:
    story = StoryFactory(author=member, title="The quick that drowned")
    url = f"/circles/keep/{story.pk}/"
    assert as_member.post(url, {"where": circle.slug}).url == circle.get_absolute_url()
    assert "The quick that drowned" in signed_in(leader).get(circle.get_absolute_url()).text
    assert signed_in(leader).get(story.url).status_code == 200
    for outside in (as_stranger, Client()):
        assert "drowned" not in outside.get("/stories/").text
        assert outside.get(story.url).status_code == 302
        assert story.title not in outside.get("/ask/?q=quick drowned").text
    assert story not in CaseStudyPage.objects.visible_to(None)
    assert "checked" in as_member.get(url).text
    as_member.post(url, {"where": ""})
    assert "drowned" in Client().get("/stories/").text
    assert "drowned" not in signed_in(leader).get(circle.get_absolute_url()).text


def test_it_can_be_chosen_before_the_story_is_out(circle: Circle, member: Member, as_member: Client) -> None:
    story = StoryFactory(author=member)
    story.unpublish()
    assert as_member.post(f"/circles/keep/{story.pk}/", {"where": circle.slug}).status_code == 302
    story.refresh_from_db()
    story.save_revision().publish()
    assert story in CaseStudyPage.objects.visible_to(member)
    assert not CaseStudyPage.objects.visible_to(None).filter(pk=story.pk).exists()


def test_only_its_author_keeps_a_page(circle: Circle, leader: Member, member: Member) -> None:
    story = StoryFactory(author=member)
    assert signed_in(leader).post(f"/circles/keep/{story.pk}/", {"where": circle.slug}).status_code == 404
    with pytest.raises(ValidationError):
        circle.keep(leader, story)
    outsider = MemberFactory()
    own = StoryFactory(author=outsider)
    assert signed_in(outsider).post(f"/circles/keep/{own.pk}/", {"where": circle.slug}).status_code == 200
    with pytest.raises(ValidationError):
        circle.keep(outsider, own)
    for number in (0, 2**31, 10**12):
        assert signed_in(member).get(f"/circles/keep/{number}/").status_code == 404
    assert not PageViewRestriction.objects.exists()


def test_it_opens_nothing_that_an_editor_has_shut(circle: Circle, member: Member) -> None:
    story = StoryFactory(author=member)
    gate = PageViewRestriction.objects.create(page=story, restriction_type=PageViewRestriction.GROUPS)
    gate.groups.add(Group.objects.create(name="Board"))
    with pytest.raises(ValidationError, match="editor"):
        circle.keep(member, story)
    let_out(member, story)
    assert PageViewRestriction.objects.filter(pk=gate.pk).exists()


def test_it_keeps_a_gathering_unless_others_come(circle: Circle, member: Member, leader: Member) -> None:
    gathering = GatheringFactory(author=member)
    gathering.enrol(leader)
    circle.keep(member, gathering)  # whoever comes belongs to it
    assert GatheringPage.objects.visible_to(leader).filter(pk=gathering.pk).exists()
    other = GatheringFactory(author=member)
    other.enrol(MemberFactory())
    with pytest.raises(ValidationError, match="from outside"):
        circle.keep(member, other)
    with pytest.raises(ValidationError):
        circle.keep(member, OpeningFactory(author=member))


def test_whoever_leaves_does_not_find_it_and_can_still_let_their_own_out(
    circle: Circle, leader: Member, member: Member
) -> None:
    own, other = StoryFactory(author=member), StoryFactory(author=leader)
    circle.keep(member, own)
    circle.keep(leader, other)
    circle.leave(member)
    assert not CaseStudyPage.objects.visible_to(member).filter(pk=other.pk).exists()
    assert "a circle that you have left" in signed_in(member).get(f"/circles/keep/{own.pk}/").text
    let_out(member, own)
    assert CaseStudyPage.objects.visible_to(None).filter(pk=own.pk).exists()


def test_a_block_holds_inside_a_circle(circle: Circle, leader: Member, member: Member) -> None:
    third = MemberFactory()
    circle.join(third)
    story = StoryFactory(author=member, title="Only for some")
    circle.keep(member, story)
    Block.put(third, member)
    assert "Only for some" not in signed_in(third).get(circle.get_absolute_url()).text
    assert "Only for some" in signed_in(leader).get(circle.get_absolute_url()).text


def test_whoever_is_taken_out_reads_of_which_circle(member: Member, stranger: Member) -> None:
    circle = CircleFactory(by=member, people=[stranger], name="Ring of hazel", door="closed")
    circle.take_out(member, stranger)
    said = Notice.objects.get(kind="circle_taken_out")
    assert "Ring of hazel" in said.lines[1]
    assert signed_in(stranger).get(circle.get_absolute_url()).status_code == 404
