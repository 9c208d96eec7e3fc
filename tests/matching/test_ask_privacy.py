"""Asking shows nothing that one may not see: not a title, a number, a sentence or an order changes because of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from community.library.models import CaseStudyPage, LessonPage
from community.members.models import Block, Glances, Member
from community.trust.registry.erasing import erase
from matching import ask as network
from matching import language, reading
from matching.ask import seen
from matching.models import Passage
from tests.conftest import signed_in
from tests.factories import (
    GatheringFactory,
    LessonFactory,
    MemberFactory,
    OpeningFactory,
    PlaybookFactory,
    StatementFactory,
    StoryFactory,
)
from tests.matching.asking import read_all, titles
from tests.matching.planted import WordEncoder

pytestmark = pytest.mark.django_db
QUESTIONS = ["wet barley", "barley", "barlei", "zqhiddenqz", "zqhidenqz", "mend hedges", "what to do about wet barley"]


@pytest.fixture(autouse=True)
def questions(monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder) -> WordEncoder:
    """Questions are read by the planted model, too."""
    monkeypatch.setattr(language, "query_encoder", lambda: encoder)
    return encoder


def told(client: Client, question: str) -> bytes:
    """All that an answer says; without the frame, in which a number stands that is used once."""
    content: bytes = client.get("/ask/", {"q": question}, headers={"HX-Request": "true"}).content
    return content


def hide(kind: str, stranger: Member) -> Any:
    """A page about the very same that the stranger may not see, in one of the ways in which that can be."""
    about = "Wet barley zqhiddenqz, and hedges to mend"
    teller = MemberFactory(name="Hidden Teller")
    page = StoryFactory(title=about, summary=about, author=teller, body=[("setting", f"<p>{about}. Barley rots.</p>")])
    if kind == "blocked":
        Block.put(teller, stranger)
    elif kind == "withdrawn":
        page.unpublish()
    elif kind == "group":
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    return page


@pytest.fixture
def world(encoder: WordEncoder) -> Iterator[None]:
    for number in range(3):
        StoryFactory(title=f"Barley {number}", body=[("setting", f"<p>Wet barley, field {number}.</p>")])
    StatementFactory(profile=MemberFactory(name="Barb Barley").profile, text="dry wet barley")
    read_all(encoder)
    yield


@pytest.mark.parametrize("kind", ["blocked", "withdrawn", "group"])
def test_a_page_that_one_may_not_see_changes_nothing(
    kind: str, world: None, stranger: Member, encoder: WordEncoder
) -> None:
    browser = signed_in(stranger)
    Glances.take(stranger, list(Member.objects.values_list("pk", flat=True)))
    before = [told(browser, question) for question in QUESTIONS]
    page = hide(kind, stranger)
    read_all(encoder)
    assert Passage.objects.filter(page=page.pk).exists() == (kind != "withdrawn")
    assert [told(browser, question) for question in QUESTIONS] == before
    if kind != "withdrawn":  # the control: whoever may see it finds it
        PageViewRestriction.objects.all().delete()
        assert b"zqhiddenqz" in told(signed_in(MemberFactory()), "zqhidenqz").replace(b"<mark>", b"")


def test_a_person_whom_one_may_not_see_changes_nothing(world: None, stranger: Member, encoder: WordEncoder) -> None:
    browser = signed_in(stranger)
    Glances.take(stranger, list(Member.objects.values_list("pk", flat=True)))
    before = [told(browser, question) for question in QUESTIONS]
    for name, fields in (
        ("Closed", {"profile": {"open_to": []}}),
        ("Young", {"is_adult": False}),
        ("Gone", {"is_active": False}),
        ("Pausing", {"profile": {"is_paused": True}}),
        ("Blocking", {}),
        ("Discreet", {}),
    ):
        who = MemberFactory(name=f"{name} Person", **fields)
        visibility = "matching" if name == "Discreet" else "members"
        StatementFactory(profile=who.profile, text="dry wet barley zqhiddenqz", visibility=visibility)
        if name == "Blocking":
            Block.put(who, stranger)
    read_all(encoder)
    assert [told(browser, question) for question in QUESTIONS] == before


def test_a_block_counts_at_the_next_question(world: None, stranger: Member) -> None:
    assert [one.member.name for one in network.ask("dry wet barley", stranger).people] == ["Barb Barley"]
    Block.put(Member.objects.get(name="Barb Barley"), stranger)
    assert network.ask("dry wet barley", stranger).people == []


def test_somebody_under_18_and_a_visitor_see_no_people(world: None, minor: Member) -> None:
    assert titles(network.ask("wet barley", minor).pages)
    assert network.ask("dry wet barley", minor).people == []
    assert network.ask("dry wet barley", None).people == []


def test_nobody_copies_the_list_of_people_by_asking(world: None, stranger: Member, monkeypatch: Any) -> None:
    monkeypatch.setattr(Glances, "MOST", 0)
    answer = signed_in(stranger).get("/ask/", {"q": "dry wet barley"}).content.decode()
    assert "Barb" not in answer and "enough different people" in answer


@pytest.mark.parametrize("who", ["visitor", "member"])
def test_it_asks_the_database_no_more_for_many_pages(who: str, encoder: WordEncoder, member: Member) -> None:
    browser = signed_in(member) if who == "member" else Client()
    counts = []
    for turn in range(2):
        for number in range(10):
            unique = f"{turn}x{number}"
            StoryFactory(title=f"Barley {unique}", body=[("setting", f"<p>Wet barley {number}.</p>")])
            StatementFactory(profile=MemberFactory().profile, text=f"dry barley {unique}")
        GatheringFactory(title=f"Barley day {unique}")
        OpeningFactory(title=f"A barley year {unique}")
        read_all(encoder)
        browser.get("/ask/", {"q": "wet barley"})  # the first look at people is counted
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = browser.get("/ask/", {"q": "wet barley"})
        assert answer.content.count(b"card__link") > 10
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12, [query["sql"][:90] for query in queries]


def test_asking_writes_nothing(world: None, as_stranger: Client) -> None:
    as_stranger.get("/ask/", {"q": "wet barley"})
    with CaptureQueriesContext(connection) as queries:
        as_stranger.get("/ask/", {"q": "wet barley"})
        as_stranger.get("/ask/", {"q": "nothing of this kind xyzzy"})
    written = [query["sql"] for query in queries if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert written == []


def test_an_erased_offer_leaves_the_index_of_words(world: None, encoder: WordEncoder) -> None:
    who = MemberFactory(name="Erna Erased")
    StatementFactory(profile=who.profile, text="braid zqerasedqz")
    read_all(encoder)
    rows = Passage.objects.filter(tokens__contains="zqerasedqz")
    assert rows.count() == 1
    key = rows.get().pk
    erase(who)
    assert not rows.exists()
    assert Passage.holding([[["ozqerasedqz"]]]) == {}
    assert not Passage.objects.filter(pk=key).exists()


ODD = [
    '"', "'", '"barley', "a AND b OR", "NEAR(a b)", "tokens:barley", "*", "barley*", "^barley", "-barley", "(", "\x00",
    "barley\x00", "%", "\\", ":*", "!", "&", "|", "<->", "'); DROP TABLE x; --", "🌾", "🌾 barley", "ﷺ" * 40, "ا",
    "\ud800", "barley \udfff", "x" * 10_000, "barley " * 3_000, " ", "\r\n", "9" * 400, "é" * 500, "ß", "日本 語",
    "\u202e",
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_no_odd_word_is_a_fault(odd: str, world: None, member: Member, capsys: pytest.CaptureFixture[str]) -> None:
    network.ask(odd, member)
    sound = odd.encode("utf-8", "replace").decode()
    answer = signed_in(member).get("/ask/", {"q": sound})
    assert answer.status_code == 200
    if "barley" in odd:
        assert b"Barley" in answer.content
    call_command("ask", "--json", "--", odd)
    assert capsys.readouterr().out.startswith('{"query"')


@pytest.mark.parametrize("who", ["visitor", "stranger", "blocked", "blocking", "in the group", "superuser"])
def test_all_kinds_are_asked_for_together_and_each_as_its_own_door_says(who: str, member: Member) -> None:
    """One query for all kinds must show exactly what `visible_to` of each kind shows, whoever asks."""
    teller = MemberFactory(name="Teller")
    group = Group.objects.create(name="Inner ring")
    makers = (StoryFactory, LessonFactory, PlaybookFactory, GatheringFactory, OpeningFactory)
    for number, maker in enumerate(makers):
        maker(author=teller), maker(), maker().unpublish()
        shut = maker(author=member)
        kind = PageViewRestriction.LOGIN if number % 2 else PageViewRestriction.GROUPS
        restriction = PageViewRestriction.objects.create(page=shut, restriction_type=kind)
        restriction.groups.add(group)
    asker: Any = None if who == "visitor" else MemberFactory(is_superuser=who == "superuser")
    if who == "blocked":
        Block.put(teller, asker)
    if who == "blocking":
        Block.put(asker, teller)
    if who == "in the group":
        asker.groups.add(group)
    wanted = set()
    for kind_of_page in reading.kinds():
        some = reading.visible(kind_of_page, asker)
        some = seen.GROUPS[kind_of_page][1](some) if kind_of_page in seen.GROUPS else some
        wanted |= {(pk, kind_of_page) for pk in some.values_list("pk", flat=True)}
    assert set(seen.pages(asker).items()) == wanted
    assert len(wanted) >= 2 * len(makers) - 4


def test_a_kind_with_a_door_of_its_own_is_asked_by_itself(monkeypatch: pytest.MonkeyPatch, member: Member) -> None:
    StoryFactory(), LessonFactory()
    monkeypatch.setattr(type(CaseStudyPage.objects.all()), "visible_to", lambda pages, _member: pages.none())
    assert set(seen.pages(member).values()) & {CaseStudyPage, LessonPage} == {LessonPage}
