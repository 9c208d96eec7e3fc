"""Pictures leave nothing behind about where and with what they were taken."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow
from wagtail.images import get_image_model

from community.topics.forms import PictureField
from community.topics.models import clean_picture
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


def test_an_editor_uploads_a_photo_and_it_is_clean() -> None:
    client = signed_in(MemberFactory(is_superuser=True, is_staff=True))
    form = {"title": "A wall", "file": SimpleUploadedFile("wilf.jpg", photo(), "image/jpeg"), "collection": "1"}
    assert client.post("/cms/images/add/", form).status_code == 302
    picture = Picture.objects.get()
    data = picture.file.open("rb").read()
    assert traces(data) == []
    assert (picture.title, picture.file_size) == ("A wall", len(data))
    assert picture.file_hash == hashlib.sha1(data).hexdigest()


def test_a_form_takes_it_whatever_its_name_says() -> None:
    field = PictureField()
    file = field.clean(SimpleUploadedFile("holiday.bmp", photo(), "text/plain"))
    assert traces(file.read()) == []
    assert "15.0" in str(field.help_text) and "HEIC" in str(field.help_text)
    assert field.widget.attrs["accept"].startswith("image/jpeg")
    assert PictureField(required=False).clean(None) is None
    with pytest.raises(ValidationError):
        field.clean(None)


def test_a_form_keeps_it_for_a_member_or_for_nobody() -> None:
    member = MemberFactory()
    file = PictureField().clean(SimpleUploadedFile("wilf.jpg", photo()))
    assert clean_picture(file, "A wall", member).uploaded_by_user == member
    kept = clean_picture(SimpleUploadedFile("wilf.jpg", photo()), "W" * 300, None)
    assert kept.uploaded_by_user is None
    assert len(kept.title) == 255 and "wilf" not in kept.file.name


def test_its_title_does_not_repeat_the_name_of_its_file() -> None:
    client = signed_in(MemberFactory(is_superuser=True, is_staff=True))
    sent = {"files[]": SimpleUploadedFile("wilf harker.jpg", photo(), "image/jpeg"), "collection": "1"}
    assert client.post("/cms/images/multiple/add/", sent).json()["success"]
    assert Picture.objects.get().title == "Picture"
    assert keep(photo()).title == "A wall"
    assert Picture.objects.create(title="wilf.jpg", file=ImageFile(BytesIO(photo()), "wilf.jpg")).title == "Picture"


def test_one_that_waits_for_a_better_title_is_clean_while_it_waits(settings: Any) -> None:
    client = signed_in(MemberFactory(is_superuser=True, is_staff=True))
    sent = {"files[]": SimpleUploadedFile("wilf.jpg", photo(), "image/jpeg"), "title": "W" * 300, "collection": "1"}
    number = client.post("/cms/images/multiple/add/", sent).json()["uploaded_file_id"]
    waiting = [file for file in Path(settings.MEDIA_ROOT).rglob("*.*") if file.is_file()]
    assert len(waiting) == 1 and "wilf" not in waiting[0].name and traces(waiting[0].read_bytes()) == []
    title = {f"uploaded-image-{number}-title": "A wall", f"uploaded-image-{number}-collection": "1"}
    assert client.post(f"/cms/images/multiple/create_from_uploaded_image/{number}/", title).json()["success"]
    picture = Picture.objects.get()
    assert "wilf" not in picture.file.name and traces(picture.file.open("rb").read()) == []


def test_a_file_that_went_round_the_door_is_cleaned_when_its_row_is_saved(settings: Any) -> None:
    picture = Picture(title="A wall")
    picture.file.save("wilf.jpg", ImageFile(BytesIO(photo())), save=False)
    picture.save()
    files = [file for file in Path(settings.MEDIA_ROOT).rglob("*.*") if file.is_file()]
    assert [file.name for file in files] == [Path(picture.file.name).name]
    assert traces(files[0].read_bytes()) == []


def test_a_large_photo_is_kept_no_larger_than_a_page_needs() -> None:
    picture = keep(photo(size=(6000, 3000)))
    assert (picture.width, picture.height) == (1280, 2560)
    assert traces(picture.file.open("rb").read()) == []


def test_a_photo_whose_upload_broke_off_shows_what_arrived() -> None:
    picture = keep(photo(size=(900, 600))[:-900])
    assert traces(picture.file.open("rb").read()) == []
    assert (picture.width, picture.height) == (600, 900)
