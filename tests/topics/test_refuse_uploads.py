"""What is no picture, more than a picture, or too large is refused in plain words, at every door."""

import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import BmpImagePlugin, PpmImagePlugin, TiffImagePlugin
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from community.topics.forms import PaperField, PictureField
from community.topics.models import Refused, without_traces
from tests.conftest import signed_in
from tests.factories import MemberFactory
from tests.test_architecture import ROOT
from tests.topics.photographs import saved, scene

pytestmark = pytest.mark.django_db


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is large."""
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0")))
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def archive() -> bytes:
    """A JAR, as one finds behind the end of a GIF that was built to deceive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as jar:
        jar.writestr("Evil.class", b"\xca\xfe\xba\xbe")
    return out.getvalue()


def many_passes() -> bytes:
    """A progressive JPEG whose last scan stands there a hundred times."""
    data = saved(scene(), "JPEG", progressive=True)
    return data[:-2] + data[data.rfind(b"\xff\xda") : -2] * 100 + data[-2:]


def endless_gif() -> bytes:
    """A GIF of half a million frames of one point."""
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    return b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\0\0\0\0\0\xff\xff\xff" + frame * 500_000 + b";"


JPEG, GIF = saved(scene(), "JPEG"), saved(scene(), "GIF")
BAD_PICTURES = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
    "svg with a head": (b'\n<?xml version="1.0"?><!DOCTYPE svg><svg/>', "SVG"),
    "jpeg and html": (JPEG + b"<HTML><ScRipt>alert(1)</script>", "something else as well"),
    "html in a remark": (saved(scene(), "JPEG", comment=b"<script src=//x>"), "something else as well"),
    "gifar": (GIF + archive(), "something else as well"),
    "30,000 points": (bomb(30_000, 30_000), "too many points"),
    "9,000 points": (bomb(9_000, 9_000), "9,000 × 9,000 points"),
    "too many bytes": (JPEG + bytes(15 * 1024 * 1024), "15.0"),
    "too many passes": (many_passes(), "too long to read"),
    "endless": (endless_gif(), "moves for too long"),
    "nothing but fill": (b"\xff\xd8\xff" + b"\xff" * 3_000_000, "cannot be read"),
    "nothing but heads": (b"\xff\xd8" + b"\xff\xe0\0\x02" * 500_000, "cannot be read"),
    "text": (b"no picture", "cannot be read"),
    "photoshop": (b"8BPS\0\1" + bytes(60), "cannot be read"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "cannot be read"),
    "half a head": (b"GIF89a", "cannot be read"),
}
DOORS = ("form", "one", "several", "chooser")


def send(door: str, client: Client, noun: str, data: bytes, name: str) -> str:
    """Send a file through one of the doors, and what the answer says."""
    file = SimpleUploadedFile(name, data, "image/jpeg")
    if door == "form":
        with pytest.raises(ValidationError) as refusal:
            (PictureField() if noun == "image" else PaperField()).clean(file)
        return str(refusal.value.messages)
    path, fields = {
        "one": (f"/cms/{noun}s/add/", {"title": "A wall", "file": file}),
        "several": (f"/cms/{noun}s/multiple/add/", {"title": "A wall", "files[]": file}),
        "chooser": (
            f"/cms/{noun}s/chooser/create/",
            {f"{noun}-chooser-upload-title": "A wall", f"{noun}-chooser-upload-file": file},
        ),
    }[door]
    answer = client.post(path, fields | {"collection": "1", f"{noun}-chooser-upload-collection": "1"})
    assert answer.status_code == 200
    return str(answer.json()) if door in {"several", "chooser"} else answer.content.decode()


@pytest.fixture
def editor() -> Client:
    """A browser of somebody who may put up anything."""
    return signed_in(MemberFactory(is_superuser=True, is_staff=True))


@pytest.mark.parametrize("door", DOORS)
def test_it_refuses_what_is_no_picture_or_too_much_of_one(door: str, editor: Client, settings: Any) -> None:
    for label, (data, words) in BAD_PICTURES.items():
        answer = send(door, editor, "image", data, "field.jpg")
        assert words in answer, f"{label}: {answer[-600:]}"
    assert not get_image_model().objects.exists()
    assert not [file for file in Path(settings.MEDIA_ROOT).rglob("*.*") if file.is_file()]


@pytest.mark.parametrize("door", DOORS)
def test_it_refuses_what_is_no_document(door: str, editor: Client, settings: Any) -> None:
    bad = {
        "minutes.pdf": [
            (b"%PDF-1.7\n" + archive(), "something else as well"),
            (b"%PDF-1.7\n<script>alert(1)</script>", "something else as well"),
            (b"<html>", "not the PDF"), (b"%PDF-1.7\nrubbish", "cannot be read"), (bytes(16 * 1024 * 1024), "15.0"),
        ],
        "minutes.docx": [(b"MZ", "not what its name says"), (b"\xd0\xcf\x11\xe0old", "password")],
        "minutes.txt": [(b"<!doctype html><script>", "not the plain text"), (b"\0", "not the plain text")],
        "minutes.html": [(b"<p>", "")], "minutes.svg": [(b"<svg/>", "")],
    }  # fmt: skip
    for name, files in bad.items():
        for data, words in files:
            assert words in send(door, editor, "document", data, name), name
    assert not get_document_model().objects.exists()
    assert not [file for file in Path(settings.MEDIA_ROOT).rglob("*.*") if file.is_file()]


def test_it_refuses_past_every_form(settings: Any) -> None:
    for label in ("jpeg and html", "html in a remark", "gifar", "9,000 points", "too many passes", "endless"):
        data, words = BAD_PICTURES[label]
        with pytest.raises(Refused, match=words):
            get_image_model().objects.create(title="x", file=ContentFile(data, name="x.jpg"))
        picture = get_image_model()(title="x")
        picture.file.save("x.jpg", ContentFile(data), save=False)
        with pytest.raises(Refused, match=words):
            picture.save()
    assert not [file for file in Path(settings.MEDIA_ROOT).rglob("*.*") if file.is_file()]


def test_it_does_not_read_a_hundred_megabytes() -> None:
    class Large(ContentFile[bytes]):
        """A file that must not be read."""

        def read(self, num_bytes: int | None = None) -> bytes:
            raise AssertionError("it was read")

    file = Large(b"", name="x.jpg")
    file.size = 100 * 1024 * 1024
    with pytest.raises(Refused, match="100.0"):
        without_traces(file)


WEIGH = """
import resource, sys
import django; django.setup()
from django.core.files.base import ContentFile
from community.topics.models import Refused, without_traces
from tests.topics.test_refuse_uploads import BAD_PICTURES
def grown():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, refused = grown(), 0
for data, words in BAD_PICTURES.values():
    try:
        without_traces(ContentFile(data, name="x"))
    except Refused:
        refused += 1
print(refused, grown() - before)
"""


def test_it_takes_little_memory_to_refuse() -> None:
    done = subprocess.run([sys.executable, "-c", WEIGH], cwd=ROOT, capture_output=True, text=True, check=True)
    refused, grown = done.stdout.split()
    assert int(refused) == len(BAD_PICTURES)
    assert float(grown) < 150


def test_it_takes_what_phones_put_behind_a_photo() -> None:
    film = b"MotionPhoto_Data\0\0\0\x18ftypmp42" + bytes(range(256)) * 40
    assert b"ftyp" not in without_traces(ContentFile(JPEG + film, name="x")).read()


def test_it_opens_no_picture_with_a_reader_that_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [saved(scene(), kind) for kind in ("BMP", "TIFF", "PPM")]
    asked: list[str] = []
    for reader in (BmpImagePlugin.BmpImageFile, TiffImagePlugin.TiffImageFile, PpmImagePlugin.PpmImageFile):
        monkeypatch.setattr(reader, "_open", lambda self: asked.append(type(self).__name__))
    for data in files:
        with pytest.raises(Refused):
            without_traces(ContentFile(data, name="x"))
    assert asked == []
