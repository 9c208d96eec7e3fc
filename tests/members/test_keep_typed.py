"""A form loses nothing and does nothing twice."""

import re
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.test import Client
from django.urls import path

from community.members.forms import KeptForm
from community.members.models import Draft, Member
from community.members.views import keeps_typed
from config.urls import urlpatterns as site
from tests.conftest import signed_in
from tests.factories import MemberFactory


class AwayForm(KeptForm, forms.Form):
    """Something to fill in: each sent form makes one row."""

    who = forms.CharField(max_length=40)
    why = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], required=False, widget=forms.CheckboxSelectMultiple
    )
    is_sure = forms.BooleanField(required=False)


@keeps_typed("away")
def away(request: HttpRequest) -> HttpResponse:
    """Make one account per form that was sent."""
    form = AwayForm(request.POST or None, request=request)
    if form.is_valid():
        made = Member.objects.create_user(f"{uuid.uuid4()}@example.org", form.cleaned_data["who"])
        return redirect(f"/people/{made.handle}/")
    return HttpResponse(form.as_div())


@keeps_typed("open", needs_login=False)
def anyone(request: HttpRequest) -> HttpResponse:
    """The same for visitors."""
    return away.__wrapped__(request)  # type: ignore[attr-defined]


urlpatterns = [path("away/", away), path("anyone/", anyone), *site]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def key_in(response: Any) -> str:
    """The hidden key of the form on a page."""
    return response.content.decode().split('name="form_key" value="')[1][:36]


def made(name: str) -> int:
    """How often the form did its work."""
    return Member.objects.filter(name=name).count()


def test_it_does_a_form_once(as_member: Client) -> None:
    key = key_in(as_member.get("/away/"))
    first = as_member.post("/away/", {"form_key": key, "who": "Nia"})
    second = as_member.post("/away/", {"form_key": key, "who": "Nia"})
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert made("Nia") == 1


def test_it_keeps_what_was_changed_after_sending(as_member: Client) -> None:
    key = key_in(as_member.get("/away/"))
    as_member.post("/away/", {"form_key": key, "who": "Nia"})
    again = as_member.post("/away/", {"form_key": key, "who": "Nia Pugh"}, follow=True)
    assert 'value="Nia Pugh"' in again.content.decode()
    assert key_in(again) != key
    assert made("Nia Pugh") == 0


def test_it_keeps_a_form_with_mistakes(as_member: Client, member: Member) -> None:
    key = key_in(as_member.get("/away/"))
    as_member.post("/away/", {"form_key": key, "who": "x" * 41, "why": ["a", "b"], "password1": "do not keep"})
    draft = Draft.objects.get(key=key)
    assert draft.member == member and draft.data["why"] == ["a", "b"]
    assert "password1" not in draft.data and "form_key" not in draft.data


def test_it_keeps_what_was_typed_when_the_login_has_ended(member: Member) -> None:
    browser = signed_in(member)
    key = key_in(browser.get("/away/"))
    browser.cookies.pop("sessionid")
    sent = browser.post("/away/", {"form_key": key, "who": "Nia", "why": ["b"], "is_sure": "on"})
    assert sent["Location"].startswith("/accounts/login/?next=/away/%3Fdraft%3D")
    assert made("Nia") == 0
    browser.force_login(member)
    page = browser.get(f"/away/?draft={key}").content.decode()
    assert 'value="Nia"' in page
    assert re.findall(r'(value="b"|id="id_is_sure")[^>]* checked', page) == ['value="b"', 'id="id_is_sure"']
    browser.post("/away/", {"form_key": key, "who": "Nia"})
    assert made("Nia") == 1
    assert browser.get(f"/away/?draft={key}").status_code == 302


def test_it_keeps_newer_words_beside_a_draft_of_ones_own(member: Member) -> None:
    browser = signed_in(member)
    key = key_in(browser.get("/away/"))
    browser.post(f"/drafts/{key}/?form=away&url=/away/", {"who": "Ni"})
    browser.cookies.pop("sessionid")
    sent = browser.post("/away/", {"form_key": key, "who": "Nia"})
    assert Draft.objects.get(key=key).data["who"] == ["Ni"]  # the stranger at the keyboard overwrites nothing
    browser.force_login(member)
    back = sent["Location"].split("draft%3D")[1]
    assert 'value="Nia"' in browser.get(f"/away/?draft={back}").content.decode()


def test_it_never_shows_a_draft_to_others(member: Member, stranger: Member) -> None:
    browser = signed_in(member)
    key = key_in(browser.get("/away/"))
    browser.post(f"/drafts/{key}/?form=away&url=/away/", {"who": "a secret"})
    others = signed_in(stranger)
    assert b"a secret" not in others.get(f"/away/?draft={key}").content
    assert others.post(f"/drafts/{key}/?form=away", {"who": "mine now"}).status_code == 404
    assert Client().post(f"/drafts/{key}/?form=away", {"who": "mine now"}).status_code == 404
    assert Draft.objects.get(key=key).data == {"who": ["a secret"]}


def test_it_opens_an_anonymous_draft_only_in_its_own_browser(member: Member, stranger: Member) -> None:
    browser = Client()
    key = str(uuid.uuid4())
    browser.post("/away/", {"form_key": key, "who": "a secret"})
    other = signed_in(stranger)
    assert b"a secret" not in other.get(f"/away/?draft={key}").content
    other.post("/away/", {"form_key": key, "who": "Eve"})
    assert Draft.objects.get(key=key).data == {"who": ["a secret"]}
    browser.force_login(member)
    assert b"a secret" in browser.get(f"/away/?draft={key}").content


def test_it_opens_a_draft_in_its_own_kind_of_form_only(as_member: Client) -> None:
    key = key_in(as_member.get("/away/"))
    as_member.post(f"/drafts/{key}/?form=other&url=/away/", {"who": "a secret"})
    assert b"a secret" not in as_member.get(f"/away/?draft={key}").content


def test_it_does_the_form_of_a_visitor_once() -> None:
    browser = Client()
    key = key_in(browser.get("/anyone/"))
    first = browser.post("/anyone/", {"form_key": key, "who": "Nia"})
    assert browser.post("/anyone/", {"form_key": key, "who": "Nia"})["Location"] == first["Location"]
    assert made("Nia") == 1
    stranger = Client().post("/anyone/", {"form_key": key, "who": "Nia"})
    assert stranger["Location"] != first["Location"]  # and is not led to another visitor's outcome


def test_it_takes_no_foreign_address_and_no_huge_text(as_member: Client) -> None:
    key = key_in(as_member.get("/away/"))
    as_member.post(f"/drafts/{key}/?form=away&url=//evil.example/", {"who": "x" * 300_000})
    draft = Draft.objects.get(key=key)
    assert draft.url == "" and draft.data == {}
    as_member.post(f"/drafts/{key}/?form=a%00way&url=/away/", {"who": "a\x00b"})
    assert Draft.objects.get(key=key).data == {"who": ["ab"]}
    assert as_member.get(f"/drafts/{key}/").status_code == 405


@pytest.fixture
def two_browsers(several_writers: None) -> Iterator[tuple[Client, Client]]:
    """Two windows of one member."""
    member = MemberFactory(name="Alma Field")
    yield signed_in(member), signed_in(member)


@pytest.mark.django_db(transaction=True)
def test_it_does_two_forms_at_the_same_moment_once(two_browsers: tuple[Client, Client]) -> None:
    for turn in range(5):
        key, start, led = str(uuid.uuid4()), threading.Barrier(2), []

        def send(browser: Client, key: str = key, turn: int = turn, start: Any = start, led: list[Any] = led) -> None:
            start.wait()
            led.append(browser.post("/away/", {"form_key": key, "who": f"Twin {turn}"}))
            connection.close()

        threads = [threading.Thread(target=send, args=(browser,)) for browser in two_browsers]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert [one.status_code for one in led] == [302, 302]
        assert led[0]["Location"] == led[1]["Location"]
        assert made(f"Twin {turn}") == 1


@pytest.mark.django_db(transaction=True)
def test_it_keeps_a_form_from_two_windows_while_one_sends_it(two_browsers: tuple[Client, Client]) -> None:
    member = Member.objects.get(name="Alma Field")
    for turn in range(10):
        key, start, codes = str(uuid.uuid4()), threading.Barrier(3), []
        sent = {"form_key": key, "who": f"Once {turn}"}
        windows = [signed_in(member), *two_browsers]
        addresses = [f"/drafts/{key}/?form=away&url=/away/", f"/drafts/{key}/?form=away&url=/away/", "/away/"]

        def post(browser: Client, url: str, sent: Any = sent, start: Any = start, codes: list[int] = codes) -> None:
            start.wait()
            codes.append(browser.post(url, sent).status_code)
            connection.close()

        threads = [threading.Thread(target=post, args=each) for each in zip(windows, addresses, strict=True)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert sorted(codes) == [200, 200, 302]
        assert Draft.objects.get(key=key).outcome_url and made(f"Once {turn}") == 1


def test_it_keeps_no_character_that_a_database_refuses(as_member: Client, member: Member) -> None:
    key = uuid.uuid4()
    answer = as_member.post(f"/drafts/{key}/?form=away%00&url=/away%00/", {"w\x00ho": "a\x00b"})
    assert answer.status_code == 200
    draft = Draft.objects.get(key=key)
    assert draft.data == {"who": ["ab"]} and draft.url == "/away/" and draft.form == "away"


def test_it_keeps_no_more_than_anybody_comes_back_to(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Draft, "MOST_UNSENT", 3)
    typed = QueryDict("who=Enid")
    kept = [Draft.keep(uuid.uuid4(), "away", member, typed).pk for _ in range(5)]
    assert set(Draft.objects.values_list("pk", flat=True)) == set(kept[-3:])


def test_it_keeps_a_limited_number_of_strangers_texts(settings: Any, stranger: Member) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"keep_draft": "2/h/ip"}
    for _ in range(4):
        answer = Client().post(f"/connections/new/{stranger.handle}/", {"form_key": str(uuid.uuid4()), "message": "x"})
        assert answer.status_code == 302 and answer.url.startswith("/accounts/login/")
    assert Draft.objects.count() == 2
