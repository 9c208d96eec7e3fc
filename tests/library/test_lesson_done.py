"""I have done this: a note for oneself, and how far one has come in a series."""

import pytest
from django.test import Client

from community.library import privacy
from community.library.models import LessonDone
from community.members.models import Block, Member
from tests.conftest import signed_in
from tests.factories import LessonFactory, MemberFactory, SeriesFactory

pytestmark = pytest.mark.django_db


def test_it_is_noted_once_and_can_be_taken_back(member: Member, as_member: Client) -> None:
    lesson = LessonFactory()
    for _n in range(2):
        response = as_member.post(f"{lesson.url}done/", follow=True)
        assert "You have done this." in response.content.decode()
    first = LessonDone.objects.get(member=member, lesson=lesson)
    assert LessonDone.note(member, lesson).done_at == first.done_at
    html = as_member.post(f"{lesson.url}done/", {"undo": "1"}, follow=True).content.decode()
    assert "I have done this" in html
    assert not LessonDone.objects.exists()


def test_looking_changes_nothing(as_member: Client) -> None:
    lesson = LessonFactory()
    assert as_member.get(f"{lesson.url}done/").url == lesson.url
    assert not LessonDone.objects.exists()


def test_a_visitor_is_asked_to_sign_in_and_sees_the_order_only(member: Member) -> None:
    one, two = LessonFactory(title="First of all"), LessonFactory(title="Second of all")
    series = SeriesFactory(lessons=[one, two])
    assert Client().post(f"{one.url}done/").status_code == 302
    assert not LessonDone.objects.exists()
    html = Client().get(series.url).content.decode()
    assert html.index("First of all") < html.index("Second of all")
    assert "of 2 done" not in html and "<progress" not in html


def test_a_series_says_how_far_i_am_and_what_comes_next(member: Member, as_member: Client) -> None:
    lessons = [LessonFactory(title=f"Part {n}") for n in range(3)]
    series = SeriesFactory(lessons=lessons)
    LessonDone.note(member, lessons[0])
    html = as_member.get(series.url).content.decode()
    assert "1 of 3 done" in html
    assert f'Next: <a href="{lessons[1].url}">' in html
    html = as_member.get(lessons[1].url).content.decode()
    assert "Lesson 2 of 3" in html and f'href="{lessons[2].url}"' in html
    for lesson in lessons[1:]:
        LessonDone.note(member, lesson)
    assert "All of them" in as_member.get(series.url).content.decode()


def test_nobody_else_learns_what_i_have_done(member: Member, as_steward: Client, stranger: Member) -> None:
    author = MemberFactory()
    lesson = LessonFactory(author=author)
    series = SeriesFactory(author=author, lessons=[lesson])
    LessonDone.note(member, lesson)
    for client in (as_steward, signed_in(author), signed_in(stranger)):
        assert "You have done this" not in client.get(lesson.url).content.decode()
        assert "0 of 1 done" in client.get(series.url).content.decode()
    assert not LessonDone.objects.visible_to(stranger).exists()


def test_a_series_counts_only_the_lessons_that_i_may_see(member: Member, stranger: Member) -> None:
    hidden, draft, shown = LessonFactory(author=member, title="Kept away"), LessonFactory(), LessonFactory()
    draft.unpublish()
    series = SeriesFactory(lessons=[hidden, draft, shown, shown])
    LessonDone.note(stranger, hidden)
    Block.put(member, stranger)
    html = signed_in(stranger).get(series.url).content.decode()
    assert "0 of 1 done" in html and "A series of 1 lesson" in html
    assert "Kept away" not in html


def test_a_lesson_leads_to_no_series_that_is_kept_from_me(member: Member, stranger: Member) -> None:
    lesson = LessonFactory()
    SeriesFactory(title="Of the one who blocks", author=member, lessons=[lesson])
    Block.put(member, stranger)
    assert "Of the one who blocks" not in signed_in(stranger).get(lesson.url).content.decode()
    assert "Of the one who blocks" in Client().get(lesson.url).content.decode()


def test_it_is_given_out_and_erased(member: Member, stranger: Member) -> None:
    lesson = LessonFactory(author=member, owner=member, title="Keep me")
    for who in (member, stranger):
        LessonDone.note(who, lesson)
    told = privacy.export(member)
    assert [row["lesson"] for row in told["lessons_done"]] == ["Keep me"]
    assert told["lessons"][0]["title"] == "Keep me" and "Until no bubble comes" in str(told["lessons"])
    privacy.erase(member)
    assert list(LessonDone.objects.values_list("member", flat=True)) == [stranger.pk]
    lesson.refresh_from_db()
    assert (lesson.author, lesson.owner, lesson.live) == (None, None, True)
    assert not lesson.revisions.exists()
