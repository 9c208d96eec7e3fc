"""A hundred photographs with a place in them come out without, whoever reads them."""

import json
import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image as Pillow

from community.topics.models import clean_picture
from tests.topics.photographs import CORNERS, MAKER, WHO, Photo, photographs

pytestmark = pytest.mark.django_db

SPECS = ("original", "fill-40x40|format-webp", "max-60x60|format-jpeg")
# What a second tool may find: how many points there are, and how they are packed.
BARE = {"SourceFile", "ExifTool", "System", "File", "JFIF", "RIFF", "Composite", "PNG"}
BARE_PNG = {
    "ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace", "Transparency",
    "Palette",
}  # fmt: skip


@pytest.fixture(scope="module")
def hundred() -> list[Photo]:
    """Made once; the files differ in format, packing, colours and in how the camera was held."""
    return photographs()


def told_by_exiftool(folder: Path) -> list[dict[str, Any]]:
    """What another program, made for this, reads from all files of a folder."""
    if shutil.which("exiftool") is None:
        if os.environ.get("CI"):
            pytest.fail("exiftool must be there in CI")
        pytest.skip("exiftool is not installed (Debian: libimage-exiftool-perl)")
    told = subprocess.run(["exiftool", "-j", "-G1", "-a", "-u", "-r", folder], capture_output=True, text=True)
    return list(json.loads(told.stdout))


def is_trace(key: str) -> bool:
    """Whether a note of a file says more than how its points are packed."""
    group, _colon, name = key.partition(":")
    return group not in BARE or name == "Comment" or (group == "PNG" and name not in BARE_PNG)


def test_it_makes_a_hundred_that_each_give_the_place_away(hundred: list[Photo], tmp_path: Path) -> None:
    for number, photo in enumerate(hundred):
        (tmp_path / f"{number}.{photo.ending}").write_bytes(photo.data)
    told = told_by_exiftool(tmp_path)
    assert len(told) == len({photo.label for photo in hundred}) == 100
    assert [one["SourceFile"] for one in told if not any("GPS" in key for key in one)] == []
    assert all(any(is_trace(key) for key in one) for one in told)


def test_it_keeps_no_trace_of_a_hundred_photographs(hundred: list[Photo], settings: Any) -> None:
    for photo in hundred:
        picture = clean_picture(ContentFile(photo.data, name=f"wilf.{photo.ending}"), "A field", None)
        for spec in SPECS:
            picture.get_rendition(spec)
    files = [file for file in Path(settings.MEDIA_ROOT).rglob("*.*") if file.is_file()]
    assert len(files) == 100 * (1 + len(SPECS))
    for file in files:
        data = file.read_bytes()
        found = [word for word in (MAKER, WHO, "wilf", "GPS", "Exif", "xmpmeta", "8BIM") if word.encode() in data]
        assert not found, f"{file.name}: {found}"
        with Pillow.open(file) as reread:
            assert not dict(reread.getexif()) and not {"comment", "exif", "xmp", "icc_profile"} & set(reread.info)
    told = told_by_exiftool(Path(settings.MEDIA_ROOT))
    assert len(told) == len(files)
    assert {key for one in told for key in one if is_trace(key)} == set()


def test_it_shows_each_of_them_upright_and_in_its_colours(hundred: list[Photo]) -> None:
    for photo in hundred:
        picture = clean_picture(ContentFile(photo.data, name="x"), photo.label, None)
        with Pillow.open(BytesIO(picture.file.open("rb").read())) as kept:
            assert kept.size == (picture.width, picture.height) == (96, 64), photo.label
            points = kept.convert("RGB")
        for (x, y), colour in CORNERS.items():
            seen = points.getpixel((int(x * 96), int(y * 64)))
            grey = Pillow.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0))
            wanted = (grey,) * 3 if photo.is_grey else colour
            assert max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) < 60, f"{photo.label}: {seen} {wanted}"
