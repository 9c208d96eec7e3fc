"""Whom an editor may name as author of a page."""

import pytest

from community.members.models import Block, Member
from home.models import HomePage
from home.tree import allow_editors
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory, OpeningFactory, StoryFactory

pytestmark = pytest.mark.django_db


def choices(who: Member, page: object) -> set[str]:
    """The names in the editor's form."""
    form = signed_in(who).get(f"/cms/pages/{page.pk}/edit/").context["form"]  # type: ignore[attr-defined]
    return {member.name for member in form.fields["author"].queryset}


@pytest.mark.parametrize("factory", [StoryFactory, GatheringFactory, OpeningFactory])
def test_it_offers_the_people_whom_the_editor_may_know(
    factory: type, member: Member, stranger: Member, minor: Member, steward: Member
) -> None:
    story = StoryFactory()
    page = story if factory is StoryFactory else factory()
    group = allow_editors(HomePage.objects.get())
    closed = MemberFactory(name="Enid Closed", profile={"open_to": []})
    kept_away = MemberFactory(name="Kit Away")
    Block.put(kept_away, member)
    for editor in (member, steward):
        group.user_set.add(editor)
    named = {page.author.name} if page.author else set()
    assert choices(member, page) == {member.name, stranger.name, steward.name} | named
    assert choices(steward, page) == {
        member.name, stranger.name, steward.name, closed.name, kept_away.name,
    } | named  # fmt: skip
