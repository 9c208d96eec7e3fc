"""What a steward may do to an account: always with a reason, always written down."""

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members.models import Member
from community.trust.models import Audit, Safeguarding
from tests import factories
from tests.conftest import signed_in


def act(client: Client, who: Member, action: str, reason: str = "Met at the market") -> int:
    return client.post(f"/steward/people/{who.handle}/{action}/", {"reason": reason}).status_code


def test_it_vouches_for_somebody(as_steward: Client, steward: Member, member: Member) -> None:
    assert act(as_steward, member, "verify") == 302
    member.refresh_from_db()
    assert member.is_verified and member.verified_by == steward
    audit = Audit.objects.get()
    assert (audit.actor, audit.verb, audit.member, audit.reason) == (steward, "verify", member, "Met at the market")


def test_it_confirms_an_age(as_steward: Client, minor: Member) -> None:
    assert act(as_steward, minor, "adult") == 302
    minor.refresh_from_db()
    assert minor.is_adult and Audit.objects.get().verb == "confirm_adult"


def test_closing_an_account_ends_every_session_at_once(as_steward: Client, member: Member, stranger: Member) -> None:
    first, second = signed_in(member), signed_in(member)
    assert first.get("/me/export/").status_code == 200
    assert act(as_steward, member, "close") == 302
    for browser in (first, second):
        assert browser.get("/me/export/").status_code == 302
    keys = {s.get_decoded().get("_auth_user_id") for s in Session.objects.all()}
    assert str(member.pk) not in keys
    assert not Member.objects.visible_to(stranger).filter(pk=member.pk).exists()
    assert act(as_steward, member, "open") == 302
    assert Member.objects.visible_to(stranger).filter(pk=member.pk).exists()


@pytest.mark.parametrize("action", ["verify", "adult"])
def test_it_says_nothing_about_oneself(action: str, as_steward: Client, steward: Member) -> None:
    Member.objects.filter(pk=steward.pk).update(is_adult=False)
    answer = as_steward.post(f"/steward/people/{steward.handle}/{action}/", {"reason": "I know myself"})
    assert answer.status_code == 422 and "Ask another steward" in answer.content.decode()
    steward.refresh_from_db()
    assert not steward.is_verified and not steward.is_adult and not Audit.objects.exists()


@pytest.mark.parametrize("action", ["verify", "adult", "close", "open"])
def test_it_needs_a_reason(action: str, as_steward: Client, minor: Member) -> None:
    assert act(as_steward, minor, action, "  ") == 422
    minor.refresh_from_db()
    assert not minor.is_verified and not minor.is_adult and minor.is_active
    assert not Audit.objects.exists()


def test_it_cannot_close_the_operators_account_or_its_own(as_steward: Client, steward: Member) -> None:
    operator = factories.MemberFactory(is_superuser=True)
    for who in (operator, steward):
        assert act(as_steward, who, "close") == 422
        who.refresh_from_db()
        assert who.is_active


def test_nothing_happens_by_get_or_by_another_word(as_steward: Client, member: Member) -> None:
    assert as_steward.get(f"/steward/people/{member.handle}/close/").status_code == 405
    assert act(as_steward, member, "delete") == 404
    member.refresh_from_db()
    assert member.is_active


def test_only_a_steward_can_be_written_down(member: Member, stranger: Member) -> None:
    for verb in (Audit.verify, Audit.confirm_adult, Audit.deactivate, Audit.reactivate):
        with pytest.raises(ValidationError):
            verb(stranger, member, "because")
    stranger.refresh_from_db()
    assert stranger.is_active and not stranger.is_verified and not Audit.objects.exists()


def test_it_finds_people_whom_the_directory_does_not_show(as_steward: Client, minor: Member) -> None:
    for words in ("young", minor.email):
        assert minor.name in as_steward.get("/steward/people/", {"q": words}).content.decode()
    for odd in ('"', "\x00", "' OR 1=1", "%", "🌾"):
        assert as_steward.get("/steward/people/", {"q": odd}).status_code == 200


def test_a_closed_steward_has_no_desk(steward: Member, as_steward: Client) -> None:
    other = factories.MemberFactory(is_steward=True)
    Audit.deactivate(steward, other, "left the valley")
    assert as_steward.get("/steward/").status_code == 404


def test_it_shows_a_steward_the_account_and_not_what_is_private(as_steward: Client, member: Member) -> None:
    type(member.profile).objects.update(about="CANARY", about_visibility="me")
    page = as_steward.get(f"/steward/people/{member.handle}/").content.decode()
    assert member.email in page and "CANARY" not in page


def test_the_desk_asks_once_which_groups_a_steward_is_in(steward: Member) -> None:
    steward.groups.add(Safeguarding.group())
    client = signed_in(steward)
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/steward/").status_code == 200
    assert sum("auth_group" in query["sql"] for query in asked) == 1
