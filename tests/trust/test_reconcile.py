"""After a crash: tasks are finished, once; notices are mailed, once; two writers never get in each other's way."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.notices.tasks import mail_notice
from community.trust.registry import healing
from tests.trust.sites import environment, manage


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Locks of one test are not those of another."""
    settings.VAR_DIR = tmp_path


def running(worker: str, tries: int = 1, minutes: int = 1) -> DBTaskResult:
    """A task that a worker has taken up."""
    mail_notice.enqueue(0)
    row = DBTaskResult.objects.latest("enqueued_at")
    DBTaskResult.objects.filter(pk=row.pk).update(
        status=TaskResultStatus.RUNNING,
        worker_ids=[worker] * tries,
        started_at=timezone.now() - timedelta(minutes=minutes),
    )
    row.refresh_from_db()
    return row


def leave_lock(folder: Path, worker: str) -> None:
    """What a killed worker leaves: its file, without the lock."""
    (folder / "workers").mkdir(exist_ok=True)
    (folder / "workers" / f"{worker}.lock").touch()


@pytest.mark.django_db
def test_it_puts_the_task_of_a_dead_worker_back(tmp_path: Path) -> None:
    leave_lock(tmp_path, "dead")
    row = running("dead")
    assert healing.reap_tasks() == {"tasks_requeued": 1, "tasks_failed": 0}
    row.refresh_from_db()
    assert (row.status, row.started_at) == (TaskResultStatus.READY, None)
    assert healing.reap_tasks() == {"tasks_requeued": 0, "tasks_failed": 0}
    assert not list((tmp_path / "workers").iterdir())


@pytest.mark.django_db
def test_it_leaves_the_task_of_a_living_worker(tmp_path: Path) -> None:
    with healing.living("alive"):
        row = running("alive", minutes=600)
        healing.reap_tasks()
    row.refresh_from_db()
    assert row.status == TaskResultStatus.RUNNING
    assert healing.is_alive("alive") is None


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(5, "RUNNING"), (31, "READY")])
def test_it_waits_for_a_worker_that_it_cannot_see(minutes: int, status: str) -> None:
    row = running("elsewhere", minutes=minutes)
    healing.reap_tasks()
    row.refresh_from_db()
    assert row.status == status


@pytest.mark.django_db
def test_it_gives_up_visibly_after_four_tries(tmp_path: Path) -> None:
    leave_lock(tmp_path, "dead")
    row = running("dead", tries=healing.MOST_TRIES)
    assert healing.reap_tasks()["tasks_failed"] == 1
    row.refresh_from_db()
    assert row.status == TaskResultStatus.FAILED
    assert "died 4 times" in row.traceback and row.finished_at
    assert DBTaskResult.objects.failed().count() == 1


def test_it_mails_a_forgotten_notice_once(member: Member) -> None:
    notice = Notice.send(member, NoticeKind.REPORT_ANSWERED, "/notices/")
    DBTaskResult.objects.all().delete()
    assert healing.send_forgotten_notices() == 0  # too fresh to be forgotten
    Notice.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert healing.send_forgotten_notices() == 1
    assert healing.send_forgotten_notices() == 0  # a task waits
    mail_notice.call(notice.pk)
    mail_notice.call(notice.pk)
    DBTaskResult.objects.all().delete()
    assert healing.send_forgotten_notices() == 0  # it was mailed
    assert len(mail.outbox) == 1


def test_it_forgets_the_mail_of_somebody_who_is_kept_away_by_now(member: Member, stranger: Member) -> None:
    Notice.send(member, NoticeKind.CONNECTION_PROPOSED, "/notices/", actor=stranger)
    DBTaskResult.objects.all().delete()
    Notice.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    Block.put(member, stranger)
    assert healing.send_forgotten_notices() == 0
    Block.objects.all().delete()
    assert healing.send_forgotten_notices() == 1


def test_it_prints_counts_as_json(member: Member, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reconcile", "--json")
    counts = json.loads(capsys.readouterr().out)
    assert {"tasks_requeued", "tasks_failed", "notices", "traces"} <= set(counts)
    assert not any(counts.values())


# --- With real processes --------------------------------------------------------------------------------------

SLOW_TASK = '''
import os, time
from django_tasks import task

@task()
def slow(number):
    """Waits where a file is there, then writes one line; a second run after a full first one writes nothing."""
    folder = os.environ["VAR_DIR"]
    open(os.path.join(folder, "begun"), "a").write(f"{number}\\n")
    while os.path.exists(os.path.join(folder, "wait")):
        time.sleep(0.05)
    open(os.path.join(folder, "done"), "a").write(f"{number}\\n")
'''


def worker(folder: Path) -> "subprocess.Popen[bytes]":
    """A real worker on a site of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "db_worker", "--no-reload", "--no-startup-delay", "--interval", "0.1"],
        cwd=site.BASE_DIR,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(condition: Any, seconds: float = 180) -> None:
    """Wait until it is so, or fail."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_it_finishes_a_task_whose_worker_was_killed(blank_site: Path, tmp_path: Path) -> None:
    shutil.copytree(blank_site, tmp_path, dirs_exist_ok=True)
    (tmp_path / "slow_task.py").write_text(SLOW_TASK)
    (tmp_path / "wait").touch()
    code = "from slow_task import slow; slow.enqueue(7)"
    assert manage(tmp_path, "shell", code=code).returncode == 0
    first = worker(tmp_path)
    try:
        wait_for(lambda: (tmp_path / "begun").exists() and (tmp_path / "begun").read_text())
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    (tmp_path / "wait").unlink()
    assert not (tmp_path / "done").exists()
    second = worker(tmp_path)  # it reconciles by itself when it starts
    try:
        wait_for((tmp_path / "done").exists)
        wait_for(lambda: statuses(tmp_path) == ["SUCCESSFUL"])
    finally:
        second.terminate()
        second.wait()
    assert (tmp_path / "begun").read_text().split() == ["7", "7"]
    assert (tmp_path / "done").read_text().split() == ["7"]


def statuses(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "scionwood.sqlite3") as database:
        return [s for (s,) in database.execute("SELECT status FROM django_tasks_database_dbtaskresult")]


WRITER = """
import os, time
from pathlib import Path
from django.conf import settings
if os.environ.get("DEFERRED"):
    settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] = "DEFERRED"
from django.db import transaction
from community.members.models import Skill
name = os.environ["WRITER"]
here = Path(os.environ["VAR_DIR"])
(here / name).touch()
while not all((here / one).exists() for one in ("one", "two")):
    time.sleep(0.01)
for n in range(500):
    with transaction.atomic():
        count = Skill.objects.count()
        Skill.objects.create(label=f"{name} {n} {count}")
"""


def write_together(folder: Path, deferred: bool) -> list[str]:
    """Two processes that read and write at once; what each of them printed as an error."""
    writers = [
        subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v0", "-c", WRITER],
            cwd=site.BASE_DIR,
            env=environment(folder, WRITER=name, DEFERRED="1" if deferred else ""),
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    return [w.communicate(timeout=600)[1] for w in writers]


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_two_writers_never_lock_each_other_out(blank_site: Path, tmp_path: Path) -> None:
    shutil.copytree(blank_site, tmp_path, dirs_exist_ok=True)
    assert write_together(tmp_path, deferred=False) == ["", ""]
    with sqlite3.connect(tmp_path / "scionwood.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM members_skill").fetchone() == (1000,)


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_two_writers_do_lock_each_other_out_in_deferred_mode(blank_site: Path, tmp_path: Path) -> None:
    """The control: the set-up is able to show the fault that IMMEDIATE takes away."""
    shutil.copytree(blank_site, tmp_path, dirs_exist_ok=True)
    assert any("database is locked" in error for error in write_together(tmp_path, deferred=True))
