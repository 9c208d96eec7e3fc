"""Pictures leave nothing behind about where and with what they were taken."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow
from wagtail.images import get_image_model

from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db

Picture = get_image_model()
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def photo(kind: str = "JPEG", size: tuple[int, int] = (80, 40)) -> bytes:
    """A photo as a phone takes it: lying on its side, with place, maker and a note."""
    picture = Pillow.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Pillow.Exif()
    exif[MAKE], exif[ORIENTATION] = "SecretPhone 12", 6
    exif.get_ifd(GPS).update({1: "N", 2: (50.0, 51.0, 36.0), 3: "W", 4: (8.0, 27.0, 36.0)})
    out = BytesIO()
    picture.save(out, kind, exif=exif, comment=b"at Wilf's gate")
    return out.getvalue()


def keep(data: bytes, name: str = "IMG_2024_wilf-harker.jpg") -> Any:
    picture = Picture(title="A wall", file=ImageFile(BytesIO(data), name=name))
    picture.save()
    return picture


def traces(data: bytes) -> list[str]:
    with Pillow.open(BytesIO(data)) as picture:
        found = [str(key) for key in picture.getexif()] + [
            k for k in ("exif", "comment", "icc_profile") if k in picture.info
        ]
    return found + [word for word in (b"SecretPhone", b"Wilf", b"GPS") if word in data]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_it_keeps_no_place_and_no_maker(kind: str) -> None:
    data = photo(kind)
    assert traces(data), "the photo of this test must carry traces"
    picture = keep(data, f"IMG_wilf.{kind.lower()}")
    assert traces(picture.file.open("rb").read()) == []
    for spec in ("original", "fill-40x40", "max-60x60|format-webp"):
        assert traces(picture.get_rendition(spec).file.open("rb").read()) == []


def test_it_stands_upright_and_knows_its_size() -> None:
    picture = keep(photo())
    picture.refresh_from_db()
    assert (picture.width, picture.height) == (40, 80)
    assert picture.file_size == len(picture.file.open("rb").read())
    with Pillow.open(picture.file.open("rb")) as upright:
        assert upright.convert("RGB").getpixel((20, 5))[1] < 60  # the red half is on top


def test_its_name_tells_nothing() -> None:
    picture = keep(photo())
    assert "wilf" not in picture.file.name
    assert picture.file.name.endswith(".jpg")
    assert keep(photo()).file.name != picture.file.name


def test_it_is_not_cleaned_again_when_only_its_title_changes() -> None:
    picture = Picture.objects.get(pk=keep(photo()).pk)
    name = picture.file.name
    picture.title = "A better title"
    picture.save()
    assert picture.file.name == name


def test_it_refuses_a_drawing_that_could_carry_script(settings: Any) -> None:
    with pytest.raises(BadRequest):
        keep(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_an_editor_uploads_a_photo_and_no_drawing_with_script_in_it() -> None:
    client = signed_in(MemberFactory(is_superuser=True, is_staff=True))
    form = {"title": "A wall", "file": SimpleUploadedFile("wilf.jpg", photo(), "image/jpeg"), "collection": "1"}
    assert client.post("/cms/images/add/", form).status_code == 302
    assert traces(Picture.objects.get().file.open("rb").read()) == []
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
    form["file"] = SimpleUploadedFile("drawing.svg", svg, "image/svg+xml")
    assert client.post("/cms/images/add/", form).status_code == 200
    for data in (svg, b"", b"GIF89a"):
        form["file"] = SimpleUploadedFile("drawing.jpg", data, "image/jpeg")
        assert client.post("/cms/images/add/", form).status_code in {200, 400}
    assert Picture.objects.count() == 1


def test_a_photo_whose_upload_broke_off_shows_what_arrived() -> None:
    picture = keep(photo(size=(900, 600))[:-900])
    assert traces(picture.file.open("rb").read()) == []
    assert (picture.width, picture.height) == (600, 900)
