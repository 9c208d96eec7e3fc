"""A hundred photographs as cameras, phones and programs write them, each with all the traces that its format can hold.

Upright, each shows red and green above blue and white. `MAKER`, `WHO` and the place stand in each.
"""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

from PIL import Image, ImageCms, PngImagePlugin
from pillow_heif import register_heif_opener

register_heif_opener()
MAKER, WHO = "SecretPhone 12", "Wilf Harker"
GPS, MAKE, MODEL, ORIENTATION, ARTIST, TAKEN, IFD_EXIF, MAKER_NOTE = (
    0x8825, 0x010F, 0x0110, 0x0112, 0x013B, 0x9003, 0x8769, 0x927C,
)  # fmt: skip
CORNERS = {(0.25, 0.25): (200, 30, 30), (0.75, 0.25): (30, 160, 30), (0.25, 0.75): (30, 30, 200)}
T = Image.Transpose
# What a camera that is held so writes to its file: the opposite of what shows the picture upright.
HELD = {
    1: None, 2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE, 6: T.ROTATE_90,
    7: T.TRANSVERSE, 8: T.ROTATE_270,
}  # fmt: skip
XMP = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    f'exif:GPSLatitude="50,51.6N" exif:GPSLongitude="8,27.6W"><dc:creator><rdf:Seq><rdf:li>{WHO}</rdf:li></rdf:Seq>'
    '</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()


class Photo(NamedTuple):
    """One photograph: how it was made, its file and what its file is called."""

    label: str
    data: bytes
    ending: str
    is_grey: bool = False


def scene(size: tuple[int, int] = (96, 64), mode: str = "RGB") -> Image.Image:
    """Four fields of colour, by which one sees how a picture is turned."""
    picture = Image.new("RGB", size, (250, 250, 250))
    for (x, y), colour in CORNERS.items():
        left, top = int((x - 0.25) * size[0]), int((y - 0.25) * size[1])
        picture.paste(colour, (left, top, left + size[0] // 2, top + size[1] // 2))
    return picture.convert(mode)


def exif(turn: int = 1, endian: str = "<") -> bytes:
    """The notes of a camera: place, time, maker, owner, its secret note, and a small picture with notes of its own."""
    notes = Image.Exif()
    notes.endian = endian
    notes[MAKE], notes[MODEL], notes[ARTIST], notes[ORIENTATION] = MAKER, MAKER, WHO, turn
    notes.get_ifd(GPS).update({1: "N", 2: (50.0, 51.0, 36.0), 3: "W", 4: (8.0, 27.0, 36.0)})
    notes.get_ifd(IFD_EXIF).update({TAKEN: "2024:05:01 06:30:00", MAKER_NOTE: b"MakerNote " + MAKER.encode() * 3})
    return notes.tobytes()


def held(picture: Image.Image, turn: int) -> Image.Image:
    """The picture as the sensor saw it."""
    return picture if HELD[turn] is None else picture.transpose(HELD[turn])


def with_segments(jpeg: bytes) -> bytes:
    """A JPEG with what programs add: XMP, IPTC in Photoshop's wrapping, a remark, and something behind its end."""
    iptc = b"".join(b"\x1c\x02" + bytes([key]) + struct.pack(">H", len(text)) + text for key, text in IPTC.items())
    photoshop = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    segments = [(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP), (0xED, photoshop), (0xFE, f"at {WHO}'s".encode())]
    packed = b"".join(b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body for kind, body in segments)
    return jpeg[:2] + packed + jpeg[2:] + b"SEFT trailer of " + MAKER.encode()


IPTC = {80: WHO.encode(), 90: b"Secret Village", 120: f"Taken by {WHO}".encode()}


def with_chunks(png: bytes) -> bytes:
    """A PNG with the time of its last change."""
    body = b"tIME" + struct.pack(">HBBBBB", 2024, 5, 1, 6, 30, 0)
    return png[:33] + struct.pack(">I", 7) + body + struct.pack(">I", zlib.crc32(body)) + png[33:]


def saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def jpegs() -> Iterator[Photo]:
    """Forty: ten ways to pack one, each held in four ways."""
    colours = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "plain": ("RGB", {"quality": 90}), "full colour": ("RGB", {"quality": 95, "subsampling": 0}),
        "progressive": ("RGB", {"progressive": True}), "optimised": ("RGB", {"optimize": True, "quality": 70}),
        "grey": ("L", {}), "cmyk": ("CMYK", {"quality": 95}), "restarts": ("RGB", {"restart_marker_blocks": 2}),
        "profile": ("RGB", {"icc_profile": colours}), "poor": ("RGB", {"quality": 40}), "two pictures": ("RGB", {}),
    }  # fmt: skip
    for number, (label, (mode, how)) in enumerate(ways.items()):
        for step in range(4):
            turn = 1 + (2 * step + number) % 8
            picture = held(scene(mode=mode), turn)
            more = {"exif": exif(turn, "<>"[step % 2]), **how}
            if label == "two pictures":
                data = saved(picture, "MPO", save_all=True, append_images=[scene((48, 32))], **more)
            else:
                data = saved(picture, "JPEG", **more)
            yield Photo(f"jpeg {label} turned {turn}", with_segments(data), "jpg", mode == "L")


def pngs() -> Iterator[Photo]:
    """Twenty-four: six kinds of points, each held in four ways."""
    for number, mode in enumerate(("RGB", "RGBA", "P", "L", "I;16", "LA")):
        for step in range(4):
            turn = 1 + (2 * step + number) % 8
            picture = held(scene(), turn)
            if mode == "I;16":
                grey = picture.convert("L")
                packed = b"".join(struct.pack("<H", point * 257) for point in grey.tobytes())
                picture = Image.frombytes("I;16", grey.size, packed)
            else:
                picture = picture.convert(mode)
            notes = PngImagePlugin.PngInfo()
            notes.add_text("Author", WHO)
            notes.add_text("Comment", f"at {WHO}'s gate", zip=True)
            notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
            data = saved(picture, "PNG", exif=exif(turn), pnginfo=notes, dpi=(300, 300))
            yield Photo(f"png {mode} turned {turn}", with_chunks(data), "png", mode in {"L", "I;16", "LA"})


def webps() -> Iterator[Photo]:
    """Twenty: four ways to pack one, each held in five ways."""
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "lossy": ("RGB", {"quality": 80}), "lossless": ("RGB", {"lossless": True}),
        "see-through": ("RGBA", {"quality": 90}), "moving": ("RGB", {"save_all": True}),
    }  # fmt: skip
    for number, (label, (mode, how)) in enumerate(ways.items()):
        for step in range(5):
            turn = 1 + (3 * step + number) % 8
            picture = held(scene(mode=mode), turn)
            frames = {"append_images": [picture.point(lambda point: point // 2)]} if label == "moving" else {}
            yield Photo(
                f"webp {label} turned {turn}", saved(picture, "WEBP", exif=exif(turn), xmp=XMP, **how, **frames), "webp"
            )


def heics() -> Iterator[Photo]:
    """Sixteen: four ways to pack one, each held in four ways."""
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "plain": ("RGB", {"quality": 80}), "full colour": ("RGB", {"quality": 90, "chroma": 444}),
        "see-through": ("RGBA", {"quality": 80}), "two pictures": ("RGB", {"save_all": True}),
    }  # fmt: skip
    for number, (label, (mode, how)) in enumerate(ways.items()):
        for step in range(4):
            turn = 1 + (2 * step + number) % 8
            frames = {"append_images": [scene((48, 32))]} if label == "two pictures" else {}
            picture = held(scene(mode=mode), turn)
            data = saved(picture, "HEIF", exif=exif(turn), xmp=XMP, **how, **frames)
            yield Photo(f"heic {label} turned {turn}", data, "heic")


def photographs() -> list[Photo]:
    """All hundred."""
    return [*jpegs(), *pngs(), *webps(), *heics()]
