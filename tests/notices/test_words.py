"""What a mail says: each kind, as somebody reads it in sixty letters a line, without pictures and without HTML."""

import re

import pytest
from django.core import mail

from community.gatherings.models import GatheringPage
from community.members.models import Member
from community.notices.models import Notice, NoticeKind, Way
from community.notices.models.way import ALWAYS, SECRET
from tests.factories import GatheringFactory

pytestmark = pytest.mark.django_db
LEFTOVER = re.compile(r"&(#\d+|[a-z]+);|\{[{%#]|[%}]\}|%\(|\bNone\b")


def body(member: Member, kind: str, actor: Member | None) -> str:
    """The mail of one notice, as it leaves."""
    mail.outbox.clear()
    title = "Walling for those who have never lifted a stone, in Tolver & Torver (with soup)"
    page = GatheringPage.objects.filter(title=title).first() or GatheringFactory(title=title)
    url = f"/gatherings/{page.slug}/"
    Notice.mail(Notice.objects.create(member=member, kind=kind, url=url, actor=actor, way=Way.AT_ONCE).pk)
    (sent,) = mail.outbox
    assert sent.subject and "\n" not in sent.subject and len(sent.subject) < 120
    assert not LEFTOVER.search(sent.subject)
    assert sent.message().get_content_type() == "text/plain"
    return str(sent.body)


@pytest.mark.parametrize("language", ["en-gb", "fr"])
@pytest.mark.parametrize("kind", NoticeKind.values)
def test_it_reads_well_in_sixty_letters(kind: str, language: str, member: Member, stranger: Member) -> None:
    Member.objects.filter(pk=member.pk).update(language=language)
    member.refresh_from_db()
    Member.objects.filter(pk=stranger.pk).update(name="Bartholomew O'Neil & Daughters of Upper Nether Wallop")
    for actor in (stranger, None):
        text = body(member, kind, actor)
        lines = text.splitlines()
        assert "Alma Field" in lines[0] and lines[0].endswith(",") and lines[1] == ""
        for line in lines:
            assert len(line) <= 60 or line.startswith("http://testserver/"), line
            assert line == line.strip() and ("://" not in line or line.startswith("http")), line
        assert not LEFTOVER.search(text) and "\n\n\n" not in text
        assert any(line.startswith("http://testserver/gatherings/walling") for line in lines)
        assert text.endswith("\nhttp://testserver/notices/preferences/\n") and "Scionwood" in text
        is_fixed = kind in ALWAYS or kind in SECRET
        assert ("http://testserver/notices/off/" in text) != is_fixed
        if language == "en-gb":
            assert lines[0] == "Hello Alma Field," and "The stewards of Scionwood" in lines
            assert ("This mail cannot be switched off." in text.replace("\n", " ")) == (kind in ALWAYS)


def test_it_says_for_whom_it_is(member: Member) -> None:
    enid = member.help("Old Enid", is_adult=True)
    text = body(enid, NoticeKind.CONNECTION_INTRODUCED, None)
    assert text.startswith("Hello Alma Field,\n\nthis is for Old Enid, whom you help. Please tell them.\n\n")


def test_it_says_whom_to_call(member: Member) -> None:
    from wagtail.models import Site

    from home.models import SiteSettings

    SiteSettings.objects.update_or_create(
        site=Site.objects.get(is_default_site=True),
        defaults={"name": "Duddon & Co", "contact_name": "Stella Ward", "contact_phone": "01229 716 000"},
    )
    text = body(member, NoticeKind.CONNECTION_INTRODUCED, None)
    assert "The stewards of Duddon & Co" in text and "call Stella Ward: 01229 716 000" in text.replace("\n", " ")
