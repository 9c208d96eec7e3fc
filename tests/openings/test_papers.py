"""Files with an application: cleaned, read by few, and gone in time."""

import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from community.members.models import Block, Member
from community.openings.models import Application, OpeningSettings, Paper, Word
from community.trust.models import Safeguarding
from community.trust.registry.export import write_zip
from tests.conftest import signed_in
from tests.factories import MemberFactory, OpeningFactory

pytestmark = pytest.mark.django_db
WORDS = "I have mended two field gates and would like to learn walls."
LIFE = b"Two winters with a hedger, one with a waller. zqlifeqz"


def send(client: Client, opening: Any, data: bytes = LIFE, name: str = "Alma Field CV.txt", **more: Any) -> Any:
    file = SimpleUploadedFile(name, data)
    sent = {"message": WORDS, "life": file, "form_key": str(uuid.uuid4())} | more
    return client.post(f"/openings/{opening.slug}/apply/", sent)


@pytest.fixture
def sent(as_member: Client) -> Application:
    """An application with a file."""
    assert send(as_member, OpeningFactory()).status_code == 302
    return Application.objects.get()


def test_it_is_read_by_those_who_read_the_application(sent: Application, client: Client, as_member: Client) -> None:
    paper = sent.papers.get()
    guard = MemberFactory(is_steward=True)
    guard.groups.add(Safeguarding.group())
    for who in (as_member, signed_in(sent.poster)):
        assert paper.get_absolute_url() in who.get(sent.get_absolute_url()).text
        answer = who.get(paper.get_absolute_url())
        assert answer.content == LIFE and answer.headers["Content-Disposition"] == 'attachment; filename="life.txt"'
        assert "no-store" in answer.headers["Cache-Control"] and "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(paper.get_absolute_url()).status_code == 302
    for stranger in (MemberFactory(), MemberFactory(is_steward=True), MemberFactory(is_superuser=True), guard):
        answer = signed_in(stranger).get(paper.get_absolute_url(), headers={"If-None-Match": "*"})
        assert answer.status_code == 404 and LIFE not in answer.content
    Block.put(sent.member, sent.poster)
    assert signed_in(sent.poster).get(paper.get_absolute_url()).status_code == 404


def test_it_says_what_is_wrong_and_keeps_the_words(as_member: Client) -> None:
    opening = OpeningFactory()
    for data, name in ((b"MZ\x90", "cv.exe"), (b"<html><script>", "cv.txt"), (b"no pdf", "cv.pdf"), (b"", "cv.txt")):
        answer = send(as_member, opening, data, name)
        assert answer.status_code == 200 and "error-summary" in answer.text and WORDS in answer.text
    answer = send(as_member, opening, b"a" * (Paper.LARGEST + 1))
    assert answer.status_code == 200 and "At most" in answer.text
    assert not Application.objects.exists() and not Paper.objects.exists()


def test_another_file_takes_the_place_of_the_first(as_member: Client) -> None:
    opening = OpeningFactory()
    for data in (b"First of the two.", LIFE):
        assert send(as_member, opening, data, then="later").status_code == 302
    assert bytes(Paper.objects.get().data) == LIFE


def test_it_is_given_out_to_the_applicant_and_not_to_the_poster(sent: Application, member: Member) -> None:
    for who, is_there in ((member, True), (sent.poster, False)):
        out = BytesIO()
        write_zip(who, out)
        with ZipFile(out) as archive:
            assert any(archive.read(name) == LIFE for name in archive.namelist()) == is_there


def test_it_is_forgotten_some_time_after_the_end(sent: Application, member: Member) -> None:
    paper, keep = sent.papers.get(), OpeningSettings.now().keep_days
    sent.say(member, "I can begin in March.")
    sent.decline(sent.poster, "filled")
    Application.objects.update(moved_at=timezone.now() - timedelta(days=keep - 1), guardian_email="g@example.org")
    assert Application.forget_old() == 0 and Paper.objects.exists()
    Application.objects.update(moved_at=timezone.now() - timedelta(days=keep + 1))
    assert Application.forget_old() == 1 and Application.forget_old() == 0
    assert not Paper.objects.exists() and not Word.objects.exists()
    for who in (member, sent.poster):
        assert signed_in(who).get(paper.get_absolute_url()).status_code == 404
    assert signed_in(sent.poster).get(sent.get_absolute_url()).status_code == 404
    page = signed_in(member).get(sent.get_absolute_url()).text
    assert WORDS in page and "Deleted, as promised" in page
    sent.refresh_from_db()
    assert sent.guardian_email == ""


def test_a_community_says_for_how_long(sent: Application) -> None:
    OpeningSettings.objects.create(keep_days=0, answer_days=21, grace_days=30)
    sent.decline(sent.poster, "filled")
    assert Application.forget_old() == 1 and not Paper.objects.exists()


def test_what_is_under_way_is_kept(sent: Application) -> None:
    Application.objects.update(moved_at=timezone.now() - timedelta(days=900))
    assert Application.forget_old() == 0 and Paper.objects.exists()


def test_drafts_that_nobody_sends_go(as_member: Client) -> None:
    send(as_member, OpeningFactory(), then="later")
    Application.objects.update(moved_at=timezone.now() - timedelta(days=61))
    assert Application.forget_old() == 1
    assert not Application.objects.exists() and not Paper.objects.exists()
