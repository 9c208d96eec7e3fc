"""Leaving: everything of a person goes, and nothing of theirs stays in any file."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django_tasks_db.models import DBTaskResult

from community.members.models import Erasure, Member
from community.trust import registry
from community.trust.models import Audit, Report
from community.trust.registry import erasing
from tests import factories
from tests.conftest import signed_in
from tests.trust.sites import files_with, manage

PASSWORD = "a long pass phrase for tests"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """The journal of one test is not that of another."""
    settings.VAR_DIR = tmp_path
    settings.MAIL_DIR = tmp_path / "mail"


def leave(client: Client, word: str) -> Any:
    return client.post("/me/erase/", {"confirmation": word})


def test_it_erases_oneself_with_the_password(member: Member, stranger: Member) -> None:
    member.set_password(PASSWORD)
    member.save()
    client = signed_in(member)
    assert leave(client, PASSWORD)["Location"] == "/farewell/"
    assert not Member.objects.filter(pk=member.pk).exists()
    assert Member.objects.filter(pk=stranger.pk).exists()
    assert client.get("/me/export/").status_code == 302
    assert DBTaskResult.objects.filter(task_path__endswith="wipe_traces_later").count() == 1


def test_it_erases_nothing_with_a_wrong_password_or_by_get(member: Member) -> None:
    member.set_password(PASSWORD)
    member.save()
    client = signed_in(member)
    answer = leave(client, "something else")
    assert answer.status_code == 422
    assert "This is not your password" in answer.content.decode()
    client.get(f"/me/erase/?confirmation={PASSWORD}")
    assert Member.objects.filter(pk=member.pk).exists()


def test_it_asks_for_the_name_where_there_is_no_password(member: Member) -> None:
    member.set_unusable_password()
    member.save()
    client = signed_in(member)
    assert leave(client, "Somebody Else").status_code == 422
    assert leave(client, "alma  field").status_code == 302
    assert not Member.objects.exists()


def test_it_ends_every_session_and_remembers_only_a_hash(
    member: Member, django_capture_on_commit_callbacks: Any
) -> None:
    signed_in(member)
    signed_in(member)
    key, email = member.pk, member.email
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(member)
    assert not Session.objects.exists()
    assert Erasure.covers(email) and Erasure.covers(email.upper())
    lines = [json.loads(line) for line in erasing.journal().read_text().splitlines()]
    assert [(line["member_key"], set(line)) for line in lines] == [(key, {"email_hash", "member_key", "erased_at"})]
    assert email not in erasing.journal().read_text()


def test_it_erases_two_people_without_an_address(member: Member, stranger: Member) -> None:
    Member.objects.update(email=None)
    for one in Member.objects.all():
        erasing.erase(one)
    assert Erasure.objects.count() == 2


def test_it_changes_nothing_where_an_app_leaves_rows_behind(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = registry.Declaration("planted", {Member: ("pk",)}, lambda m: {}, lambda m: None)
    monkeypatch.setattr(Member, "delete", lambda self: None)
    monkeypatch.setattr(erasing, "declarations", lambda: [planted])
    with pytest.raises(erasing.StillHeld):
        erasing.erase(member)
    assert Member.objects.filter(pk=member.pk).exists() and not Erasure.objects.exists()


def test_it_keeps_reports_without_what_the_person_wrote(member: Member, stranger: Member) -> None:
    mine = Report.make(member, stranger.get_absolute_url(), "other", "I wrote this")
    theirs = Report.make(stranger, member.get_absolute_url(), "other", "About Alma")
    erasing.erase(member)
    mine.refresh_from_db(), theirs.refresh_from_db()
    assert (mine.reporter, mine.text) == (None, "")
    assert (theirs.about, theirs.text, theirs.url, theirs.reporter) == (None, "", "", stranger)


def test_it_keeps_no_note_of_a_steward_on_a_report_about_the_person(
    member: Member, stranger: Member, steward: Member
) -> None:
    Report.make(stranger, member.get_absolute_url(), "other").answer(steward, "done", "CANARY of Alma")
    Report.make(stranger, "/stories/", "other").answer(steward, "done", "A page, nobody in it")
    erasing.erase(member)
    assert sorted(Audit.objects.values_list("reason", flat=True)) == ["", "A page, nobody in it"]


def test_it_takes_links_and_comments_out_of_old_versions() -> None:
    from community.trust.privacy import without_person

    content = {
        "owner": 7,
        "title": "7",
        "body": [{"value": {"author": 7, "picture": 7}}],
        "wagtail_admin_comments": [{"user": 7, "text": "mine"}, {"user": 8, "text": "theirs"}],
    }
    assert without_person(content, 7) == {
        "owner": None,
        "title": "7",
        "body": [{"value": {"author": None, "picture": 7}}],
        "wagtail_admin_comments": [{"user": 8, "text": "theirs"}],
    }


@pytest.mark.django_db
def test_the_command_needs_a_yes_and_a_known_address(member: Member) -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("erase_member", member.email)
    with pytest.raises(CommandError, match="nobody here"):
        call_command("erase_member", "nobody@example.org", "--yes")
    assert Member.objects.filter(pk=member.pk).exists()


# --- Raw bytes: what is left in the files themselves ----------------------------------------------------------


def pictures(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "media").rglob("*") if file.is_file())


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_it_leaves_no_byte_in_any_file(planted_site: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(planted_site, folder)
    before = files_with(folder, b"CANARY")
    # The negative control: the same search finds the words in the database and the mailbox. A picture has no words.
    assert {Path(name).parts[0] for name in before} >= {"scionwood.sqlite3", "mail"}
    assert pictures(folder)
    erased = manage(folder, "erase_member", "canarymail@example.org", "--yes")
    assert erased.returncode == 0, erased.stderr[-2000:]
    assert files_with(folder, b"CANARY") == []
    assert pictures(folder) == []
    assert len(list((folder / "mail").iterdir())) >= 1


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_it_needs_the_wiping_of_traces(tmp_path: Path) -> None:
    """The control for the wiping: without it the search index keeps words of rows that are gone."""
    import sqlite3

    database = sqlite3.connect(tmp_path / "raw.sqlite3")
    database.execute("PRAGMA secure_delete=ON")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    database.execute("INSERT INTO words VALUES ('CANARYword stays')")
    database.commit()
    database.execute("DELETE FROM words")
    database.commit()
    database.close()
    assert files_with(tmp_path, b"CANARYword")


def test_it_does_not_touch_the_account_of_another(member: Member, stranger: Member) -> None:
    factories.StatementFactory(profile=stranger.profile, text="stays here")
    erasing.erase(member)
    assert stranger.profile.statements.count() == 1
