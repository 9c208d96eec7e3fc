"""Coming in: four questions, a password, and nothing given away."""

import re
import time
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client

from community.members.forms import SignupForm
from community.members.models import Member, Rules, skeleton
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
ANSWERS = {
    "name": "Nia Pugh", "email": "nia@example.org", "side": "need", "line": "graft an old apple tree",
    "is_adult": "yes", "password1": "a long enough pass phrase",
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """No limit is used up by another test."""
    cache.clear()


def join(**changes: Any) -> Any:
    """Join in a new browser."""
    return Client().post("/accounts/signup/", {k: v for k, v in (ANSWERS | changes).items() if v is not None})


def test_it_makes_a_member_of_four_answers() -> None:
    browser = Client()
    page = browser.get("/accounts/signup/").content.decode()
    assert 'type="radio" name="is_adult"' in page and not re.search(r'name="is_adult"[^>]*checked', page)
    assert browser.post("/accounts/signup/", ANSWERS | {"is_steward": "on", "is_superuser": "on"}).status_code == 302
    nia = Member.objects.get(email="nia@example.org")
    assert (nia.name, nia.handle, nia.is_adult, nia.is_steward, nia.is_superuser) == (
        "Nia Pugh", "nia-pugh", True, False, False,
    )  # fmt: skip
    line = nia.profile.statements.get()
    assert (line.side, line.text, line.visibility) == ("need", "graft an old apple tree", "members")
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", mail.outbox[0].body).group(1)  # type: ignore[union-attr]
    assert not nia.emailaddress_set.get().verified
    browser.get(link)
    assert not nia.emailaddress_set.get().verified  # a mail scanner opens links, too
    browser.post(link)
    assert nia.emailaddress_set.get().verified
    browser.post("/accounts/login/", {"login": "NIA@example.org", "password": ANSWERS["password1"]})
    assert "Welcome, Nia Pugh" in browser.get("/me/").content.decode()


@pytest.mark.parametrize(
    "changes", [{"is_adult": None}, {"is_adult": "maybe"}, {"name": ""}, {"name": "\u200b\u202e"}, {"name": "12345"},
                {"line": ""}, {"line": "!!!"}, {"side": None}, {"email": "nia"}, {"password1": "short"}]
)  # fmt: skip
def test_it_says_what_is_missing(changes: dict[str, Any]) -> None:
    answer = join(**changes)
    assert answer.status_code == 200 and b"error-summary" in answer.content
    assert not Member.objects.filter(email="nia@example.org").exists()


def test_it_shows_nobody_who_said_no(member: Member) -> None:
    join(is_adult="no")
    nia = Member.objects.get(email="nia@example.org")
    nia.profile.open_to = ["apprentice"]
    nia.profile.save()
    assert not nia.is_adult and nia not in Member.objects.visible_to(member)
    assert list(Member.objects.visible_to(nia)) == [nia]


def test_it_asks_for_the_rules_only_where_there_are_some() -> None:
    assert join(email="a@example.org").status_code == 302
    Rules.publish("Be kind.")
    assert b"/rules/?version=1" in Client().get("/accounts/signup/").content
    assert join(email="b@example.org").status_code == 200
    assert join(email="c@example.org", rules="on").status_code == 302
    assert Member.objects.get(email="c@example.org").rules_version == 1


@pytest.mark.parametrize(
    "name", ["Stella Ward", "STELLA WARD", "stella  ward", "Stella\u200b Ward", "\u202eStella Ward", "Ste11a Ward",
             "Stellа Ward", "Stella Wаrd", "Stélla Ward", "Ｓｔｅｌｌａ Ward", "SteIla.Ward", "Stella VVard"]
)  # fmt: skip
def test_it_refuses_a_name_that_looks_like_a_stewards(name: str, steward: Member) -> None:
    assert skeleton(name) == skeleton(steward.name)
    assert join(name=name).status_code == 200
    assert not Member.objects.filter(email="nia@example.org").exists()


def test_it_refuses_the_name_of_somebody_verified_and_allows_other_twins(steward: Member) -> None:
    MemberFactory(name="John Smith")
    assert join(name="John Smith").status_code == 302
    MemberFactory(name="Hetty Cole").verify(steward, "Neighbours for years")
    assert join(name="Hetty Coie", email="x@example.org").status_code == 200
    assert Member.objects.get(name="John Smith", email="nia@example.org").handle == "john-smith-2"


def test_it_takes_marks_out_of_names_and_no_address_of_ours() -> None:
    join(name="Me\u202e\u200d")
    nia = Member.objects.get(email="nia@example.org")
    assert nia.name == "Me" and nia.handle == "me-2"


def seen(answer: Any) -> tuple[Any, ...]:
    """All that somebody in front of the screen can tell two answers by."""
    body = re.sub(rb'value="[^"]{32,}"|nonce="[^"]*"', b"", answer.content)
    return answer.status_code, answer.headers.get("Location"), body, sorted(answer.cookies)


def test_it_does_not_tell_who_has_an_account(member: Member) -> None:
    assert seen(join(email=member.email)) == seen(join(email="nobody@example.org"))
    assert [m.to for m in mail.outbox] == [[member.email], ["nobody@example.org"]]
    reset = [Client().post("/accounts/password/reset/", {"email": e}) for e in (member.email, "nobody2@example.org")]
    assert seen(reset[0]) == seen(reset[1])
    login = [
        Client().post("/accounts/login/", {"login": e, "password": "wrong wrong wrong"})
        for e in (member.email, "nobody3@example.org")
    ]
    bodies = [re.sub(rb'value="[^"]*"', b"", seen(one)[2]) for one in login]
    assert bodies[0] == bodies[1]


def test_it_takes_as_long_for_an_address_that_has_an_account(
    member: Member, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing the password is what takes long, so it is done as often; a stopwatch would measure the machine."""
    rounds: list[int] = []

    class Counted(PBKDF2PasswordHasher):
        iterations = 7

        def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
            rounds.append(iterations or self.iterations)
            return super().encode(password, salt, iterations)

    monkeypatch.setattr("django.contrib.auth.hashers.PBKDF2PasswordHasher", Counted)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    join(email=str(member.email))
    there = sum(rounds)
    rounds.clear()
    join(email="nobody4@example.org")
    assert there == sum(rounds) > 0


def wrong(browser: Client, login: str, **headers: str) -> bool:
    """Try a wrong password; whether the try was refused for being one too many."""
    answer = browser.post("/accounts/login/", {"login": login, "password": "wrong wrong wrong"}, **headers)  # type: ignore[arg-type]
    return answer.status_code == 429 or "Too many failed" in answer.content.decode()


def test_it_stops_guessing_in_every_spelling() -> None:
    MemberFactory(name="Jo", email="joe.kelly@example.org")
    spellings = ["joe.kelly@example.org", "JOE.KELLY@example.org", " joe.kelly@example.org ", "Joe.Kelly@Example.Org"]
    answers = [
        wrong(Client(REMOTE_ADDR=f"10.0.0.{n}"), login, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
        for n, login in enumerate(spellings * 2)
    ]
    assert answers == [False] * 5 + [True] * 3


def test_it_counts_accents_and_wide_letters_as_the_same_address(rf: Any) -> None:
    request = rf.get("/")
    spellings = [
        "joe.kelly@example.org",
        "joé.kelly@example.org",
        "joe.\u212aelly@example.org",
        "Ｊｏｅ.kelly@example.org",
    ]
    keys = {get_adapter()._get_login_attempts_cache_key(request, email=one) for one in spellings}
    assert len(keys) == 1
    assert get_adapter()._get_login_attempts_cache_key(request, email="zoe.kelly@example.org") not in keys


def test_it_counts_one_network_as_one_and_believes_no_forwarded_address() -> None:
    tries = [
        wrong(Client(REMOTE_ADDR="10.0.0.1"), f"a{n}@example.org", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
        for n in range(12)
    ]
    assert tries == [False] * 10 + [True] * 2
    cache.clear()
    tries = [wrong(Client(REMOTE_ADDR=f"2001:db8:1:2::{n}"), f"b{n}@example.org") for n in range(12)]
    assert tries == [False] * 10 + [True] * 2


def test_it_lets_the_owner_in_after_a_reset(member: Member) -> None:
    browser = Client(REMOTE_ADDR="10.0.0.9")
    for n in range(6):
        wrong(Client(REMOTE_ADDR=f"10.0.1.{n}"), str(member.email))
    browser.post("/accounts/password/reset/", {"email": member.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body).group(1)  # type: ignore[union-attr]
    page = browser.get(link, follow=True)
    browser.post(
        page.request["PATH_INFO"], {"password1": "quite another pass phrase", "password2": "quite another pass phrase"}
    )
    browser.post("/accounts/login/", {"login": member.email, "password": "quite another pass phrase"})
    assert browser.get("/me/").status_code == 200


@pytest.mark.parametrize(
    "url", ["signup", "login", "password/reset", "password/reset/done", "confirm-email", "confirm-email/xyz",
            "inactive", "password/reset/key/1-set-password"]
)  # fmt: skip
def test_it_dresses_the_way_in(url: str) -> None:
    page = Client().get(f"/accounts/{url}/")
    assert page.status_code == 200 and b"site-header" in page.content
    assert b"<style" not in page.content and b" style=" not in page.content


@pytest.mark.parametrize("url", ["email", "logout", "password/change", "2fa", "2fa/totp/activate", "reauthenticate"])
def test_it_dresses_the_account_pages(url: str, member: Member) -> None:
    member.set_password("a long enough pass phrase")
    member.save()
    browser = Client()
    browser.post("/accounts/login/", {"login": member.email, "password": "a long enough pass phrase"})
    page = browser.get(f"/accounts/{url}/")
    if page.status_code == 302:  # the second lock asks for the password once more
        assert page["Location"].startswith("/accounts/reauthenticate/")
        page = browser.post(page["Location"], {"password": "a long enough pass phrase"}, follow=True)
    assert page.status_code == 200 and b"site-header" in page.content
    assert b"<style" not in page.content and b" style=" not in page.content


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
def test_it_leads_to_this_site_only(next_url: str, member: Member) -> None:
    member.set_password("a long enough pass phrase")
    member.save()
    data = {"login": member.email, "password": "a long enough pass phrase", "next": next_url}
    assert Client().post("/accounts/login/", data)["Location"] == "/me/"
    data["next"] = "/people/?q=a"
    assert Client().post("/accounts/login/", data)["Location"] == "/people/?q=a"


def test_it_refuses_a_name_that_grows_too_long_when_it_is_composed() -> None:
    answer = join(name="\ufb2c" * 100)
    assert answer.status_code == 200 and "too long" in answer.content.decode()
    assert not Member.objects.filter(email=ANSWERS["email"]).exists()


def test_it_makes_one_account_of_two_clicks(monkeypatch: pytest.MonkeyPatch) -> None:
    second = SignupForm.join

    def overtaken(form: SignupForm, member: Member) -> None:
        Member.objects.create_user(member.email, "First Click")
        second(form, member)

    monkeypatch.setattr(SignupForm, "join", overtaken)
    answer = join()
    assert answer.status_code == 302 and answer.url == "/accounts/confirm-email/"
    assert Member.objects.get(email=ANSWERS["email"]).name == "First Click"


def test_signing_in_says_why_it_is_asked(client: Client) -> None:
    why = "led on to where you wanted to go"
    assert why in client.get("/accounts/login/?next=/stories/tell/").content.decode()
    assert why not in client.get("/accounts/login/").content.decode()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let hours go by for the limits alone."""
    passed = [0.0]

    def by(hours: float) -> None:
        passed[0] += hours * 3600

    real = time.time
    monkeypatch.setattr(ratelimit.time, "time", lambda: real() + passed[0])
    return by


def fill_letter_box(email: str, other_ways: bool = False) -> None:
    """Whoever is after somebody's letter box, each time from another machine."""
    for number in range(5):
        browser = Client(REMOTE_ADDR=f"203.0.113.{number}")
        browser.post("/accounts/password/reset/", {"email": email.upper() if number % 2 else email})
        if other_ways:
            browser.post("/accounts/signup/", ANSWERS | {"email": email})


def test_it_mails_one_address_thrice_an_hour_and_ten_times_a_day(member: Member, later: Any) -> None:
    sent = []
    for _ in range(6):
        fill_letter_box(str(member.email))
        sent.append(len(mail.outbox))
        later(1.01)
    assert sent == [3, 6, 9, 10, 10, 10]
    fill_letter_box("somebody-else@example.org")
    assert len(mail.outbox) == 13
    later(24)
    fill_letter_box(str(member.email))
    assert len(mail.outbox) == 16


def test_it_counts_both_ways_of_having_a_mail_sent_together(member: Member) -> None:
    fill_letter_box(str(member.email), other_ways=True)
    assert [m.to for m in mail.outbox] == [[member.email]] * 3
    full, fresh = join(email=member.email), join(email="nobody@example.org")
    assert seen(full) == seen(fresh)  # also then it does not tell who has an account
