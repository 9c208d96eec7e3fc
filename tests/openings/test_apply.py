"""Applying for a place, and who may read it."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.members.models import Block, Draft, Member
from community.notices.models import Notice
from community.openings.models import Application, OpeningPage
from community.trust.models import Safeguarding
from tests.conftest import signed_in
from tests.factories import MemberFactory, OpeningFactory

pytestmark = pytest.mark.django_db
WORDS = "I have mended two field gates and would like to learn walls."


def post(client: Client, opening: OpeningPage, message: str = WORDS, key: str = "") -> Any:
    data = {"message": message, "form_key": key or str(uuid.uuid4())}
    return client.post(f"/openings/{opening.slug}/apply/", data)


def test_it_reaches_the_poster(as_member: Client, member: Member) -> None:
    opening = OpeningFactory()
    assert "Send" in as_member.get(f"/openings/{opening.slug}/apply/").text
    answer = post(as_member, opening)
    assert answer.status_code == 302 and answer.url == f"/openings/{opening.slug}/"
    notice = Notice.objects.get(member=opening.author)
    assert (notice.kind, notice.actor, notice.url) == (
        "application_received", member, Application.objects.get().get_absolute_url(),
    )  # fmt: skip
    subject, text = notice.lines
    assert "Alma Field" in subject and WORDS not in text and len(text.splitlines()) <= 12
    poster = signed_in(opening.author)
    assert WORDS in poster.get(notice.url).text
    assert "Alma Field" in poster.get(f"/openings/{opening.slug}/applications/").text
    assert WORDS in as_member.get(f"/openings/{opening.slug}/apply/").text


def test_it_is_sent_once_for_two_clicks(as_member: Client) -> None:
    opening, key = OpeningFactory(), str(uuid.uuid4())
    assert post(as_member, opening, key=key).status_code == post(as_member, opening, key=key).status_code == 302
    post(as_member, opening, "Another form with other words, sent much later.")
    assert Application.objects.count() == Notice.objects.count() == 1
    assert Application.objects.get().message == WORDS


def test_it_does_not_come_back_when_an_old_form_arrives_late(member: Member) -> None:
    opening, key = OpeningFactory(), uuid.uuid4()
    opening.apply(member, WORDS, key).withdraw()
    assert not opening.apply(member, WORDS, key).is_open
    assert opening.apply(member, WORDS, uuid.uuid4()).is_open


def test_a_draft_that_is_written_on_is_not_forgotten_as_old(member: Member) -> None:
    opening, long_ago = OpeningFactory(), timezone.now() - timedelta(days=61)
    opening.apply(member, WORDS, is_draft=True)
    Application.objects.update(moved_at=long_ago)
    opening.apply(member, WORDS + " And more.", is_draft=True)
    assert Application.forget_old() == 0
    Application.objects.update(moved_at=long_ago)
    assert Application.forget_old() == 1


def test_it_is_kept_for_another_day_and_then_sent(as_member: Client, member: Member) -> None:
    opening = OpeningFactory()
    url = f"/openings/{opening.slug}/apply/"
    kept = as_member.post(url, {"message": WORDS, "form_key": str(uuid.uuid4()), "then": "later"})
    one = Application.objects.get()
    assert kept.url == one.get_absolute_url() and one.is_draft and not Notice.objects.exists()
    assert not Application.objects.visible_to(opening.author).exists()
    assert signed_in(opening.author).get(one.get_absolute_url()).status_code == 404
    assert WORDS in as_member.get(url).text
    assert as_member.post(url, {"message": WORDS + " Soon.", "form_key": str(uuid.uuid4())}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.message) == ("submitted", WORDS + " Soon.") and Application.objects.count() == 1


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "9" * 5000])
def test_it_takes_odd_words_without_breaking(as_member: Client, odd: str) -> None:
    url = f"/openings/{OpeningFactory().slug}/apply/"
    sent = urlencode({"message": WORDS + odd, "form_key": str(uuid.uuid4())}, errors="surrogatepass")
    answer = as_member.post(url, sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 302}


@pytest.mark.parametrize("message", ["Too short.", " " * 60, "x" * 3001])
def test_it_says_what_is_wrong_with_the_words(as_member: Client, member: Member, message: str) -> None:
    opening = OpeningFactory()
    answer = post(as_member, opening, message)
    assert answer.status_code == 200 and "error-summary" in answer.text
    assert not Application.objects.exists()
    with pytest.raises(ValidationError):
        opening.apply(member, message)


def test_it_keeps_the_words_when_the_login_has_run_out(client: Client, member: Member) -> None:
    opening = OpeningFactory()
    answer = post(client, opening)
    assert answer.status_code == 302 and "/accounts/login/" in answer.url
    assert WORDS in str(Draft.objects.get().data)
    client.force_login(member)
    back = f"/openings/{opening.slug}/apply/?draft={Draft.objects.get().key}"
    assert WORDS in client.get(back).text


def test_it_refuses_with_409_and_gives_the_words_back(as_member: Client) -> None:
    opening = OpeningFactory(closes_on=timezone.localdate() - timedelta(days=1))
    answer = post(as_member, opening)
    assert answer.status_code == 409
    assert "This opening is closed" in answer.text and WORDS in answer.text
    assert not Application.objects.exists()


def test_it_refuses_the_poster_and_an_opening_without_one(member: Member) -> None:
    own, orphan = OpeningFactory(author=member), OpeningFactory(author=None)
    assert "your own opening" in post(signed_in(member), own).text
    assert "Nobody answers" in post(signed_in(member), orphan).text


@pytest.mark.parametrize("who_blocks", ["poster", "member"])
def test_it_is_not_there_for_somebody_kept_away(member: Member, stranger: Member, who_blocks: str) -> None:
    opening = OpeningFactory(author=stranger)
    earlier = opening.apply(member, WORDS)
    Block.put(*((stranger, member) if who_blocks == "poster" else (member, stranger)))
    client = signed_in(member)
    assert client.get(f"/openings/{opening.slug}/").status_code == 404
    assert post(client, opening).status_code == 404
    assert opening.title not in client.get("/openings/").text
    assert not Application.objects.visible_to(stranger).exists()
    earlier.delete()
    with pytest.raises(ValidationError):
        opening.apply(member, WORDS)


def test_it_refuses_a_minor_where_the_place_is_for_adults(minor: Member) -> None:
    answer = post(signed_in(minor), OpeningFactory(min_age=18))
    assert answer.status_code == 409 and "18 and older" in answer.text


def test_it_is_read_by_poster_and_applicant_alone(
    client: Client, as_stranger: Client, as_steward: Client, member: Member
) -> None:
    opening = OpeningFactory()
    one = opening.apply(member, WORDS)
    another = signed_in(OpeningFactory().author)
    guard = MemberFactory(is_steward=True)
    guard.groups.add(Safeguarding.group())  # looks after people under 18, and after nobody else
    for url in (f"/openings/{opening.slug}/applications/", one.get_absolute_url()):
        for who in (as_stranger, as_steward, another, signed_in(guard)):
            assert who.get(url).status_code == who.get("/openings/applications/999999/").status_code == 404
        assert client.get(url).status_code == 302
    for who in (client, as_stranger, as_steward, another, signed_in(guard)):
        for address in (f"/openings/{opening.slug}/", f"/openings/{opening.slug}/apply/", "/openings/?q=gates"):
            assert WORDS not in who.get(address, follow=True).text
        assert WORDS not in who.get("/openings/applications/", follow=True).text


def test_it_says_the_same_where_it_is_not_yours_and_where_it_is_not_there(as_stranger: Client, member: Member) -> None:
    one = OpeningFactory().apply(member, WORDS)
    there, missing = (as_stranger.get(f"/openings/applications/{pk}/") for pk in (one.pk, 999999))
    assert there.text.replace(one.get_absolute_url(), "/openings/applications/999999/") == missing.text


def test_it_is_not_read_by_somebody_who_becomes_the_author_later(member: Member, stranger: Member) -> None:
    opening = OpeningFactory()
    opening.apply(member, WORDS)
    first = opening.author
    OpeningPage.objects.filter(pk=opening.pk).update(author=stranger)
    assert not Application.objects.visible_to(stranger).exists()
    assert member.name not in signed_in(stranger).get(f"/openings/{opening.slug}/applications/").text
    assert Application.objects.visible_to(first).get().poster == first


def test_it_is_hidden_from_the_poster_when_taken_back(as_member: Client, member: Member) -> None:
    opening = OpeningFactory()
    opening.apply(member, WORDS)
    url = f"/openings/{opening.slug}/withdraw/"
    assert "Take the application back?" in as_member.get(url).text
    assert Application.objects.open().count() == 1
    assert as_member.post(url).status_code == as_member.post(url).status_code == 302
    one = Application.objects.get()
    assert "Alma Field" not in signed_in(opening.author).get(f"/openings/{opening.slug}/applications/").text
    assert signed_in(opening.author).get(one.get_absolute_url()).status_code == 404
    assert not Application.objects.visible_to(opening.author).exists()
    assert Application.objects.visible_to(member).exists()
    assert signed_in(MemberFactory()).post(url).status_code == 404


def test_it_takes_nobodys_letter_to_somebody_under_18(as_member: Client, minor: Member) -> None:
    opening = OpeningFactory(author=minor)
    assert post(as_member, opening).status_code == 409
    assert not Application.objects.exists() and not Notice.objects.exists()
    assert opening not in OpeningPage.objects.open()
