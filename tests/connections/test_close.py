"""Bringing it to an end: last words, thanks, and what is shown on a profile if both want that."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.connections import privacy
from community.connections.models import Closing, Connection, ConnectionKind, ConnectionState
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
THANKS, PRAISE = "I know now when to leave a branch alone.", "Shows it twice, then lets you do it."


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """The stranger teaches the member; both said yes."""
    return Connection.agree(member, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)


def post(client: Client, pair: Connection, **changed: Any) -> Any:
    data = {"reason": "reached", "reached": "4", "thanks": THANKS, "testimonial": PRAISE, "next_step": "teach"}
    data |= {"is_offered": "on", "form_key": str(uuid.uuid4())}
    return client.post(f"/connections/{pair.pk}/close/", data | changed)


def shown(pair: Connection, client: Client, value: str = "1") -> Any:
    return client.post(f"/connections/{pair.pk}/words/{Closing.objects.get().pk}/", {"show": value})


def test_it_ends_with_thanks_and_credit(pair: Connection, member: Member, stranger: Member) -> None:
    assert post(signed_in(member), pair, version="0").status_code == 302
    pair.refresh_from_db()
    assert (pair.state, pair.asker_did_part, pair.asked_did_part) == (ConnectionState.ENDED, True, True)
    notice = Notice.objects.get(member=stranger)
    assert notice.kind == "connection_ended" and THANKS not in notice.lines[1]
    page = signed_in(stranger).get(pair.get_absolute_url()).text
    assert THANKS in page and PRAISE in page and "4 – most of the way" not in page and stranger.email not in page
    assert "What is past" in signed_in(stranger).get("/connections/").text
    assert "Alma Field" in signed_in(stranger).get("/connections/?past=1").text


def test_the_other_adds_their_own_words_and_each_does_so_once(
    pair: Connection, member: Member, stranger: Member
) -> None:
    for _twice in range(2):
        assert post(signed_in(member), pair).status_code == 302
    pair.refresh_from_db()
    stale = post(signed_in(stranger), pair, version="0", thanks="It was a pleasure.")
    assert stale.status_code == 409 and "It was a pleasure." in stale.text and THANKS in stale.text
    assert post(signed_in(stranger), pair, version=str(pair.version), thanks="It was a pleasure.").status_code == 302
    assert Closing.objects.count() == 2 and Notice.objects.filter(kind="connection_ended").count() == 2
    assert "It was a pleasure." in signed_in(member).get(pair.get_absolute_url()).text


def test_only_the_one_who_stayed_has_credit_where_the_other_went_quiet(pair: Connection, stranger: Member) -> None:
    Closing.close(pair, stranger, "quiet")
    assert (pair.asker_did_part, pair.asked_did_part) == (False, True)


def test_words_are_shown_only_if_both_want_it(pair: Connection, member: Member, stranger: Member) -> None:
    reader, address = signed_in(MemberFactory()), f"/connections/thanks/{stranger.handle}/"
    post(signed_in(member), pair)
    assert PRAISE not in reader.get(address).text
    assert shown(pair, signed_in(member)).status_code == 404  # not for the writer to decide
    assert shown(pair, signed_in(stranger)).status_code == 302
    assert PRAISE in reader.get(address).text and address in reader.get(f"/people/{stranger.handle}/").text
    assert PRAISE not in signed_in(stranger).get(f"/connections/thanks/{member.handle}/").text
    shown(pair, signed_in(stranger), "0")
    assert PRAISE not in reader.get(address).text


def test_a_block_takes_them_off_for_everybody(pair: Connection, member: Member, stranger: Member) -> None:
    Closing.close(pair, member, "reached", testimonial=PRAISE, is_offered=True).show(stranger, is_shown=True)
    Block.put(stranger, member)
    assert PRAISE not in signed_in(MemberFactory()).get(f"/connections/thanks/{stranger.handle}/").text
    Block.lift(stranger, member)
    Block.put(member, stranger)
    assert PRAISE not in signed_in(MemberFactory()).get(f"/connections/thanks/{stranger.handle}/").text


def test_whoever_wrote_them_takes_them_back(pair: Connection, member: Member, stranger: Member) -> None:
    reader, address = signed_in(MemberFactory()), f"/connections/thanks/{stranger.handle}/"
    one = Closing.close(pair, member, "reached", testimonial=PRAISE, is_offered=True)
    one.show(stranger, is_shown=True)
    own, mine = f"/connections/{pair.pk}/words/{one.pk}/", signed_in(member)
    assert 'name="offer"' in mine.get(pair.get_absolute_url()).text
    assert signed_in(stranger).post(own, {"offer": "0"}).status_code == 404
    assert PRAISE in reader.get(address).text
    assert mine.post(own, {"offer": "0"}).status_code == 302 and PRAISE not in reader.get(address).text
    assert 'name="offer"' not in mine.get(pair.get_absolute_url()).text
    with pytest.raises(ValidationError):
        one.offer(stranger, is_offered=True)
    one.offer(member, is_offered=True)
    assert PRAISE not in reader.get(address).text  # the other decides anew


def test_words_that_were_not_offered_are_never_shown(pair: Connection, member: Member, stranger: Member) -> None:
    Closing.close(pair, member, "reached", testimonial=PRAISE)
    shown(pair, signed_in(stranger))
    assert not Closing.objects.get().is_shown
    with pytest.raises(ValidationError):
        Closing.objects.get().show(stranger, is_shown=True)


@pytest.mark.parametrize("change", ["writer closed", "reader blocked", "pair blocked", "subject closed", "writer left"])
def test_words_are_gone_where_either_is_not_seen(
    pair: Connection, member: Member, stranger: Member, change: str
) -> None:
    reader = MemberFactory()
    Closing.close(pair, member, "reached", testimonial=PRAISE, is_offered=True).show(stranger, is_shown=True)
    address = f"/connections/thanks/{stranger.handle}/"
    assert PRAISE in signed_in(reader).get(address).text
    if change == "writer left":
        privacy.erase(member)
    elif change.endswith("blocked"):
        Block.put(member, reader if change == "reader blocked" else stranger)
    else:
        who = member if change == "writer closed" else stranger
        Profile.objects.filter(member=who).update(open_to=[])
    viewer = stranger if change == "pair blocked" else reader
    assert PRAISE not in signed_in(viewer).get(address).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""}, {"reason": "boredom"}, {"reason": "other", "thanks": ""}, {"reached": "9" * 30},
        {"thanks": "x" * 10_000}, {"testimonial": "a\x00b"}, {"next_step": "fly"},
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_changes_nothing(pair: Connection, member: Member, wrong: dict[str, str]) -> None:
    answer = post(signed_in(member), pair, **wrong)
    assert answer.status_code in {200, 409} and ("testimonial" in wrong or PRAISE in answer.text)
    pair.refresh_from_db()
    assert pair.has_both_yeses and not Closing.objects.exists()


def test_it_is_for_the_two_alone_and_not_before_they_met(pair: Connection, member: Member, steward: Member) -> None:
    for who in (steward, MemberFactory()):
        assert post(signed_in(who), pair).status_code == 404
        with pytest.raises(ValidationError):
            Closing.close(pair, who, "reached")
    asked = Connection.propose(MemberFactory(), member, ConnectionKind.PEER, "How do you keep the frost out of it?")
    assert post(signed_in(member), asked).status_code == 404
    with pytest.raises(ValidationError):
        Closing.close(asked, member, "reached")
    assert not Closing.objects.exists()


def test_what_was_learned_stays_to_be_read(pair: Connection, member: Member, stranger: Member) -> None:
    from community.connections.models import LearningPlan

    plan = LearningPlan.of(pair)
    plan.add(["leave a branch alone"])
    Closing.close(pair, member, "reached")
    page = signed_in(member).get(plan.get_absolute_url())
    assert page.status_code == 200 and "leave a branch alone" in page.text and "Save" not in page.text
    assert signed_in(member).post(plan.get_absolute_url(), {"step": "begin"}).status_code == 409
    with pytest.raises(ValidationError):
        plan.keep(member, "More.", {})


def test_second_last_words_are_not_dropped_in_silence(pair: Connection, member: Member) -> None:
    first = Closing.close(pair, member, "reached", thanks="First words.")
    assert Closing.close(pair, member, "reached", thanks="First words. ") == first
    for reason, thanks in (("reached", "Second and better."), ("life", "First words.")):
        with pytest.raises(ValidationError, match="stand as they are"):
            Closing.close(pair, member, reason, thanks=thanks)
    answer = post(signed_in(member), pair, thanks="Second and BETTER.")
    assert "Second and BETTER." in answer.text and "stand as they are" in answer.text
    assert Closing.objects.get().thanks == "First words."
