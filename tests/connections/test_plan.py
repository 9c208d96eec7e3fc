"""The learning plan of two people: what is learned, how far it is, and what is passed on."""

import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.connections import privacy
from community.connections.models import Connection, ConnectionKind, LearningPlan, PlanSkill
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
LINES = ["lay footings", "set a throughstone"]


@pytest.fixture
def plan(member: Member, stranger: Member) -> LearningPlan:
    """The stranger teaches the member."""
    connection = Connection.agree(member, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)
    return LearningPlan.of(connection, LINES)


def post(client: Client, plan: LearningPlan, **fields: Any) -> Any:
    page = client.get(plan.get_absolute_url())
    form = page.context["form"]
    data = {"goal": plan.goal, "version": form["version"].value(), "form_key": str(uuid.uuid4())}
    for skill in form.open_lines:
        rating = getattr(skill, form.own)
        data[form.name_of(skill)] = "" if rating is None else rating
    return client.post(plan.get_absolute_url(), data | fields)


def test_it_is_rated_by_both_and_signed_off_by_the_teacher(
    plan: LearningPlan, as_member: Client, as_stranger: Client, member: Member
) -> None:
    first = plan.skills.first()
    assert post(as_member, plan, **{f"rating_{first.pk}": "2"}, line="price a job").status_code == 302
    assert post(as_stranger, plan, **{f"rating_{first.pk}": "3"}, goal="A job alone by winter.").status_code == 302
    first.refresh_from_db()
    assert (first.learner_rating, first.teacher_rating) == (2, 3)
    for client in (as_member, as_stranger):
        text = client.get(plan.get_absolute_url()).text
        assert "2 – with help" in text and "3 – alone" in text
        assert "price a job" in text and "A job alone by winter." in text
    url = f"{plan.get_absolute_url()}{first.pk}/"
    assert as_member.post(url, {"step": "sign"}).status_code == 409
    assert as_stranger.get(url).status_code == 200 and not PlanSkill.objects.passed_on().exists()
    for _twice in range(2):
        assert as_stranger.post(url, {"step": "sign"}).status_code == 302
    assert list(PlanSkill.objects.passed_on()) == [first]
    notice = Notice.objects.get(member=member, kind="skill_passed_on")
    assert "Bruno Stray signed a skill off" in notice.lines[0] and notice.url.startswith(plan.get_absolute_url())
    assert as_member.get(notice.url).status_code == 200


def test_each_skill_that_is_signed_off_is_told_by_itself(plan: LearningPlan, member: Member, stranger: Member) -> None:
    for skill in plan.skills.all()[:2]:
        skill.sign_off(stranger)
    assert Notice.objects.filter(member=member, kind="skill_passed_on").count() == 2


def test_what_is_signed_off_stays_as_it_is(plan: LearningPlan, member: Member, stranger: Member) -> None:
    first = plan.skills.first()
    first.sign_off(stranger)
    plan.keep(member, "", {first.pk: 4})
    first.refresh_from_db()
    assert first.learner_rating is None
    with pytest.raises(ValidationError):
        first.drop(stranger)
    assert plan.skills.count() == 2


def test_it_takes_a_line_out_once(plan: LearningPlan, as_member: Client) -> None:
    first = plan.skills.first()
    url = f"{plan.get_absolute_url()}{first.pk}/"
    assert as_member.post(url, {"step": "drop"}).status_code == 302
    assert as_member.post(url, {"step": "drop"}).status_code == 404
    assert [skill.text for skill in plan.skills.all()] == LINES[1:]


def test_a_stale_goal_gets_409_and_keeps_both_texts(plan: LearningPlan, as_member: Client, as_stranger: Client) -> None:
    version = as_member.get(plan.get_absolute_url()).context["form"]["version"].value()
    post(as_stranger, plan, goal="Theirs was first.")
    answer = as_member.post(
        plan.get_absolute_url(), {"goal": "Mine came late.", "version": version, "form_key": str(uuid.uuid4())}
    )
    assert answer.status_code == 409
    assert "Theirs was first." in answer.text and "Mine came late." in answer.text
    plan.refresh_from_db()
    assert plan.goal == "Theirs was first."


def test_each_rates_for_themselves_alone(plan: LearningPlan, as_member: Client) -> None:
    first = plan.skills.first()
    post(as_member, plan, **{f"rating_{first.pk}": "1"}, teacher_rating="4", signed_at="2020-01-01")
    first.refresh_from_db()
    assert (first.learner_rating, first.teacher_rating, first.signed_at) == (1, None, None)


@pytest.mark.parametrize("wrong", ["5", "-1", "9" * 40, "three", "\x00"])
def test_it_refuses_other_numbers_and_changes_nothing(plan: LearningPlan, as_member: Client, wrong: str) -> None:
    first = plan.skills.first()
    answer = post(as_member, plan, **{f"rating_{first.pk}": wrong}, goal="Kept where it was typed.")
    assert answer.status_code == 200 and "error-summary" in answer.text and "Kept where it was typed." in answer.text
    first.refresh_from_db()
    plan.refresh_from_db()
    assert first.learner_rating is None and plan.goal == ""


@pytest.mark.parametrize("line", ["x" * 10_000, "a\x00b", "\ud800"])
def test_it_refuses_odd_lines(plan: LearningPlan, as_member: Client, line: str) -> None:
    version = as_member.get(plan.get_absolute_url()).context["form"]["version"].value()
    sent = urlencode({"goal": "", "version": version, "line": line}, errors="surrogatepass")
    answer = as_member.post(plan.get_absolute_url(), sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 302}
    assert all(len(skill.text) <= 200 and "\x00" not in skill.text for skill in plan.skills.all())


def test_it_is_not_there_for_anybody_else(
    plan: LearningPlan, client: Client, as_steward: Client, member: Member, stranger: Member
) -> None:
    line = f"{plan.get_absolute_url()}{plan.skills.first().pk}/"
    for url in (plan.get_absolute_url(), line):
        assert client.get(url).status_code == 302
        assert as_steward.get(url).status_code == signed_in(MemberFactory()).get(url).status_code == 404
        assert signed_in(MemberFactory()).post(url, {"step": "sign"}).status_code == 404
    Block.put(member, stranger)
    assert signed_in(member).get(plan.get_absolute_url()).status_code == 404
    assert not LearningPlan.objects.visible_to(stranger).exists()


def test_it_begins_with_a_click_and_not_with_a_look(as_member: Client, member: Member, stranger: Member) -> None:
    connection = Connection.agree(member, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)
    url = f"{connection.get_absolute_url()}plan/"
    assert "Begin a learning plan" in as_member.get(url).text and not LearningPlan.objects.exists()
    assert url in as_member.get(connection.get_absolute_url()).text
    for _twice in range(2):
        assert as_member.post(url, {"step": "begin"}).status_code == 302
    assert LearningPlan.objects.count() == 1


def test_equals_have_none(as_member: Client, member: Member, stranger: Member) -> None:
    connection = Connection.agree(member, stranger, ConnectionKind.PEER)
    assert as_member.get(f"{connection.get_absolute_url()}plan/").status_code == 404
    with pytest.raises(ValidationError):
        LearningPlan.of(connection)


def test_it_asks_the_database_as_often_for_20_lines_as_for_10(
    plan: LearningPlan, as_member: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for n in range(2):
        plan.add([f"thing {n} {number}" for number in range(10)])
        as_member.get(plan.get_absolute_url())
        with django_assert_max_num_queries(15) as asked:
            as_member.get(plan.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_two_who_agreed_are_connected_once(member: Member, stranger: Member) -> None:
    kind = ConnectionKind.MENTORSHIP
    one = Connection.agree(member, stranger, kind, mentor=stranger)
    assert Connection.agree(member, stranger, kind, mentor=stranger) == one
    assert one.contact(member) == stranger.email


def test_it_shows_no_address_where_one_is_under_18(minor: Member, stranger: Member) -> None:
    one = Connection.agree(minor, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)
    for who, other in ((minor, stranger), (stranger, minor)):
        assert one.contact(who) == ""
        text = signed_in(who).get(one.get_absolute_url()).text
        assert other.email not in text and "A steward brings you together" in text


@pytest.mark.parametrize("field", ["goal", "line"])
@pytest.mark.parametrize("words", ["WhatsApp 07700 900123", "mail me: a@example.org"])
def test_it_carries_no_contact_where_one_is_under_18(minor: Member, stranger: Member, field: str, words: str) -> None:
    one = Connection.agree(minor, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)
    plan = LearningPlan.of(one, LINES)
    for who, other in ((stranger, minor), (minor, stranger)):
        answer = post(signed_in(who), plan, **{field: words})
        assert answer.status_code == 200 and "no telephone number" in answer.text and words in answer.text
        assert words not in signed_in(other).get(plan.get_absolute_url()).text
    assert post(signed_in(stranger), plan, **{field: "Mend 12 m of wall by May 2027."}).status_code == 302


def test_writing_in_it_is_doing_something(plan: LearningPlan, member: Member, stranger: Member) -> None:
    first, last = plan.skills.all()
    for who, mark, act in (
        (member, "asker_active_at", lambda: plan.keep(member, "A job alone.", {first.pk: 2})),
        (stranger, "asked_active_at", lambda: first.sign_off(stranger)),
        (stranger, "asked_active_at", lambda: last.drop(stranger)),
    ):
        Connection.objects.update(asker_active_at=None, asked_active_at=None)
        act()
        pair = Connection.objects.get()
        assert getattr(pair, mark) is not None and pair.side_of(who) == who
        assert [pair.asker_active_at, pair.asked_active_at].count(None) == 1


def test_nothing_is_written_on_an_old_look_at_it(plan: LearningPlan, member: Member, stranger: Member) -> None:
    old = LearningPlan.objects.select_related("connection__asker", "connection__asked").get()
    skill = PlanSkill.objects.select_related("plan__connection__asker", "plan__connection__asked").first()
    begun = Connection.objects.with_people().get()
    Connection.objects.get().end(stranger, "life")
    for act in (lambda: old.keep(member, "After the end.", {}), lambda: skill.sign_off(stranger)):
        with pytest.raises(ValidationError, match="not under way any more"):
            act()
    assert begun.has_both_yeses
    with pytest.raises(ValidationError):
        LearningPlan.of(begun)
    assert LearningPlan.objects.get().goal == "" and not PlanSkill.objects.passed_on().exists()


def test_what_was_typed_is_there_when_the_other_has_closed_it(
    plan: LearningPlan, as_member: Client, stranger: Member
) -> None:
    page = as_member.get(plan.get_absolute_url())
    data = {"version": page.context["form"]["version"].value(), "form_key": str(uuid.uuid4())}
    Connection.objects.get().end(stranger, "life")
    answer = as_member.post(plan.get_absolute_url(), data | {"goal": "TYPED goal", "line": "TYPED line"})
    assert answer.status_code == 409 and "not under way any more" in answer.text
    assert "TYPED goal" in answer.text and "TYPED line" in answer.text
    plan.refresh_from_db()
    assert plan.goal == "" and "TYPED" not in as_member.get(plan.get_absolute_url()).text


def test_it_is_given_out_and_forgotten(plan: LearningPlan, member: Member, stranger: Member) -> None:
    first = plan.skills.first()
    first.sign_off(stranger)
    (held,) = privacy.export(member)["learning_plans"]
    assert [row["text"] for row in held["skills"]] == LINES and not held["teaches"]
    privacy.erase(stranger)
    first.refresh_from_db()
    assert first.signed_by is None and first.is_passed_on
    assert LINES[0] in signed_in(member).get(plan.get_absolute_url()).text
    privacy.erase(member)
    assert not LearningPlan.objects.exists()
