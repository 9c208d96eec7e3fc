"""What gatherings give out to a person, and how they forget one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Revision

from community.gatherings import privacy
from community.gatherings.models import Every, GatheringPage, Recurrence, Registration, Seats, Session
from community.members.models import Member
from tests.factories import GatheringFactory

pytestmark = pytest.mark.django_db


def test_it_exports_what_was_hosted_and_visited(member: Member, stranger: Member) -> None:
    GatheringFactory(author=member, title="My own")
    GatheringFactory(title="Theirs").enrol(member)
    GatheringFactory(title="Of others").enrol(stranger)
    held = privacy.export(member)
    assert [row["title"] for row in held["gatherings"]] == ["My own"]
    assert held["gatherings"][0]["exact_place"]
    assert [row["gathering"] for row in held["registrations"]] == ["Theirs"]


def test_it_forgets_a_guest_and_frees_the_seat(member: Member, stranger: Member) -> None:
    gathering = GatheringFactory(capacity=1)
    gathering.enrol(member)
    privacy.erase(member)
    assert not Registration.objects.exists() and Seats.objects.get(page=gathering).taken == 0
    assert gathering.enrol(stranger).is_open


def test_it_forgets_a_host_and_where_they_live(client: Client, member: Member) -> None:
    now = timezone.now()
    coming, over = GatheringFactory(author=member), GatheringFactory(author=member, starts_at=now - timedelta(days=9))
    for page in (coming, over):
        page.save_revision().publish()
        GatheringPage.objects.filter(pk=page.pk).update(owner=member)
    privacy.erase(member)
    for page in GatheringPage.objects.all():
        assert (page.author, page.owner, page.exact_place, page.online_link) == (None, None, "", "")
    assert [page.is_cancelled for page in GatheringPage.objects.order_by("pk")] == [True, False]
    assert not any("zq47qz" in str(revision.content) for revision in Revision.objects.all())
    for model, paths in privacy.HOLDS.items():
        names = [paths] if isinstance(paths, str) else paths
        assert not any(model.objects.filter(**{path: member}).exists() for path in names)
    assert client.get(f"/gatherings/{coming.slug}/").status_code == 200
    GatheringPage.objects.get(pk=over.pk).save_revision().publish()


def test_it_makes_nothing_again_for_a_host_who_has_left(member: Member) -> None:
    page = GatheringFactory(author=member)
    rule = Recurrence.begin(page, Every.WEEK)
    privacy.erase(member)
    days = {one.occurs_on for one in GatheringPage.objects.all()}
    Recurrence.objects.update(made_until=page.starts_at.date())
    GatheringPage.objects.filter(recurrence=rule, occurs_on__gt=page.starts_at.date()).delete()
    assert Recurrence.heal() == 0 and GatheringPage.objects.count() == 1 < len(days)


def test_it_makes_nothing_again_while_a_host_is_shut_out(member: Member, stranger: Member) -> None:
    page = GatheringFactory(author=member)
    rule = Recurrence.begin(page, Every.MONTH)
    Recurrence.objects.update(made_until=page.starts_at.date())
    GatheringPage.objects.filter(recurrence=rule).exclude(pk=page.pk).delete()
    Member.objects.filter(pk=member.pk).update(is_active=False)
    assert Recurrence.heal() == 0 and GatheringPage.objects.get(pk=page.pk).why_not(stranger)
    Member.objects.filter(pk=member.pk).update(is_active=True)
    assert Recurrence.heal() > 0 and not GatheringPage.objects.get(pk=page.pk).why_not(stranger)


def test_it_calls_off_what_is_left_of_a_running_series(member: Member, stranger: Member) -> None:
    now = timezone.now()
    page = GatheringFactory(author=member)
    page.enrol(stranger)
    for days in (-1, 6):
        at = now + timedelta(days=days)
        page.sessions.add(Session(starts_at=at, ends_at=at + timedelta(hours=2)))
    page.save_revision().publish()
    assert GatheringPage.objects.get().starts_at < now
    privacy.erase(member)
    assert GatheringPage.objects.get().is_cancelled
