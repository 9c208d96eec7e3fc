"""A certificate: who gets one, what stands on it, and what never does."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from community.connections import privacy
from community.connections.models import (
    Agreement,
    Certificate,
    CheckIn,
    Closing,
    Connection,
    ConnectionKind,
    LearningPlan,
    Meeting,
)
from community.members.models import Block, Member
from home.models import SiteSettings
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
PRIVATE = ["zqnext", "zqgoals", "zqrhythm", "zqline", "zqthanks", "zqpraise", "zqword", "zqanswer"]


def begun(learner: Member, teacher: Member) -> Connection:
    """Two who wrote down all that can be written down, each with a word that is theirs alone."""
    pair = Connection.agree(learner, teacher, ConnectionKind.MENTORSHIP, mentor=teacher)
    since = timezone.now() - timedelta(days=40)
    Connection.objects.filter(pk=pair.pk).update(skill="Whet a scythe", accepted_at=since, answer="zqanswer")
    until = timezone.localdate() + timedelta(days=30)
    terms = {"goals": "Learn the zqgoals.", "rhythm": "zqrhythm weekly", "otherwise": "We say so."}
    Agreement.write(pair, learner, until=until, **terms).sign(teacher)
    Meeting.note(pair, learner, timezone.localdate(), 150, "zqnext")
    LearningPlan.of(pair, ["zqline"])
    CheckIn.ask_due()
    CheckIn.objects.get(member=teacher).say(teacher, 5, "zqword")
    pair.refresh_from_db()
    return pair


def close(pair: Connection, *who: Member, **words: Any) -> Connection:
    for one in who:
        Closing.close(pair, one, "reached", thanks="zqthanks", testimonial="zqpraise", **words)
    return pair


def words_of(data: bytes) -> str:
    """Every letter that is drawn in a PDF, read through the tables that come with its fonts."""
    found = []
    for page in pikepdf.open(BytesIO(data)).pages:
        tables: dict[str, dict[str, str]] = {}
        for name, font in page.Resources.Font.items():
            table = bytes(font.ToUnicode.read_bytes()).decode("ascii")
            for part in re.findall(r"beginbfchar(.*?)endbfchar", table, re.S):
                for code, letter in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", part):
                    tables.setdefault(name, {})[code.lower()] = bytes.fromhex(letter).decode("utf-16-be")
            assert "beginbfrange" not in table or name in tables
        letters: dict[str, str] = {}
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "Tf":
                letters = tables[str(operands[0])]
            for text in operands if str(operator) in {"Tj", "TJ"} else []:
                for piece in text if isinstance(text, pikepdf.Array) else [text]:
                    if isinstance(piece, pikepdf.String):
                        codes = bytes(piece).hex()
                        found += [letters.get(codes[at : at + 4], "") for at in range(0, len(codes), 4)]
            if str(operator) == "ET":
                found.append(" ")
    return " ".join("".join(found).split())


def paper(client: Client, pair: Connection) -> str:
    answer = client.get(f"/connections/{pair.pk}/certificate.pdf")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    return words_of(answer.content)


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """The stranger taught the member; both have closed it, and neither wants to be named."""
    return close(begun(member, stranger), member, stranger)


def test_it_says_who_what_when_and_how_long(pair: Connection, member: Member, stranger: Member) -> None:
    SiteSettings.objects.update_or_create(site=Site.objects.get(), defaults={"name": "The upper valley"})
    learned, taught = (paper(signed_in(who), pair) for who in (member, stranger))
    assert "Alma Field has learned: Whet a scythe" in learned
    assert "Bruno Stray has passed on: Whet a scythe" in taught
    for text in (learned, taught):
        assert "2 h 30 min in 1 meeting," in text and str(timezone.localdate().year) in text
        assert "The upper valley" in text


def test_it_holds_no_word_of_theirs(pair: Connection, member: Member, stranger: Member) -> None:
    for who in (member, stranger):
        data = signed_in(who).get(f"/connections/{pair.pk}/certificate.pdf").content
        text, page = words_of(data), signed_in(who).get(f"/connections/{pair.pk}/certificate/").text
        out = BytesIO()
        pikepdf.open(BytesIO(data)).save(out, compress_streams=False)
        assert [word for word in PRIVATE if word in text or word in page or word.encode() in out.getvalue()] == []
    assert "Certificate" in text  # the letters can be read at all


def test_it_is_marked_for_reading_aloud(pair: Connection, member: Member) -> None:
    made = pikepdf.open(BytesIO(signed_in(member).get(f"/connections/{pair.pk}/certificate.pdf").content))
    assert str(made.Root.Lang).startswith("en") and made.Root.MarkInfo.Marked
    with made.open_metadata() as told:
        assert told["dc:title"] == "Certificate" and told["pdfuaid:part"] == "1" and "dc:creator" not in told


def test_the_other_is_named_only_with_their_yes(pair: Connection, member: Member, stranger: Member) -> None:
    page, mine, theirs = f"/connections/{pair.pk}/certificate/", signed_in(member), signed_in(stranger)
    assert "Bruno" not in paper(mine, pair) and "The other is not named" in mine.get(page).text
    assert theirs.post(page, {"name": "1"}).status_code == 302
    assert "Taught by : Bruno Stray" in paper(mine, pair) and "Alma" not in paper(theirs, pair)
    theirs.post(page, {"name": "0"})
    assert "Bruno" not in paper(mine, pair)
    with pytest.raises(ValidationError):
        Closing.objects.get(writer=stranger).let_name(member, is_named=True)


def test_the_yes_can_be_said_at_the_end(member: Member, stranger: Member) -> None:
    pair = begun(member, stranger)
    close(pair, member)
    form = signed_in(stranger).get(f"/connections/{pair.pk}/close/").text
    assert "my name may stand" in form.casefold()
    answer = signed_in(stranger).post(f"/connections/{pair.pk}/close/", {"reason": "reached", "is_named": "on"})
    assert answer.status_code == 302
    assert Certificate.of(Connection.objects.get(pk=pair.pk), member).other == "Bruno Stray"


def test_it_waits_for_both_and_for_a_meeting(member: Member, stranger: Member) -> None:
    pair = begun(member, stranger)
    mine, page = signed_in(member), f"/connections/{pair.pk}/certificate/"
    pdf = page.replace("/certificate/", "/certificate.pdf")
    assert mine.get(page).status_code == mine.get(pdf).status_code == 404  # it goes on
    close(pair, member)
    assert "once both of you" in mine.get(page).text
    assert mine.get(pdf)["Location"] == page
    close(pair, stranger)
    assert mine.get(pdf).status_code == 200
    Meeting.objects.update(minutes=None)
    assert "no meeting" in mine.get(page).text and mine.get(pdf).status_code == 302


def test_there_is_none_between_equals(member: Member, stranger: Member) -> None:
    pair = Connection.agree(member, stranger, ConnectionKind.PEER)
    Meeting.note(pair, member, timezone.localdate(), 60)
    close(pair, member, stranger)
    for path in ("certificate/", "certificate.pdf"):
        assert signed_in(member).get(f"/connections/{pair.pk}/{path}").status_code == 404
    assert "certificate" not in signed_in(member).get(pair.get_absolute_url()).text
    assert "certificate" not in signed_in(member).get(f"/connections/{pair.pk}/close/").text.casefold()


@pytest.mark.parametrize("who", ["steward", "other", "nobody", "blocked"])
def test_it_is_for_the_two_alone(pair: Connection, member: Member, stranger: Member, steward: Member, who: str) -> None:
    if who == "blocked":
        Block.put(stranger, member)
    people = {"steward": steward, "other": MemberFactory(), "blocked": member}
    client = signed_in(people[who]) if who in people else Client()
    for path in ("certificate/", "certificate.pdf"):
        assert client.get(f"/connections/{pair.pk}/{path}").status_code == (302 if who == "nobody" else 404)
    assert client.post(f"/connections/{pair.pk}/certificate/", {"name": "1"}).status_code in {302, 404}
    assert not Closing.objects.filter(is_named=True).exists()


def test_nobody_under_18_is_named_and_they_read_a_first_name(member: Member, stranger: Member) -> None:
    pair = close(begun(member, stranger), member, stranger, is_named=True)
    Member.objects.filter(pk=member.pk).update(is_adult=False)
    young, old = (paper(signed_in(Member.objects.get(pk=who.pk)), pair) for who in (member, stranger))
    assert "Alma Field has learned" in young and "Bruno" in young and "Stray" not in young
    assert "Alma" not in old and "Field" not in old
    page = signed_in(Member.objects.get(pk=member.pk)).get(f"/connections/{pair.pk}/certificate/").text
    assert "My name may stand on it" not in page and "Do not name me any more" not in page


def test_it_goes_with_whoever_leaves(pair: Connection, member: Member, stranger: Member) -> None:
    privacy.erase(stranger)
    assert signed_in(member).get(f"/connections/{pair.pk}/certificate.pdf").status_code == 302
    assert "Bruno" not in signed_in(member).get(f"/connections/{pair.pk}/certificate/").text


def test_it_takes_no_words_for_marks(pair: Connection, member: Member) -> None:
    odd = '#import "x": * $x^2$ *a* _b_ <c> @d \\ // - i #read("/etc/passwd") \U0001f414'
    Connection.objects.filter(pk=pair.pk).update(skill=odd[:120])
    assert '#import "x": * $x^2$ *a* _b_' in paper(signed_in(member), pair)


def test_so_many_are_printed_an_hour(pair: Connection, member: Member, settings: Any) -> None:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"certificate": "2/h/key"}
    mine, address = signed_in(member), f"/connections/{pair.pk}/certificate.pdf"
    assert [mine.get(address).status_code for _one in range(3)] == [200, 200, 302]
    assert "too often" in mine.get(f"/connections/{pair.pk}/certificate/").text
    cache.clear()


def test_the_page_asks_little(pair: Connection, member: Member) -> None:
    mine, page = signed_in(member), f"/connections/{pair.pk}/certificate/"
    assert page in mine.get(pair.get_absolute_url()).text
    mine.get(page)
    with CaptureQueriesContext(database) as queries:
        mine.get(page)
    assert len(queries) <= 12, "\n".join(one["sql"] for one in queries.captured_queries)
