"""Pictures leave their maker's traces at the door: where, when and with what they were taken is never kept."""

import secrets
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.base import ContentFile
from django.db.models.signals import pre_save
from django.dispatch import receiver
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError
from PIL.Image import DecompressionBombError
from wagtail.images import get_image_model

# What a picture is kept as; phones' own formats become JPEG, which every browser shows.
KEPT_AS = {"JPEG": "JPEG", "MPO": "JPEG", "HEIF": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "GIF"}
QUALITY = 90

# A photo whose upload broke off shows what arrived; Wagtail reads it before anybody could say what is wrong.
ImageFile.LOAD_TRUNCATED_IMAGES = True


def without_traces(file: Any) -> ContentFile[bytes]:
    """The same picture as a new file: turned upright, in sRGB, without metadata, under a random name.

    Raises BadRequest where the file is no picture that can be read to its end.
    """
    try:
        file.seek(0)
        with Image.open(file) as picture:
            kind = KEPT_AS[picture.format or ""]
            frames = getattr(picture, "n_frames", 1) if kind in {"GIF", "WEBP"} else 1
            clean = [_clean_frame(picture, number, kind) for number in range(frames)]
            pace = picture.info.get("duration", 100)
    except (OSError, KeyError, ValueError, SyntaxError, UnidentifiedImageError, DecompressionBombError) as error:
        raise BadRequest("This picture cannot be read. Save it as JPEG or PNG and send it once more.") from error
    out = BytesIO()
    more: dict[str, Any] = (
        {"save_all": True, "append_images": clean[1:], "duration": pace, "loop": 0} if clean[1:] else {}
    )
    clean[0].save(out, kind, **({"quality": QUALITY} if kind in {"JPEG", "WEBP"} else {}), **more)
    return ContentFile(out.getvalue(), name=f"{secrets.token_hex(12)}.{kind.lower().replace('jpeg', 'jpg')}")


def _clean_frame(picture: Image.Image, number: int, kind: str) -> Image.Image:
    """One frame as bare points of colour: nothing but them can be carried over."""
    if number:
        picture.seek(number)
    upright = _in_srgb(ImageOps.exif_transpose(picture))
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    mode = "RGB" if kind == "JPEG" or not has_alpha else "RGBA"
    bare = Image.new(mode, upright.size)
    bare.paste(upright.convert(mode))
    return bare


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The picture in the colours that every screen knows, since its own colour profile is not kept."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


# A signal, because the model is Wagtail's: every way to a new picture (form, several at once, code) passes here.
@receiver(pre_save, sender=get_image_model())
def clean_upload(sender: type, instance: Any, **kwargs: Any) -> None:
    """A new file is replaced by a clean copy before anything is written to the disk."""
    if not instance.file or instance.file._committed:
        return
    title = Path(instance.file.name).stem
    clean = without_traces(instance.file.file)
    instance.file = clean
    instance.file.name = clean.name
    instance._set_image_file_metadata()
    if instance.title in {"", f"{title}{Path(title).suffix}"}:
        instance.title = title
