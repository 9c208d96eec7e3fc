"""Keeping an opening open, and closing it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.members.models import Member
from community.notices.models import Notice
from community.openings.models import OpeningPage
from tests.conftest import signed_in
from tests.factories import OpeningFactory

pytestmark = pytest.mark.django_db


def closing_in(days: int) -> OpeningPage:
    return OpeningFactory(closes_on=timezone.localdate() + timedelta(days=days))


def test_the_poster_is_asked_once_before_it_closes() -> None:
    near, far, over = closing_in(7), closing_in(8), closing_in(-1)
    assert OpeningPage.ask_to_renew() == 1 and OpeningPage.ask_to_renew() == 0
    (notice,) = Notice.objects.all()
    assert (notice.member, notice.url) == (near.author, f"/openings/{near.slug}/renew/")
    assert far.author != over.author


def test_it_is_kept_open_once_for_two_clicks_and_a_look_does_nothing() -> None:
    page = closing_in(3)
    poster, url = signed_in(page.author), f"/openings/{page.slug}/renew/"
    assert "Is the place still free?" in poster.get(url + "?step=renew").text
    page.refresh_from_db()
    assert page.closes_on == timezone.localdate() + timedelta(days=3)
    for _twice in range(2):
        assert poster.post(url, {"step": "renew"}).status_code == 302
    page.refresh_from_db()
    assert page.closes_on == timezone.localdate() + timedelta(days=63)
    OpeningPage.objects.update(closes_on=timezone.localdate() + timedelta(days=2))
    assert OpeningPage.ask_to_renew() == 1  # asked again for the new day


def test_it_comes_back_after_its_day(client: Client) -> None:
    page = closing_in(-20)
    signed_in(page.author).post(f"/openings/{page.slug}/renew/", {"step": "renew"})
    assert page.title in client.get("/openings/").text


def test_it_is_closed_and_stays_closed(client: Client) -> None:
    page = closing_in(30)
    poster = signed_in(page.author)
    for _twice in range(2):
        assert poster.post(f"/openings/{page.slug}/renew/", {"step": "close"}).status_code == 302
    assert page.title not in client.get("/openings/").text
    assert "This opening is closed" in client.get(f"/openings/{page.slug}/").text


def test_a_change_that_waits_is_not_let_out_by_renewing(client: Client, member: Member) -> None:
    page = OpeningFactory(author=member, closes_on=timezone.localdate() + timedelta(days=3))
    page.summary = "Nobody has read this yet."
    page.save_revision()
    signed_in(member).post(f"/openings/{page.slug}/renew/", {"step": "renew"})
    page = OpeningPage.objects.get()
    assert page.closes_on == page.working.closes_on == timezone.localdate() + timedelta(days=63)
    assert "Nobody has read this yet." not in client.get(f"/openings/{page.slug}/").text
    assert page.working.summary == "Nobody has read this yet."


def test_only_its_poster_does_it(member: Member) -> None:
    page = closing_in(3)
    for verb in (page.renew, page.close):
        with pytest.raises(ValidationError):
            verb(member)
