"""Accounts in /cms/: an operator gives rights, nobody else can take them."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.test import Client

from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Member:
    """Somebody who may do everything."""
    return MemberFactory(name="Olive Root", is_superuser=True, is_staff=True)


@pytest.fixture
def clerk() -> Member:
    """Somebody who may edit accounts, and no more."""
    clerk = MemberFactory(name="Clem Clerk")
    group = Group.objects.create(name="Clerks")
    group.permissions.set(
        Permission.objects.filter(codename__in=["access_admin", "add_member", "change_member", "delete_member"])
    )
    clerk.groups.add(group)
    return clerk


def edit(browser: Client, who: Member, **data: Any) -> Any:
    """Send the account form."""
    return browser.post(
        f"/cms/users/edit/{who.pk}/", {"name": who.name, "email": who.email or "", "is_active": "on"} | data
    )


def test_it_shows_the_screens_to_an_operator(operator: Member, member: Member) -> None:
    browser = signed_in(operator)
    for url in ("", "new/", f"edit/{member.pk}/", "?q=alma", "?q=%00", "?ordering=-name", f"history/{member.pk}/"):
        page = browser.get(f"/cms/users/{url}")
        assert page.status_code == 200, url
    assert "Alma Field" in browser.get("/cms/users/?q=alma").content.decode()
    assert "Alma Field" not in browser.get("/cms/users/?q=nobody").content.decode()


def test_it_makes_and_changes_accounts(operator: Member) -> None:
    browser = signed_in(operator)
    browser.post("/cms/users/new/", {"name": "New Ned", "email": "ned@example.org", "is_active": "on"})
    ned = Member.objects.get(email="ned@example.org")
    assert (ned.handle, ned.has_usable_password(), ned.is_adult, ned.profile.pk > 0) == ("new-ned", False, False, True)
    edit(browser, ned, name="Ned Newby", is_steward="on")
    ned.refresh_from_db()
    assert (ned.name, ned.is_steward, ned.is_superuser) == ("Ned Newby", True, False)
    assert edit(browser, ned, email="").status_code == 200  # no address and no helper


def test_it_lets_nobody_but_an_operator_give_rights(clerk: Member, operator: Member, member: Member) -> None:
    browser = signed_in(clerk)
    editors = Group.objects.create(name="Editors of all")
    rights = {"is_superuser": "on", "is_staff": "on", "is_steward": "on", "groups": [editors.pk]}
    assert edit(browser, member, name="Alma Changed", **rights).status_code == 302
    member.refresh_from_db()
    assert member.name == "Alma Changed"
    assert not (member.is_superuser or member.is_staff or member.is_steward or member.groups.exists())
    edit(browser, clerk, **rights)
    clerk.refresh_from_db()
    assert not clerk.is_superuser and editors not in clerk.groups.all()
    edit(browser, operator, email="taken@example.org")
    operator.refresh_from_db()
    assert operator.email != "taken@example.org"


@pytest.mark.parametrize("action", ["assign_role", "set_active_state"])
def test_it_lets_nobody_but_an_operator_act_on_many(action: str, clerk: Member, operator: Member) -> None:
    url = f"/cms/bulk/members/member/{action}/?id={clerk.pk}"
    editors = Group.objects.create(name="Editors of all")
    data = {"role": editors.pk, "mark_as_active": "False"}
    answer = signed_in(clerk).post(url, data)
    assert answer.status_code in {302, 403, 404}
    clerk.refresh_from_db()
    assert editors not in clerk.groups.all() and clerk.is_active
    assert signed_in(operator).get(url).status_code == 200


def test_closing_many_lets_go_whom_they_helped(operator: Member, member: Member) -> None:
    enid = member.help("Old Enid", is_adult=True)
    url = f"/cms/bulk/members/member/set_active_state/?id={member.pk}"
    assert signed_in(operator).post(url, {"mark_as_active": "False"}).status_code == 302
    enid.refresh_from_db()
    member.refresh_from_db()
    assert not member.is_active and enid.helper is None
    assert enid not in Member.objects.visible_to(operator)


def test_it_keeps_others_out(as_member: Client, member: Member) -> None:
    assert as_member.get("/cms/users/").status_code in {302, 403, 404}
    assert as_member.get(f"/cms/users/edit/{member.pk}/").status_code in {302, 403, 404}


def test_it_lets_nobody_but_an_operator_touch_a_steward(clerk: Member, steward: Member) -> None:
    edit(signed_in(clerk), steward, email="taken@example.org")
    steward.refresh_from_db()
    assert steward.email != "taken@example.org"


def test_it_takes_the_old_address_away_with_a_new_one(operator: Member, member: Member) -> None:
    edit(signed_in(operator), member, name="Alma Changed")
    assert EmailAddress.objects.filter(user=member, email=member.email).exists()
    edit(signed_in(operator), member, email="new@example.org")
    assert not EmailAddress.objects.filter(user=member).exists()


def test_it_deletes_nobody(operator: Member, member: Member) -> None:
    browser = signed_in(operator)
    assert browser.post(f"/cms/users/delete/{member.pk}/").url == f"/cms/users/edit/{member.pk}/"
    browser.post(f"/cms/bulk/members/member/delete/?id={member.pk}")
    assert Member.objects.filter(pk=member.pk).exists()
