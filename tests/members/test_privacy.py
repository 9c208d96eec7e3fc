"""What is held on a person comes out whole, and goes without a trace."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from community.members import privacy
from community.members.models import Block, Draft, Member, Profile, Visibility
from community.notices import privacy as notices_privacy
from community.notices.models import Notice, NoticeKind
from tests.factories import MemberFactory, StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def planted(member: Member, stranger: Member) -> Member:
    """A member with something in every drawer."""
    member.set_password("a long enough pass phrase")
    member.save()
    Profile.objects.filter(member=member).update(about="MARK-about", trade="MARK-trade", place="MARK-place")
    member.refresh_from_db()
    StatementFactory(profile=member.profile, text="MARK-line", visibility=Visibility.ME)
    member.profile.not_with.add(MemberFactory(name="MARK-not-with"))
    stranger.profile.not_with.add(member)
    Block.put(member, MemberFactory(name="MARK-blocked"))
    Block.put(MemberFactory(name="SECRET-blocker"), member)
    member.help("MARK-helped", is_adult=True)
    Draft.objects.create(member=member, form="story", data={"text": ["MARK-draft"]})
    Notice.objects.create(member=member, kind=NoticeKind.CONNECTION_PROPOSED, url="/x/", actor=stranger)
    Notice.objects.create(member=stranger, kind=NoticeKind.CONNECTION_PROPOSED, url="/x/", actor=member)
    return member


def test_it_gives_out_all_that_is_held_but_nobody_elses_secrets(planted: Member) -> None:
    text = json.dumps([privacy.export(planted), notices_privacy.export(planted)], cls=DjangoJSONEncoder)
    marks = ("about", "trade", "place", "line", "not-with", "blocked", "helped", "draft")
    assert [mark for mark in marks if f"MARK-{mark}" not in text] == []
    assert "Bruno Stray would like to meet you" in text and str(planted.email) in text
    assert "SECRET-blocker" not in text and planted.password not in text


def test_it_leaves_no_row_that_leads_to_the_person(planted: Member, stranger: Member) -> None:
    key, helped = planted.pk, planted.helped.get()
    notices_privacy.erase(planted)
    privacy.erase(planted)
    for holds in (privacy.HOLDS, notices_privacy.HOLDS):
        for model, paths in holds.items():
            for path in (paths,) if isinstance(paths, str) else paths:
                assert not model._default_manager.filter(**{path: key}).exists(), (model, path)
    helped.refresh_from_db()
    assert helped.helper is None and helped.profile.is_paused
    assert Notice.objects.get(member=stranger).actor is None


def test_it_forgets_the_address_in_what_others_are_writing(member: Member, stranger: Member) -> None:
    draft = Draft.objects.create(member=stranger, form="x", url=f"/connections/new/{member.handle}/", data={"a": ["b"]})
    privacy.erase(member)
    draft.refresh_from_db()
    assert (draft.url, draft.data) == ("", {"a": ["b"]})
