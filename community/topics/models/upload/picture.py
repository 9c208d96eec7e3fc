"""Pictures leave their maker's traces at the door: where, when and with what they were taken is never kept.

A picture is read to its points of colour and written anew, so that nothing but them can be carried over.
"""

import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageCms, ImageFile
from PIL.Image import DecompressionBombError
from pillow_heif import register_heif_opener

from community.topics.models.upload.embedded import JPEG_HEAD, passes
from community.topics.models.upload.file import CleanFile, Refused, is_two_things, read

# What a picture is kept as; phones' own formats become JPEG, which every browser shows. No other reader is tried.
KEPT_AS = {"JPEG": "JPEG", "MPO": "JPEG", "HEIF": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "GIF"}
READERS = ("JPEG", "HEIF", "PNG", "WEBP", "GIF")  # JPEG finds MPO by itself
EXTENSION = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
HOW: dict[str, dict[str, Any]] = {"JPEG": {"quality": 88}, "WEBP": {"quality": 88}, "PNG": {"compress_level": 4}}
LONGEST_SIDE = 2560  # twice what the widest page shows; more would only fill the disk
# A JPEG in one pass is read at a half or a quarter of its size; everything else has to be unpacked as a whole, and
# some readers hold it several times. With these numbers a process grows by 150 MB, by 175 for the largest HEIC.
POINTS_AT_ONCE = {"JPEG": 20_000_000, "MPO": 20_000_000, "HEIF": 24_500_000, "PNG": 18_000_000}
POINTS_OF_OTHERS = 8_000_000  # WebP, GIF, and whatever one can see through
POINTS_THAT_MOVE, MOST_FRAMES = 8_000_000, 250  # all frames of a moving picture together
PASSES = 40  # a progressive JPEG has about ten; thousands of them would keep the reader busy for hours
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip

# A photo whose upload broke off shows what arrived; Wagtail reads it before anybody could say what is wrong.
ImageFile.LOAD_TRUNCATED_IMAGES = True
register_heif_opener(thumbnails=False)
one_at_a_time = threading.Lock()  # a large picture takes 100 MB for a second: not once for each thread


def without_traces(file: Any) -> CleanFile:
    """The same picture as a new file: upright, in sRGB, at most 2,560 points wide or high, and nothing else.

    Raises Refused where the file is no picture that can be read, is too large, or is something else as well.
    """
    data = read(file)
    if data[:4096].lstrip().startswith(b"<"):
        raise Refused(_("Drawings in SVG can carry programs and are not taken. Save it as PNG and send that."))
    if is_two_things(data):
        raise Refused(
            _("This file is a picture and something else as well, and is not taken. Save the picture anew as PNG.")
        )
    try:
        times = passes(data) if data.startswith(JPEG_HEAD) else 0
        if times > PASSES:
            raise Refused(_("This picture is packed in a way that takes too long to read. Save it anew as JPEG."))
        with one_at_a_time, Image.open(BytesIO(data), formats=READERS) as picture:
            _refuse_too_many_points(picture, times)
            return _written_anew(picture)
    except Refused:
        raise
    except DecompressionBombError as error:
        raise _too_many_points() from error
    except Exception as error:  # readers of pictures break in many ways at what was built to break them
        raise Refused(_("This picture cannot be read. Save it as JPEG or PNG and send it once more.")) from error


def _refuse_too_many_points(picture: Image.Image, times: int) -> None:
    """Ask the head of the file, before anything is unpacked."""
    most = POINTS_OF_OTHERS if _has_alpha(picture) else POINTS_AT_ONCE.get(picture.format or "", POINTS_OF_OTHERS)
    most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS if times == 1 else most
    if picture.width * picture.height > most:
        raise _too_many_points(picture.width, picture.height, most)


def _too_many_points(*size: int) -> Refused:
    """Say how large is too large."""
    if not size:
        return Refused(_("This picture has far too many points. Save it smaller and send it once more."))
    width, height, most = (f"{size[0]:,}", f"{size[1]:,}", f"{size[2] / 1e6:g}")
    return Refused(
        _(
            "This picture has %(width)s × %(height)s points, and at most %(most)s million can be read. "
            "Save it smaller and send it once more."
        )
        % {"width": width, "height": height, "most": most}
    )


def _written_anew(picture: Image.Image) -> CleanFile:
    """The points of a picture, or of all frames of one that moves, as a file of its own."""
    kind = KEPT_AS[picture.format or ""]
    frames = list(_frames(picture, kind)) if kind in {"GIF", "WEBP"} else [(_bare(picture, kind), 0)]
    first, more = frames[0][0], [frame for frame, _pace in frames[1:]]
    moves: dict[str, Any] = (
        {"save_all": True, "append_images": more, "duration": [pace for _frame, pace in frames], "loop": 0}
        if more
        else {}
    )
    out = BytesIO()
    first.save(out, kind, **HOW.get(kind, {}), **moves)
    return CleanFile.of(out.getvalue(), EXTENSION[kind])


def _frames(picture: Image.Image, kind: str) -> Iterator[tuple[Image.Image, int]]:
    """Each frame and how long it stands; counted while reading, since a small file can hold a million."""
    for number in range(min(MOST_FRAMES, 1 + POINTS_THAT_MOVE // (picture.width * picture.height))):
        try:
            picture.seek(number)
        except EOFError:
            return
        yield _bare(picture, kind), int(picture.info.get("duration") or 100)
    if getattr(picture, "is_animated", False):
        raise Refused(_("This picture moves for too long. Save a smaller or shorter one, or a single picture of it."))


def _bare(picture: Image.Image, kind: str) -> Image.Image:
    """One picture as bare points of colour, small enough, upright and in sRGB."""
    profile, turn = picture.info.get("icc_profile"), TURNS.get(_turned(picture))
    mode = "RGBA" if kind != "JPEG" and _has_alpha(picture) else "RGB"
    small = _in_srgb(_smaller(picture, mode), profile, mode).convert(mode)
    upright = small if turn is None else small.transpose(turn)
    bare = Image.new(mode, upright.size)
    bare.paste(upright)
    return bare


def _has_alpha(picture: Image.Image) -> bool:
    """Whether one can see through some of its points."""
    return "A" in picture.getbands() or "transparency" in picture.info


def _turned(picture: Image.Image) -> int:
    """How the camera was held; upright where what stands there cannot be read."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken note of the camera is no reason to refuse the picture
        return 1


def _smaller(picture: Image.Image, mode: str) -> Image.Image:
    """Unpack a picture at no more than the size that is kept."""
    share = min(1, LONGEST_SIDE / max(picture.size))
    wanted = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    picture.draft(None, wanted)  # type: ignore[arg-type]
    if picture.mode.startswith("I"):  # 16 bits of grey
        plain = picture.point(lambda point: point * (1 / 256)).convert("L").convert(mode)
    else:
        plain = picture if picture.mode in {mode, "CMYK"} else picture.convert(mode)
    if (step := min(plain.width // wanted[0], plain.height // wanted[1])) > 1:
        plain = plain.reduce(step)
    return plain if plain.size == wanted else plain.resize(wanted, Image.Resampling.LANCZOS)


def _in_srgb(picture: Image.Image, profile: bytes | None, mode: str) -> Image.Image:
    """The picture in the colours that every screen knows, since its own colour profile is not kept."""
    if not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
