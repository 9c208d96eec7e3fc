"""What a crash left, put right: tasks whose worker died, notices that were never mailed, what each app knows of."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from community.notices.models import Notice
from community.notices.tasks import mail_notice
from community.trust.registry.erasing import has_traces, wipe_traces

MOST_TRIES = 4  # the first run and three more
UNKNOWN_WORKER = timedelta(minutes=30)  # a task of a worker that we cannot see is given up after this
UNMAILED = timedelta(minutes=10)
CANNOT_MAIL = timedelta(days=30)  # older notices are history, not mail
GAVE_UP = "community.trust.registry.healing.WorkerDied"


class WorkerDied(Exception):
    """The name under which a task stands that took its worker with it again and again."""


def reconcile() -> dict[str, int]:
    """Heal everything once; safe at any time, and a second run finds nothing to do. Counts what was healed."""
    healed = reap_tasks() | {"notices": send_forgotten_notices()}
    for model in apps.get_models():
        # An app heals its own rows by a classmethod `heal()` or `recount()` on the noun that needs it.
        if heal := own_verb(model, "heal") or own_verb(model, "recount"):
            healed[model._meta.label_lower] = int(heal() or 0)
    healed["traces"] = int(has_traces() and wipe_traces())
    return healed


def own_verb(model: type[models.Model], name: str) -> Any:
    """A table's verb, its own or of an abstract class; not of the table above it, which has its own turn."""
    for one in model.__mro__:
        if name in vars(one):
            is_of_another = one is not model and hasattr(one, "_meta") and not one._meta.abstract
            return None if is_of_another else getattr(model, name)
    return None


# --- Tasks: a worker holds a lock on a file for as long as it lives --------------------------------------------


def workers_folder() -> Path:
    """Where living workers hold their locks; the system lets go of a lock when the process ends, however it ends."""
    return Path(settings.VAR_DIR) / "workers"


@contextmanager
def living(worker: str) -> Iterator[None]:
    """Show that this worker lives, until the block or the process ends."""
    file = workers_folder() / f"{worker}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass  # the process that restarts this one on a code change holds it, under the same name
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(descriptor)


def is_alive(worker: str) -> bool | None:
    """Whether a worker lives; None where it left no file here: another machine, or a clean end."""
    file = workers_folder() / f"{worker}.lock"
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def is_abandoned(row: DBTaskResult) -> bool:
    """Whether nobody works on this running task any more."""
    alive = is_alive(row.worker_ids[-1]) if row.worker_ids else None
    if alive is None:
        return row.started_at is None or timezone.now() - row.started_at > UNKNOWN_WORKER
    return not alive


def reap_tasks() -> dict[str, int]:
    """Put abandoned tasks back in the queue; one that was tried too often is marked as failed, for all to see."""
    counts = {"tasks_requeued": 0, "tasks_failed": 0}
    for row in DBTaskResult.objects.running():
        if not is_abandoned(row):
            continue
        # Only if nothing has changed since: two reapers at once take each row once.
        same = DBTaskResult.objects.running().filter(pk=row.pk, started_at=row.started_at)
        if len(row.worker_ids) < MOST_TRIES:
            counts["tasks_requeued"] += same.update(status=TaskResultStatus.READY, started_at=None)
        else:
            counts["tasks_failed"] += same.update(
                status=TaskResultStatus.FAILED,
                finished_at=timezone.now(),
                exception_class_path=GAVE_UP,
                traceback=f"The worker died {len(row.worker_ids)} times while it did this.",
            )
    _forget_dead_workers()
    return counts


def _forget_dead_workers() -> None:
    """Lock files of workers that are dead and that no running task names any more."""
    named = {ids[-1] for ids in DBTaskResult.objects.running().values_list("worker_ids", flat=True) if ids}
    for file in workers_folder().glob("*.lock"):
        if file.stem not in named and is_alive(file.stem) is False:
            file.unlink(missing_ok=True)


def send_forgotten_notices() -> int:
    """Queue the mail of notices that is due, was not taken yet, and for which no task waits."""
    now = timezone.now()
    late = Notice.objects.unmailed().filter(created_at__lt=now - UNMAILED, created_at__gt=now - CANNOT_MAIL)
    late = late.filter(mail_due_at__lte=now)
    count = 0
    with transaction.atomic():
        waiting = {
            args["args"][0]
            for args in unfinished(mail_notice.module_path).values_list("args_kwargs", flat=True)
            if args["args"]
        }
        for key in late.exclude(pk__in=waiting).values_list("pk", flat=True):
            mail_notice.enqueue(key)
            count += 1
    return count


def unfinished(path: str) -> models.QuerySet[DBTaskResult]:
    """Tasks of one kind that wait or run."""
    return DBTaskResult.objects.filter(task_path=path, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING])
