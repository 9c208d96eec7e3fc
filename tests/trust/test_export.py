"""Everything that is held on oneself, in plain files, and nothing of anybody else."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.files.images import ImageFile
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image as Drawing
from wagtail.images import get_image_model

from community.connections.models import Connection
from community.members.models import Member
from community.trust.models import Audit, AuditVerb, Report
from community.trust.privacy import export
from tests import factories


@pytest.fixture
def full(member: Member, stranger: Member) -> Member:
    """A member who has left traces in many places, beside one who has, too."""
    for who, word in ((member, "MINE"), (stranger, "THEIRS")):
        type(who.profile).objects.filter(member=who).update(
            about=f"{word} about", trade=f"{word} trade", about_visibility="me"
        )
        factories.StatementFactory(profile=who.profile, text=f"{word} statement", visibility="me")
        Report.make(who, "/x/", "other", f"{word} report")
        drawing = io.BytesIO()
        Drawing.new("RGB", (30, 20)).save(drawing, "PNG")
        drawing.seek(0)
        get_image_model().objects.create(title=f"{word} title", file=ImageFile(drawing, "x.png"), uploaded_by_user=who)
    Connection.objects.create(asker=member, asked=stranger, kind="peer", message="MINE message")
    return member


def unzipped(response: object) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as archive:  # type: ignore[call-overload]
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_everything_of_mine_and_nothing_of_theirs(full: Member, as_member: Client) -> None:
    response = as_member.post("/me/export/")
    assert response["Content-Type"] == "application/zip" and "attachment" in response["Content-Disposition"]
    files = unzipped(response)
    text = b"\n".join(content for name, content in files.items() if not name.startswith("files/")).decode()
    for word in ("about", "trade", "statement", "report", "title", "message"):
        assert f"MINE {word}" in text, word
    assert "THEIRS" not in text
    assert full.email in text and "pbkdf2" not in text and "md5$" not in text
    assert {"index.html", "README.txt", "trust.json"} <= set(files)
    assert len([name for name in files if name.startswith("files/")]) == 1
    for name, content in files.items():
        if name.endswith(".json"):
            assert isinstance(json.loads(content), dict)


def test_it_is_no_page_for_a_visitor(client: Client, db: None) -> None:
    for method in (client.get, client.post):
        assert method("/me/export/").status_code == 302


def test_the_command_writes_a_folder_that_only_the_owner_reads(full: Member, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    call_command("export_member", full.email, str(folder))
    assert "MINE about" in (folder / "index.html").read_text()
    assert folder.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("export_member", full.email, str(folder))
    with pytest.raises(CommandError, match="nobody here"):
        call_command("export_member", "nobody@example.org", str(tmp_path / "other"))


def test_it_shows_what_was_typed_as_text(member: Member, tmp_path: Path) -> None:
    type(member.profile).objects.update(about="<script>alert(1)</script>")
    call_command("export_member", member.email, str(tmp_path / "out"))
    assert "<script>" not in (tmp_path / "out" / "index.html").read_text()


def test_what_a_helper_did_is_no_work_of_a_steward(member: Member, steward: Member) -> None:
    person = member.help("Old Enid", is_adult=True)
    Audit.act_for(member, person, "said yes to a question")
    Audit.verify(person, steward, "Met at the market")
    Audit.record(steward, AuditVerb.DESK_OPEN, None, "zq47qz")
    found = {
        who.name: {title: [row["words"] for row in rows] for title, rows in export(who).items() if "did" in title}
        | {"in your name": [row["words"] for row in export(who)["what was done in your name by whoever helped you"]]}
        for who in (member, person, steward)
    }
    by_steward, by_helper = "what you did as a steward", "what you did in the name of people whom you help"
    on_account = "what stewards did on your account"
    yes, met = ["said yes to a question"], ["Met at the market"]
    assert found == {
        member.name: {by_steward: [], by_helper: yes, on_account: [], "in your name": []},
        person.name: {by_steward: [], by_helper: [], on_account: met, "in your name": yes},
        steward.name: {by_steward: ["", *met], by_helper: [], on_account: [], "in your name": []},
    }
