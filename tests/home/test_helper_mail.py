"""A mail for somebody without e-mail says nothing that whoever reads it for them could not find themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from community.circles.models import Circle, Membership
from community.gatherings.models import GatheringPage
from community.members.models import Block, Member
from community.notices.models import Digest, Notice, NoticeKind, Way
from home.tree import plant
from tests.factories import CircleFactory, GatheringFactory, MemberFactory
from tests.home.test_letter import url_of

pytestmark = pytest.mark.django_db
TITLE, PLACE, NAME = "Secret hedge talk", "Hidden valley", "Hidden hedge circle"


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    """The pages that stand in every community."""
    plant()


def circle_with(*people: Member) -> Circle:
    """A closed circle of these people; what they heard of it so far is forgotten."""
    circle: Circle = CircleFactory(name=NAME, by=MemberFactory(), people=people, door="closed")
    Notice.objects.all().delete()
    return circle


def gathering_kept_by(how: str, member: Member, *people: Member) -> GatheringPage:
    """A gathering that the member does not find: it is a closed circle's, or a block stands before it."""
    host = MemberFactory()
    gathering: GatheringPage = GatheringFactory(author=host, title=TITLE, place=PLACE)
    if how == "circle":
        CircleFactory(name=NAME, by=host, people=people, door="closed").keep(host, gathering)
    else:
        Block.put(member, host)
    Notice.objects.all().delete()
    return gathering


def mailed(person: Member, kind: NoticeKind, url: str) -> str:
    """The mail of one thing that happened to somebody."""
    mail.outbox.clear()
    Notice.mail(Notice.objects.create(member=person, kind=kind, url=url, way=Way.AT_ONCE).pk)
    (one,) = mail.outbox
    return str(one.body)


@pytest.mark.parametrize("how", ["circle", "block"])
def test_it_does_not_say_which_gathering(how: str, enid: Member, member: Member, as_member: Client) -> None:
    gathering = gathering_kept_by(how, member, enid)
    text = mailed(enid, NoticeKind.GATHERING_REMINDER, f"/gatherings/{gathering.slug}/")
    letter = as_member.get(url_of(enid)).text
    assert "Old Enid" in text and "Soon: a gathering" in letter
    for words in (TITLE, PLACE):
        assert words not in text and words not in letter
    assert not GatheringPage.objects.visible_to(member).filter(pk=gathering.pk).exists()


def test_whoever_has_an_address_of_their_own_hears_which_though_it_is_taken_down(member: Member) -> None:
    gathering = GatheringFactory(title=TITLE)
    gathering.unpublish()
    assert TITLE in mailed(member, NoticeKind.GATHERING_CALLED_OFF, f"/gatherings/{gathering.slug}/")


def test_it_does_not_name_a_closed_circle(enid: Member, member: Member, as_member: Client) -> None:
    circle, url = circle_with(enid), "/circles/"
    for kind in (NoticeKind.CIRCLE_TASK, NoticeKind.CIRCLE_MINUTES):
        assert NAME not in mailed(enid, kind, circle.get_absolute_url())
    Membership.objects.filter(circle=circle, member=enid).update(state="taken_out")
    assert NAME not in mailed(enid, NoticeKind.CIRCLE_TAKEN_OUT, f"{url}?circle={circle.pk}")
    assert NAME not in as_member.get(url_of(enid)).text


def test_it_names_the_circle_where_both_are_in_it(enid: Member, member: Member) -> None:
    circle = circle_with(enid, member)
    assert NAME in mailed(enid, NoticeKind.CIRCLE_TASK, circle.get_absolute_url())
    assert NAME in mailed(enid, NoticeKind.CIRCLE_TAKEN_OUT, f"/circles/?circle={circle.pk}")


@pytest.mark.parametrize("how", ["circle", "block"])
def test_what_comes_together_names_no_such_page(how: str, enid: Member, member: Member) -> None:
    gathering, at = gathering_kept_by(how, member, enid), timezone.now() - timedelta(hours=2)
    more = {"page": gathering, "url": gathering.url, "created_at": at}
    Notice.objects.create(member=enid, kind=NoticeKind.FOLLOWED_NEW, **more)
    assert Digest.notices(enid) == [] and not Digest.mail(enid.pk)
    shown: Any = GatheringFactory(title="Scythe day")
    Notice.objects.create(member=enid, kind=NoticeKind.FOLLOWED_NEW, **more | {"page": shown, "url": shown.url})
    assert Digest.mail(enid.pk)
    assert "Scythe day" in mail.outbox[-1].body and TITLE not in mail.outbox[-1].body
