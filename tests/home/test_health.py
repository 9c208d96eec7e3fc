"""Whether the site is well, and says so."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from home import health
from matching import language
from matching.engine.encode import Prepared

pytestmark = pytest.mark.django_db


def waiting_for(minutes: int) -> None:
    from community.notices.tasks import mail_notice

    mail_notice.enqueue(0)
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=minutes))


def test_it_answers_for_every_part_and_gives_nothing_away() -> None:
    response = Client().get("/healthz")
    assert response.status_code == 200
    assert set(response.json()) == {"database", "worker", "model", "mail", "disk"}
    assert set(response.json().values()) <= {"ok", "degraded", "down"}
    assert "no-store" in response["Cache-Control"]


def test_it_is_503_only_when_the_database_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(health.connection, "cursor", fail)
    response = Client().get("/healthz")
    assert response.status_code == 503
    assert response.json()["database"] == "down"


@pytest.mark.parametrize(("minutes", "state"), [(0, "ok"), (5, "degraded"), (60, "down")])
def test_it_sees_that_nobody_works(minutes: int, state: str) -> None:
    waiting_for(minutes)
    response = Client().get("/healthz")
    assert response.status_code == 200
    assert response.json()["worker"] == state


@pytest.fixture
def made_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `prepare` made of the model: one file, whose hash it noted."""
    file = tmp_path / "model.onnx"
    file.write_bytes(b"a graph")
    hashes = {file.name: hashlib.sha256(b"a graph").hexdigest()}
    ready = Prepared(folder=tmp_path, files=hashes, made_with={}, max_tokens=256, runtimes={})
    monkeypatch.setattr(language, "ready", lambda: ready)
    return file


def test_it_finds_the_packaged_model_unchanged_without_loading_it(made_ready: Path) -> None:
    assert health.model() == "ok"


def test_it_sees_that_the_model_is_not_made_ready(made_ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_ready.write_bytes(b"a graph that was changed")
    assert health.model() == "degraded"
    made_ready.unlink()
    assert health.model() == "degraded"
    monkeypatch.setattr(language, "ready", lambda: None)
    assert health.model() == "degraded"


def test_it_sees_that_the_model_was_changed(
    settings: Any, tmp_path: Path, made_ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "MODEL_SHA256", "0" * 64)
    assert health.model() == "down"
    settings.ENCODER = str(tmp_path)
    assert health.model() == "down"
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert health.model() == "ok"
    settings.ENCODER = str(tmp_path / "nowhere")
    assert health.model() == "down"


def test_it_sees_that_mail_does_not_leave(member: Member, settings: Any, tmp_path: Path) -> None:
    settings.MAIL_DIR = tmp_path
    assert health.mail() == "ok"
    notice = Notice.send(member, NoticeKind.REPORT_RECEIVED, "/steward/")
    Notice.objects.filter(pk=notice.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert health.mail() == "degraded"


def test_it_sees_that_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "NO_ROOM", 10**18)
    assert health.disk() == "down"
    monkeypatch.setattr(health, "NO_ROOM", 0)
    monkeypatch.setattr(health, "LITTLE_ROOM", 10**18)
    assert health.disk() == "degraded"


def test_it_does_not_wait_for_mail_that_nobody_can_get(member: Member) -> None:
    notice = Notice.objects.create(
        member=member, kind=NoticeKind.REPORT_ANSWERED, url="/x/", created_at=timezone.now() - timedelta(hours=1)
    )
    assert health.mail() == "degraded"
    Member.objects.filter(pk=member.pk).update(is_active=False)
    assert health.mail() == "ok"
    Member.objects.filter(pk=member.pk).update(is_active=True)
    Notice.objects.filter(pk=notice.pk).update(created_at=timezone.now() - timedelta(days=3))
    assert health.mail() == "ok"  # that long ago is history
