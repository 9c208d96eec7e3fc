"""Writing to each other: sent once, read by the two alone, told once, closed for writing when the two have parted."""

import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from community.connections.models import Connection, ConnectionKind, Enclosure, Message, thread_of
from community.connections.privacy import erase, export
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
BAD = ["x" * 10_000, "a\x00b", "   ", ""]


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """The stranger teaches the member; both said yes."""
    return Connection.agree(member, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)


def post(client: Client, pair: Connection, text: str = "Come on Thursday.", **more: Any) -> Any:
    return client.post(thread_of(pair.pk), {"text": text, "form_key": str(uuid.uuid4())} | more)


def photo(name: str = "IMG_of_alma_at_home.jpg") -> SimpleUploadedFile:
    """A picture that tells where it was taken, by whom, and with what."""
    exif = Image.Exif()
    exif[0x010F], exif[0x9C9D] = "Secretcam", "Alma Field".encode("utf-16-le")
    out = BytesIO()
    Image.new("RGB", (60, 40), "green").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def test_both_read_it_and_are_told_apart_by_words(pair: Connection, member: Member, stranger: Member) -> None:
    assert post(signed_in(member), pair, "Shall I bring the saw?").status_code == 302
    theirs, mine = (signed_in(who).get(thread_of(pair.pk)).text for who in (stranger, member))
    assert "Shall I bring the saw?" in theirs and "Shall I bring the saw?" in mine
    assert "<bdi>Alma Field</bdi></strong> <time" in theirs and "<strong>You</strong> <time" in mine
    assert 'class="talk__own"' in mine and 'class="talk__own"' not in theirs
    assert "Shall I bring the saw?" in signed_in(stranger).get(pair.get_absolute_url()).text


def test_it_escapes_and_keeps_lines(pair: Connection, member: Member) -> None:
    post(signed_in(member), pair, "<script>alert(1)</script>\nSecond line")
    page = signed_in(member).get(thread_of(pair.pk)).text
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "<br>Second line" in page


def test_the_same_form_twice_writes_once(pair: Connection, member: Member) -> None:
    key, client = str(uuid.uuid4()), signed_in(member)
    for _twice in range(2):
        assert post(client, pair, form_key=key).status_code == 302
    assert Message.objects.count() == Notice.objects.count() == 1
    again = post(client, pair, "Another text under the same key.", form_key=key)
    assert again.status_code == 302 and Message.objects.count() == 1
    assert "Another text under the same key." in client.get(again.url).text
    one = uuid.uuid4()
    assert Message.write(pair, member, "Yes.", one) == Message.write(pair, member, "Yes.", one)


def test_several_unread_are_told_once_and_without_their_words(
    pair: Connection, member: Member, stranger: Member
) -> None:
    for number in range(5):
        Message.write(pair, member, f"Secret word {number}.")
    notice = Notice.objects.get(member=stranger)
    assert notice.kind == "message_received" and "Alma Field" in notice.lines[0]
    assert "Secret word" not in "".join(notice.lines)
    page = signed_in(stranger).get(pair.get_absolute_url()).text
    assert "5 new" in page
    assert signed_in(stranger).get(notice.url.partition("#")[0]).text.count(">New<") == 5
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert ">New<" not in signed_in(stranger).get(thread_of(pair.pk)).text
    Message.write(pair, member, "And one more.")
    assert Notice.objects.filter(member=stranger).count() == 2


def test_the_list_says_where_something_is_new(pair: Connection, member: Member, stranger: Member) -> None:
    Message.write(pair, member, "Hello.")
    marked = [who for who in (member, stranger) if "New message" in signed_in(who).get("/connections/").text]
    assert marked == [stranger]
    signed_in(stranger).get(thread_of(pair.pk))
    assert "New message" not in signed_in(stranger).get("/connections/").text


def test_nobody_sees_who_has_read(pair: Connection, member: Member, stranger: Member) -> None:
    Message.write(pair, member, "Are you there?")
    before = signed_in(member).get(thread_of(pair.pk)).text
    for method in ("head", "get"):
        getattr(signed_in(stranger), method)(thread_of(pair.pk))
        assert Message.objects.filter(read_at=None).exists() == (method == "head")
    after = signed_in(member).get(thread_of(pair.pk)).text
    assert strip(before) == strip(after)


def strip(page: str) -> str:
    """The page but for what is new in it each time."""
    return page[page.index('<ol class="talk">') : page.index("</ol>")]


@pytest.mark.parametrize("text", BAD)
def test_it_says_what_is_wrong_and_keeps_the_words(pair: Connection, member: Member, text: str) -> None:
    answer = post(signed_in(member), pair, text)
    assert answer.status_code == 200 and not Message.objects.exists()
    assert text.strip("\x00 ").replace("\x00", "")[:50] in answer.text.replace("\x00", "")


def test_it_takes_strange_letters_and_lies_about_versions(pair: Connection, member: Member) -> None:
    for text in ("😀" * 300, "ا ل ع"):
        assert post(signed_in(member), pair, text).status_code == 302
    raw = b"form_key=" + str(uuid.uuid4()).encode() + b"&text=%ED%A0%80+lone"
    kind = "application/x-www-form-urlencoded"
    assert signed_in(member).post(thread_of(pair.pk), raw, content_type=kind).status_code == 302
    assert post(signed_in(member), pair, version="9" * 40).status_code == 200  # at most twelve signs
    assert post(signed_in(member), pair, form_key="no key").status_code == 302


def test_it_does_not_begin_before_both_said_yes(member: Member, stranger: Member) -> None:
    words = "How do you keep the frost out of the orchard?"
    asked = Connection.propose(member, stranger, ConnectionKind.PEER, words)
    assert signed_in(member).get(thread_of(asked.pk)).status_code == 404
    assert post(signed_in(member), asked).status_code == 404
    with pytest.raises(ValidationError):
        Message.write(asked, member, "Hello?")
    assert "My private notes" not in signed_in(member).get(asked.get_absolute_url()).text


def test_it_is_for_the_two_alone(pair: Connection, member: Member, steward: Member) -> None:
    one = Message.write(pair, member, "Nobody else reads this.")
    for who in (steward, MemberFactory(), MemberFactory(is_superuser=True, is_staff=True)):
        client = signed_in(who)
        for address in (thread_of(pair.pk), one.get_absolute_url(), f"{one.get_absolute_url()}report/"):
            assert client.get(address).status_code == 404 and client.post(address).status_code == 404
        assert not Message.objects.visible_to(who).exists()
        with pytest.raises(ValidationError):
            Message.write(pair, who, "Let me in.")
    assert Client().get(thread_of(pair.pk)).status_code == 302


def test_it_closes_for_writing_when_they_part_and_keeps_what_was_typed(
    pair: Connection, member: Member, stranger: Member
) -> None:
    Message.write(pair, member, "It was good.")
    client = signed_in(stranger)
    assert "<textarea" in client.get(thread_of(pair.pk)).text
    pair.end(member, "reached")
    answer = post(client, pair, "Wait, one more thing.")
    assert answer.status_code == 409 and "Wait, one more thing." in answer.text
    assert Message.objects.count() == 1
    page = client.get(thread_of(pair.pk)).text
    assert "It was good." in page and "<textarea" not in page


def test_a_block_ends_and_hides_it_for_both_and_for_good(pair: Connection, member: Member, stranger: Member) -> None:
    one = Message.write(pair, member, "Before.", file=clean())
    Block.put(stranger, member)
    for who in (member, stranger):
        for address in (thread_of(pair.pk), one.get_absolute_url(), one.enclosure.get_absolute_url()):
            assert signed_in(who).get(address).status_code == 404
        assert post(signed_in(who), pair).status_code == 404
        with pytest.raises(ValidationError):
            Message.write(pair, who, "After.")
        assert not Message.objects.visible_to(who).exists() and not Notice.objects.visible_to(who).exists()
    Block.objects.all().delete()
    assert signed_in(member).get(thread_of(pair.pk)).status_code == 404
    assert Message.objects.count() == 1


def test_it_does_not_make_the_others_form_stale(pair: Connection, member: Member, stranger: Member) -> None:
    version = pair.version
    Message.write(pair, member, "Hello.")
    pair.refresh_from_db()
    assert pair.version == version and pair.asker_active_at is not None
    assert pair.asker_active_at > timezone.now() - timedelta(minutes=1)


def test_somebody_acts_for_whom_they_help(stranger: Member, member: Member) -> None:
    helped = Member.objects.create_user(None, "Helped Person", helper=member, is_adult=True)
    pair = Connection.agree(helped, stranger, ConnectionKind.PEER)
    assert post(signed_in(member), pair, "She asks when to come.").status_code == 302
    assert Message.objects.get().writer == helped
    assert "You act for Helped Person" in signed_in(member).get(thread_of(pair.pk)).text


def test_there_is_an_end_to_it_each_day(pair: Connection, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Message, "MOST_A_DAY", 2)
    for _twice in range(2):
        Message.write(pair, member, "Again.")
    answer = post(signed_in(member), pair, "A third one.")
    assert answer.status_code == 409 and "A third one." in answer.text and Message.objects.count() == 2


# Files


def clean() -> Any:
    """A picture as the form hands it on."""
    from community.topics.models import without_traces

    return without_traces(photo())


def test_a_file_goes_along_without_its_traces(pair: Connection, member: Member, stranger: Member) -> None:
    assert post(signed_in(member), pair, "", file=photo()).status_code == 302
    found = Enclosure.objects.get()
    for trace in (b"Secretcam", b"Alma", "Alma".encode("utf-16-le"), b"Exif"):
        assert trace not in bytes(found.data)
    assert "A picture" in signed_in(stranger).get(thread_of(pair.pk)).text
    answer = signed_in(stranger).get(found.get_absolute_url())
    assert answer.content == bytes(found.data) and answer["Content-Type"] == "image/jpeg"
    assert "no-store" in answer["Cache-Control"] and "alma" not in answer["Content-Disposition"].lower()
    assert answer["Content-Disposition"].startswith("attachment")
    for who in (MemberFactory(), MemberFactory(is_steward=True)):
        assert signed_in(who).get(found.get_absolute_url()).status_code == 404
    other = Connection.agree(member, MemberFactory(), ConnectionKind.PEER)
    crossed = found.get_absolute_url().replace(f"/{pair.pk}/files", f"/{other.pk}/files")
    assert signed_in(member).get(crossed).status_code == 404


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"), ("a.pdf", b"%PDF-1.4 broken"),
        ("a.html", b"<!doctype html><script>1</script>"), ("a.docx", b"PK\x03\x04 no"), ("a.jpg", b"no picture"),
        ("big.jpg", b"\xff\xd8\xff" + b"0" * (5 * 1024 * 1024 + 1)), ("a.png", b""),
    ],
)  # fmt: skip
def test_it_refuses_other_files_and_keeps_the_words(pair: Connection, member: Member, name: str, data: bytes) -> None:
    answer = post(signed_in(member), pair, "Look at this.", file=SimpleUploadedFile(name, data))
    assert answer.status_code == 200 and "Look at this." in answer.text
    assert not Message.objects.exists() and not Enclosure.objects.exists()


# Lists and data


def test_it_shows_the_newest_20_and_leads_to_the_earlier(pair: Connection, member: Member) -> None:
    for number in range(25):
        Message.write(pair, member, f"Number {number:02}.")
    page = signed_in(member).get(thread_of(pair.pk)).text
    assert "Number 04." not in page and page.index("Number 05.") < page.index("Number 24.")
    earlier = signed_in(member).get(f"{thread_of(pair.pk)}?page=2").text
    assert "Number 00." in earlier and "Number 05." not in earlier
    for odd in ("-1", "9" * 30, "x", "\x00"):
        assert signed_in(member).get(thread_of(pair.pk), {"page": odd}).status_code == 200


@pytest.mark.parametrize("address", ["thread/", ""])
def test_it_lists_20_as_cheaply_as_10(
    pair: Connection, member: Member, stranger: Member, address: str, django_assert_max_num_queries: Any
) -> None:
    client, counts = signed_in(stranger), []
    for _round in range(2):
        for number in range(10):
            Message.write(pair, member, f"Words {number}.", file=clean() if number % 2 else None)
        client.get(f"{pair.get_absolute_url()}thread/")
        with django_assert_max_num_queries(12) as queries:
            client.get(f"{pair.get_absolute_url()}{address}")
        assert not [one for one in queries.captured_queries if '"data"' in one["sql"]]
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_first_look_at_new_words_costs_no_more(
    pair: Connection, member: Member, stranger: Member, django_assert_max_num_queries: Any
) -> None:
    client, counts = signed_in(stranger), []
    client.get(thread_of(pair.pk))
    for number in (10, 20):
        for _each in range(number):
            Message.write(pair, member, "New words.")
        with django_assert_max_num_queries(14) as queries:  # two of them are savepoints, which only tests have
            client.get(thread_of(pair.pk))
        counts.append(len([one for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]]))
        assert not Message.objects.filter(read_at=None).exists()
    assert counts[0] == counts[1] <= 12


def test_it_is_exported_to_each_and_erased_with_whoever_wrote(
    pair: Connection, member: Member, stranger: Member
) -> None:
    Message.write(pair, member, "Mine.", file=clean())
    Message.write(pair, stranger, "Theirs.")
    told = export(member)["messages"]
    assert [one["text"] for one in told] == ["Mine.", "Theirs."] and told[0]["file"].endswith(".jpg")
    erase(member)
    assert [one.text for one in Message.objects.all()] == ["Theirs."] and not Enclosure.objects.exists()
