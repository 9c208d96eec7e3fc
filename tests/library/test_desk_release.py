"""From acceptance to the page: every tie is cut, dates are months, and the page leads to nobody."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry, PageLogEntry, Revision

from community.library import privacy
from community.library.models import CaseStudyPage, DeskMessage, DeskStory, Receipt
from community.members.models import Draft, Member
from community.notices.models import Notice, NoticeKind
from community.trust.registry.erasing import erase
from home.tree import plant
from tests import factories
from tests.conftest import signed_in
from tests.library.confiding import WORDS, confide, desk_member, publish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def dora(db: None) -> Member:
    factories.MemberFactory.create_batch(5)
    return desk_member()


def accept(story: DeskStory, by: Member) -> Receipt:
    plant()
    story.rewrite(by, WORDS)
    story.send_for_approval(by)
    story.approve(story.mark)
    story.accept(by)
    return Receipt.objects.get(pk=story.receipt_id)


def earlier(**fields: Any) -> None:
    """As if it had been yesterday."""
    DeskStory.objects.update(**{name: timezone.localdate() - DAY for name in ("news_on", "waits_on")} | fields)


def test_it_forgets_the_teller_and_all_that_was_said(dora: Member, member: Member) -> None:
    story, _code = confide(member)
    story.ask(dora, "How warm?")
    earlier(waits_on=None)
    assert DeskStory.tell_news() == 1
    story.reply("Eleven.")
    receipt = accept(story, dora)
    assert not DeskStory.objects.exists() and not DeskMessage.objects.exists()
    assert not Notice.objects.filter(member=member).exists()
    assert not DBTaskResult.objects.filter(task_path__endswith="mail_notice").exists()
    assert receipt.waiting == WORDS and receipt.page is None
    assert privacy.export(member)["told in confidence, not accepted yet"] == []


def test_it_keeps_the_notice_of_another_story_at_the_desk(dora: Member, member: Member) -> None:
    confide(member, title="Another")
    story, _code = confide(member)
    Notice.send(member, NoticeKind.DESK_NEWS, "/stories/receipt/")
    accept(story, dora)
    assert Notice.objects.filter(member=member, kind=NoticeKind.DESK_NEWS).exists()


@pytest.mark.parametrize("today", [date(2026, 11, 23) + n * DAY for n in range(7)])
def test_it_holds_a_story_for_more_than_a_day_until_a_monday(
    today: date, dora: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: today)
    receipt = accept(confide()[0], dora)
    assert receipt.release_on is not None
    assert receipt.release_on.weekday() == 0 and 2 * DAY <= receipt.release_on - today <= 8 * DAY
    assert Receipt.release_due(receipt.release_on - DAY) == 0 and not CaseStudyPage.objects.exists()
    assert Receipt.release_due(receipt.release_on) == 1 and Receipt.release_due(receipt.release_on) == 0
    assert Receipt._release(receipt.pk) == 0  # as a second clock would, that had looked before the first was done
    assert CaseStudyPage.objects.count() == 1


def test_it_releases_in_random_order(dora: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    receipts = [accept(confide(title=f"{n}")[0], dora) for n in range(3)]
    monkeypatch.setattr("secrets.SystemRandom.shuffle", lambda self, keys: keys.sort(reverse=True))
    assert Receipt.release_due(timezone.localdate() + 10 * DAY) == 3
    pages = {receipt.pk: Receipt.objects.get(pk=receipt.pk).page_id for receipt in receipts}
    assert sorted(pages, reverse=True) == sorted(pages, key=lambda key: pages[key] or 0)


def test_its_page_names_nobody_and_no_day(dora: Member, member: Member) -> None:
    page = publish(confide(member)[0], dora)
    page.refresh_from_db()
    assert (page.author, page.owner, page.live, page.is_confidential) == (None, None, True, True)
    assert (page.latest_revision, page.live_revision, page.latest_revision_created_at) == (None, None, None)
    for at in (page.first_published_at, page.last_published_at):
        local = timezone.localtime(at)
        assert (local.day, local.hour, local.minute, local.microsecond) == (1, 0, 0, 0)
    assert not Revision.objects.for_instance(page).exists()
    assert not PageLogEntry.objects.filter(page_id=page.pk).exists()
    assert not ModelLogEntry.objects.filter(label__contains=page.title).exists()


def test_its_page_leads_to_nobody(client: Client, as_member: Client, dora: Member, member: Member) -> None:
    page = publish(confide(member)[0], dora)
    assert not page.can_be_asked_by(member) and not page.can_be_asked_by(dora)
    for browser in (client, as_member, signed_in(dora)):
        shown = browser.get(page.url).text.replace("Ask the network", "")
        assert "Told in confidence; checked by the desk" in shown
        assert "Sign in to ask" not in shown and "Ask the" not in shown and "/people/alma" not in shown
        assert '"author"' not in shown
        assert "&lt;b&gt;grey" in shown and "<b>grey" not in shown
    sitemap = client.get("/sitemap.xml").text
    assert f"{timezone.localdate():%Y-%m}-01" in sitemap


def test_its_page_can_be_edited_and_stays_nobodys(dora: Member) -> None:
    page = publish(confide()[0], dora)
    operator = factories.MemberFactory(is_superuser=True, is_staff=True)
    browser = signed_in(operator)
    assert browser.get(f"/cms/pages/{page.pk}/edit/").status_code == 200
    assert browser.get(f"/cms/pages/{page.pk}/history/").status_code == 200


def test_it_mails_once_a_day_and_says_nothing(
    dora: Member, member: Member, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    story, code = confide(member, title="The cave at Zennorfold")
    story.rewrite(dora, WORDS)
    story.send_for_approval(dora)
    assert DeskStory.tell_news() == 0  # the same day
    earlier(waits_on=None)
    assert DeskStory.tell_news() == 1 and DeskStory.tell_news() == 0
    notice = Notice.objects.get(member=member)
    subject, text = notice.lines
    for word in ("cave", "Zennorfold", "mould", "store", code, str(story.pk), "confidence", "failure"):
        assert word.casefold() not in (subject + text).casefold()
    assert notice.url == "/stories/receipt/" and notice.actor is None


def test_it_tells_the_desk_the_morning_after(dora: Member, member: Member) -> None:
    other = desk_member("Otto Desk")
    confide(dora)
    assert DeskStory.tell_news() == 0
    earlier(news_on=None)
    assert DeskStory.tell_news() == 1  # not the teller, who sits at the desk herself
    assert Notice.objects.get().member == other


def test_it_heals_what_was_left(dora: Member, member: Member) -> None:
    Notice.send(member, NoticeKind.DESK_NEWS, "/stories/receipt/")
    Draft.objects.create(form="confide", outcome_url="/stories/receipt/")
    Draft.objects.update(updated_at=timezone.now() - 2 * DAY)
    old, _code = confide(title="Nobody came back")
    declined, _code = confide(title="Declined")
    declined.decline(dora, "Not for us.")
    fresh, _code = confide(member, title="Fresh")
    DeskStory.objects.filter(pk=old.pk).update(moved_on=timezone.localdate() - 366 * DAY)
    DeskStory.objects.filter(pk=declined.pk).update(moved_on=timezone.localdate() - 31 * DAY)
    assert DeskStory.heal() == 3  # two stories and the mark; the notice belongs to the fresh one
    assert list(DeskStory.objects.all()) == [fresh] and Receipt.objects.count() == 1
    assert not Draft.objects.exists()
    fresh.let_go()
    assert not Notice.objects.exists() and DeskStory.heal() == 0


def test_it_goes_with_the_member_before_acceptance_and_stays_after(dora: Member, member: Member) -> None:
    confide(member, title="Not accepted yet")
    (held,) = privacy.export(member)["told in confidence, not accepted yet"]
    assert held["told"]["title"] == "Not accepted yet"
    page = publish(confide(member, title="Accepted")[0], dora)
    erase(member)
    assert not DeskStory.objects.exists() and Receipt.objects.count() == 1
    assert CaseStudyPage.objects.filter(pk=page.pk, live=True).exists()


def test_it_leaves_an_accepted_story_alone_when_its_desk_member_leaves(dora: Member) -> None:
    page = publish(confide()[0], dora)
    erase(dora)
    assert CaseStudyPage.objects.filter(pk=page.pk).exists()


def test_it_forgets_again_what_a_backup_brings_back(
    dora: Member, member: Member, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.VAR_DIR = tmp_path
    story, _code = confide(member)
    story.ask(dora, "How warm?")
    (message,) = story.messages.all()
    other, _code = confide(title="To be withdrawn")
    with django_capture_on_commit_callbacks(execute=True):
        accept(story, dora)
        other.receipt.withdraw()
    Receipt.objects.filter(pk=story.receipt_id).update(waiting=None, release_on=None)
    for row in (other.receipt, story, other, message):  # as the backup of the day before has them
        row.save(force_insert=True)
    assert DeskStory.heal() == 2
    left = DeskStory.objects.get()
    assert (left.pk, left.teller, left.told, left.state) == (story.pk, None, {}, "rewriting")
    assert left.words == WORDS and not DeskMessage.objects.exists()
    assert DeskStory.heal() == 0
    assert "alma" not in (tmp_path / "desk-forgotten.txt").read_text().casefold()


def test_no_editor_gives_it_a_name(dora: Member, member: Member) -> None:
    page = publish(confide()[0], dora)
    page.author = member
    for act in (page.full_clean, page.save):
        with pytest.raises(ValidationError) as wrong:
            act()
        assert list(wrong.value.message_dict) == ["author"]
    assert CaseStudyPage.objects.get().author is None


def test_no_editor_copies_it(dora: Member) -> None:
    page, operator = publish(confide()[0], dora), factories.MemberFactory(is_superuser=True)
    browser, other = signed_in(operator), factories.StoryFactory()
    wanted = {"new_title": "A copy", "new_slug": "a-copy", "new_parent_page": page.get_parent().pk}
    for one in (page, other):
        browser.post(f"/cms/pages/{one.pk}/copy/", wanted)
    copy = CaseStudyPage.objects.get(slug="a-copy")
    assert (copy.summary, copy.is_confidential) == (other.summary, False)
    assert browser.get(f"/cms/pages/{page.pk}/edit/").status_code == 200


def test_a_correction_does_not_bring_back_what_an_editor_has_taken_off(dora: Member) -> None:
    story, code = confide()
    page = publish(story, dora)
    page.unpublish()
    correction = DeskStory.correct(page.receipt, "It was not soda.")
    desk = signed_in(dora).get(f"/steward/desk/{correction.pk}/").content.decode()
    assert "An editor has taken the page off" in desk
    changed = publish(correction, dora, tried="The store was scrubbed with salt.")
    assert changed.pk == page.pk and not changed.live and "with salt" in str(changed.body)
    assert changed.receipt.waiting is None and changed.latest_revision is None
    assert Client().get(page.url).status_code == 404
    said = Client().post("/stories/receipt/", {"code": code}).content.decode()
    assert "an editor has taken it off" in said and "It is published." not in said
    changed.save_revision(user=None, log_action=False).publish(user=None, log_action=False)
    assert "with salt" in Client().get(page.url).content.decode()
