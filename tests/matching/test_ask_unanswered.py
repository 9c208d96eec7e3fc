"""Questions asked in vain: counted without the people, and read by stewards once five people asked."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from community.members.models import Member
from matching import language
from matching.models import Unanswered, unanswered
from tests.conftest import signed_in
from tests.factories import MemberFactory
from tests.matching.planted import WordEncoder

pytestmark = pytest.mark.django_db
QUESTION = "How do I shear an alpaca?"


@pytest.fixture(autouse=True)
def questions(monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder) -> None:
    """Questions are read by the planted model; the clock has run once."""
    monkeypatch.setattr(language, "query_encoder", lambda: encoder)
    Unanswered.gather()


def files() -> str:
    """All that lies in the folder."""
    return "".join(path.read_text() for path in sorted(unanswered._folder().iterdir()))


def ask(people: list[Member], question: str = QUESTION) -> None:
    """All of these ask."""
    for who in people:
        signed_in(who).get("/ask/", {"q": question})


def distinct(number: int) -> list[Member]:
    """So many people in as many parts of the community, for this question."""
    salt = bytes.fromhex(unanswered._read()["salt"])
    found: dict[int, Member] = {}
    while len(found) < number:
        who = MemberFactory()
        found.setdefault(unanswered.part_of(salt, unanswered.same(QUESTION), who), who)
    return list(found.values())


def test_five_people_are_heard(as_steward: Client) -> None:
    people = distinct(5)
    ask(people[:4])
    Unanswered.gather()
    assert not Unanswered.objects.exists()
    assert "alpaca" not in as_steward.get("/steward/asked/").content.decode()
    ask(people[4:], "an ALPACA: how to shear?")  # the same words make the same question
    Unanswered.gather()
    row = Unanswered.objects.get()
    assert (row.text, row.people) == ("an ALPACA: how to shear?", 5)
    assert "alpaca" in as_steward.get("/steward/asked/").content.decode().lower()


def test_one_person_who_asks_often_is_one(member: Member) -> None:
    ask([member] * 9)
    Unanswered.gather()
    ask([member] * 9)
    Unanswered.gather()
    for _often in range(9):
        Client().get("/ask/", {"q": QUESTION})  # visitors cannot be told apart
    Unanswered.gather()
    assert not Unanswered.objects.exists()


def test_nothing_of_the_person_is_kept(member: Member) -> None:
    ask([member])
    line = json.loads((unanswered._folder() / "lines").read_text())
    assert set(line) == {"text", "part"} and 0 <= line["part"] < unanswered.PARTS
    assert member.email not in files() and member.handle not in files()
    Unanswered.gather()
    assert "alpaca" not in files()  # of what fewer than five asked, not even the words
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matching_unanswered")
        assert cursor.fetchone() == (0,)


def test_the_part_of_a_person_differs_from_question_to_question(member: Member) -> None:
    salt = b"x" * 32
    assert len({unanswered.part_of(salt, f"question {number}", member) for number in range(40)}) > 20


def test_everything_is_forgotten_after_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    people = distinct(5)
    ask(people[:4])
    Unanswered.gather()
    today = timezone.localdate() + unanswered.KEPT + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *args: today)
    salt = unanswered._read()["salt"]
    Unanswered.gather()
    assert unanswered._read()["marks"] == {} and unanswered._read()["salt"] != salt


def test_what_is_answered_is_not_noted(member: Member, encoder: WordEncoder) -> None:
    from tests.factories import StoryFactory
    from tests.matching.asking import read_all

    StoryFactory(title="How to shear an alpaca")
    read_all(encoder)
    ask([member])
    ask([member], "   ")
    assert not (unanswered._folder() / "lines").exists()


def test_damaged_files_cost_the_count_and_no_page(member: Member) -> None:
    (unanswered._folder() / "marks.json").write_text("{")
    (unanswered._folder() / "lines").write_bytes(b'{"text": 1}\n\xff\n{"part": "x", "text": ""}\nnull\n')
    ask([member])
    assert Unanswered.gather() == 0
    ask([member])
    assert Unanswered.gather() == 0


def test_the_file_does_not_grow_for_ever(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unanswered, "MOST_BYTES", 300)
    ask([member] * 20)
    assert (unanswered._folder() / "lines").stat().st_size < 500


def test_a_steward_settles_it_and_nobody_else(as_steward: Client, as_member: Client) -> None:
    today = timezone.localdate()
    row = Unanswered.objects.create(words="x", text="shear an alpaca", people=5, first_on=today, last_on=today)
    assert as_member.get("/steward/asked/").status_code == 404
    assert as_member.post(f"/steward/asked/{row.pk}/").status_code == 404
    assert as_steward.get(f"/steward/asked/{row.pk}/").status_code == 405
    for _twice in range(2):
        assert as_steward.post(f"/steward/asked/{row.pk}/").status_code == 302
    assert "alpaca" not in as_steward.get("/steward/asked/").content.decode()


def test_the_clock_gathers(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(distinct(5))
    from home.management.commands import clock

    job = next(job for job in clock.jobs() if job.name == "asked")
    assert "1 questions" in job.run()
    assert Unanswered.objects.count() == 1


def test_restarted_with_no_folder_it_begins_anew(member: Member) -> None:
    for path in unanswered._folder().iterdir():
        path.unlink()
    ask([member])
    assert Unanswered.gather() == 0
