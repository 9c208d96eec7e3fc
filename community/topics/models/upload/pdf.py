"""PDFs lose their notes, their attachments and whatever would run when they are opened."""

import base64
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pikepdf
from django.utils.translation import gettext as _
from pikepdf import Array, Dictionary, Name, Object, Stream, String
from pikepdf.settings import set_qpdf_limits

from community.topics.models.upload.embedded import bare_jpeg
from community.topics.models.upload.file import Refused

MOST_PARTS = 100_000
MB = 1024 * 1024
# For the whole process and once, before anything is read: a few bytes can unpack to gigabytes.
set_qpdf_limits(
    flate_max_memory=2 * MB, run_length_max_memory=2 * MB, dct_max_memory=64 * MB, dct_max_progressive_scans=40,
    png_max_memory=64 * MB, tiff_max_memory=64 * MB, parser_max_container_size=200_000, parser_max_nesting=100,
    doc_max_warnings=1000,
)  # fmt: skip
# Who, when, with what; files inside the file; programs. Gone wherever they stand.
NOTES = (
    "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/CreatorInfo", "/AF", "/EF", "/AA", "/JS", "/XFA",
    "/OpenAction", "/JavaScript", "/EmbeddedFiles", "/Collection", "/Perms", "/DSS", "/SpiderInfo", "/Threads",
)  # fmt: skip
NOTES_OF_REMARKS = ("/T", "/M", "/CreationDate", "/NM")
NOTES_OF_SIGNATURES = ("/Name", "/M", "/Location", "/Reason", "/ContactInfo", "/Cert", "/Contents", "/Prop_Build")
LEAVING = ("/Launch", "/SubmitForm", "/ImportData", "/JavaScript", "/RichMediaExecute")
# How the bytes of a photo may be packed once more.
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "/FlateDecode": lambda data: zlib.decompressobj().decompress(data, 16 * MB),
    "/ASCII85Decode": lambda data: base64.a85decode(data.strip().removesuffix(b"~>").removeprefix(b"<~")),
}


def bare_pdf(data: bytes) -> bytes:
    """The same pages as a new file. Raises Refused where they cannot be read."""
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            if len(pdf.objects) > MOST_PARTS:
                raise Refused(_("This PDF has too many parts. Print it to a new PDF and send that."))
            for name in ("/Info", "/ID"):
                if name in pdf.trailer:
                    del pdf.trailer[name]
            for part in pdf.objects:
                for each in _with_parts(part):
                    _clean_part(each)
            if not len(pdf.pages):
                raise Refused(_("This PDF has no pages."))
            out = BytesIO()
            pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            if any("error decoding stream" in each for each in pdf.get_warnings()):
                raise ValueError("parts of it would be missing")
            return out.getvalue()
    except Refused:
        raise
    except pikepdf.PasswordError as error:
        raise Refused(_("This PDF is locked with a password. Save it without one and send it once more.")) from error
    except Exception as error:  # what was built to break readers breaks them in many ways
        words = _(
            "This PDF cannot be read, or unpacks to far more than it should. Print it to a new PDF and send that."
        )
        raise Refused(words) from error


def _with_parts(part: Any, depth: int = 0) -> Iterator[Any]:
    """A part and all that stands inside it, without what it only points to: that comes by itself."""
    if not isinstance(part, Object) or depth > 50:
        return
    if isinstance(part, Dictionary | Stream):
        yield part
        inside = [value for _key, value in part.items()] if isinstance(part, Dictionary) else _values(part)
    elif isinstance(part, Array):
        inside = list(part)  # type: ignore[call-overload]
    else:
        return
    for value in inside:
        if isinstance(value, Object) and not value.is_indirect:
            yield from _with_parts(value, depth + 1)


def _values(stream: Any) -> list[Any]:
    """What the head of a stream holds."""
    return [stream.get(key) for key in stream.keys()]  # noqa: SIM118


def _clean_part(part: Any) -> None:
    """Take the notes out of one dictionary; the picture in a stream loses its own."""
    drop = list(NOTES)
    if "/Rect" in part and "/Subtype" in part and part.get("/Subtype") != Name.Widget:
        drop += NOTES_OF_REMARKS
    if "/ByteRange" in part or part.get("/Type") == Name.Sig:
        drop += NOTES_OF_SIGNATURES
    if part.get("/Type") == Name.Filespec:
        drop += ["/Desc", "/UF", "/F"]
    if str(part.get("/S", "")) in LEAVING:
        drop += ["/S", "/F", "/Win", "/Next"]
    if isinstance(address := part.get("/URI"), String) and str(address).lower().startswith("file:"):
        drop.append("/URI")
    for name in drop:
        if name in part:
            del part[name]
    if isinstance(part, Stream):
        _clean_photo(part)


def _clean_photo(stream: Any) -> None:
    """A photo on a page stands there as the camera wrote it, place and all."""
    filters = stream.get("/Filter")
    steps = [str(each) for each in filters] if isinstance(filters, Array) else [str(filters)]
    if steps[-1:] != ["/DCTDecode"]:
        return
    photo = stream.read_raw_bytes()
    for step in steps[:-1]:
        if step not in UNPACK:
            raise Refused(_("This PDF holds a picture that cannot be cleaned. Print it to a new PDF and send that."))
        photo = UNPACK[step](photo)
    settings = stream.get("/DecodeParms")
    stream.write(
        bare_jpeg(photo),
        filter=Name.DCTDecode,
        decode_parms=settings[-1] if isinstance(settings, Array) else settings,
    )
