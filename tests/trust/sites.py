"""Whole sites in folders of their own, run by real processes."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

PLANT = """
import io
from django.core.files.images import ImageFile
from django.core.mail import send_mail
from django.test import Client
from PIL import Image as Drawing
from wagtail.images import get_image_model
from community.members.models import *
from community.notices.models import Notice, NoticeKind
from community.connections.models import Connection
from community.trust.models import Report
one = Member.objects.create_user("CANARYmail@example.org", "CANARYname", is_adult=True)
two = Member.objects.create_user("two@example.org", "Two", is_adult=True, is_steward=True)
Profile.objects.filter(member__in=[one, two]).update(open_to=["mentor", "peer"])
Profile.objects.filter(member=one).update(about="CANARYabout " * 300, trade="CANARYtrade", place="CANARYplace")
for n in range(30):
    Statement.objects.create(profile=one.profile, side="offer", text=f"CANARYstatement {n}")
Connection.objects.create(asker=one, asked=two, kind="peer", message="CANARYmessage and some more words")
Notice.send(two, NoticeKind.CONNECTION_PROPOSED, "/connections/1/", actor=one)
Report.make(one, "/", "other", "CANARYreport")
file = io.BytesIO(); Drawing.new("RGB", (40, 30)).save(file, "PNG", pnginfo=None); file.seek(0)
get_image_model().objects.create(title="CANARYtitle", file=ImageFile(file, "CANARYfile.png"), uploaded_by_user=one)
send_mail("Hello", "for CANARYname", None, ["canarymail@example.org"])
send_mail("Hello", "CANARYname wants to meet you", None, ["two@example.org"])
send_mail("Hello", "nothing", None, ["two@example.org"])
client = Client(); client.force_login(one)
"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a process of this site sees."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {"VAR_DIR": str(folder), "SITE_URL": "http://localhost", "PYTHONPATH": str(folder)} | more


def manage(folder: Path, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """Run a management command on this site; `code` is what `shell` runs."""
    command = [sys.executable, "manage.py", *arguments, *(["-v0", "-c", code] if code else [])]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment(folder), capture_output=True, text=True, timeout=300
    )


def files_with(folder: Path, word: bytes) -> list[str]:
    """Names of all files in which these bytes stand, in whatever case, or whose name has them."""
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and (word.lower() in file.read_bytes().lower() or word.decode().lower() in file.name.lower())
    )
