"""Pictures inside documents keep every point they have and lose the notes around them, without being packed anew."""

import re
from collections.abc import Iterator
from io import BytesIO

from PIL import ExifTags, Image

NEXT_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
END, SCAN, COMMENT, ADOBE, COLOURS = 0xD9, 0xDA, 0xFE, 0xEE, 0xE2
MOST_SEGMENTS, MOST_RUBBISH = 2000, 64 * 1024
KEPT_CHUNKS = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"bKGD",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
JPEG_HEAD = b"\xff\xd8\xff"


def passes(data: bytes) -> int:
    """How many scans the first picture in a JPEG file has, without unpacking it."""
    return sum(marker == SCAN for marker, _segment, _between in _segments(data))


def bare_jpeg(data: bytes, keep_turn: bool = False) -> bytes:
    """A JPEG with its points and colours alone; what stands behind its end goes, too.

    `keep_turn`: a word processor turns a photo as its camera says, so that one note is written anew.
    """
    turn = _turn(data) if keep_turn else 1
    out = [b"\xff\xd8"]
    if turn != 1:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = turn
        note = exif.tobytes()
        out.append(b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note)
    for marker, segment, between in _segments(data):
        out.append(between)
        is_note = 0xE1 <= marker <= 0xEF or marker == COMMENT
        is_needed = (marker == ADOBE and segment[4:9] == b"Adobe") or (
            marker == COLOURS and segment[4:15] == b"ICC_PROFILE"
        )
        if is_needed or not is_note:
            out.append(segment)
    return b"".join(out)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The segments of the first picture in a JPEG, each with the packed points that stand before it.

    Raises ValueError where there are more of them, or more rubbish between them, than any camera writes: readers
    would go through these one by one.
    """
    place, in_scan = 2, False
    for _number in range(MOST_SEGMENTS):
        match = NEXT_MARKER.search(data, place)
        start = match.start() if match else len(data)
        marker = data[start + 1] if match else END
        between = data[place:start] if in_scan else b""
        if not in_scan and start - place > MOST_RUBBISH:
            break
        if marker == END:
            yield END, b"\xff\xd9", between
            return
        place = start + 2 + max(2, int.from_bytes(data[start + 2 : start + 4], "big"))
        yield marker, data[start:place], between
        in_scan = marker == SCAN
    raise ValueError("no picture that a camera wrote")


def _turn(data: bytes) -> int:
    """How the camera was held."""
    try:
        with Image.open(BytesIO(data), formats=("JPEG",)) as picture:
            return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken note is no reason to refuse the document
        return 1


def bare_png(data: bytes) -> bytes:
    """A PNG with its points and colours alone."""
    out, place = [PNG_HEAD], len(PNG_HEAD)
    while place + 8 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if kind in KEPT_CHUNKS:
            out.append(data[place : place + 12 + size])
        if kind == b"IEND":
            break
        place += 12 + size
    return b"".join(out)
