"""Office files are archives of small files: each is cleaned or left out, and the rest is packed anew."""

import re
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from community.topics.models.upload.embedded import JPEG_HEAD, PNG_HEAD, bare_jpeg, bare_png
from community.topics.models.upload.file import Refused
from community.topics.models.upload.picture import without_traces

MOST_FILES, MOST_BYTES, MOST_BYTES_IN_ONE = 4000, 100_000_000, 16_000_000
SCHEMAS = "http://schemas.openxmlformats.org"
PACKAGE = f"{SCHEMAS}/package/2006"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
# Files that hold notes and nothing else, and what stands in their place: a gap would look like damage.
EMPTIED = (
    (
        r"docProps/core\.xml|.*\.psmdcp",
        f'<p:coreProperties xmlns:p="{SCHEMAS}/package/2006/metadata/core-properties"/>',
    ),
    (r"docProps/app\.xml", f'<Properties xmlns="{SCHEMAS}/officeDocument/2006/extended-properties"/>'),
    (r"docProps/custom\.xml", f'<Properties xmlns="{SCHEMAS}/officeDocument/2006/custom-properties"/>'),
    (r"word/people\.xml", '<p:people xmlns:p="http://schemas.microsoft.com/office/word/2012/wordml"/>'),
    (r"customXml/item\d*\.xml", "<nothing/>"),
    (r"(.*/)?meta\.xml", f'<o:document-meta xmlns:o="{OASIS}:office:1.0" o:version="1.3"><o:meta/></o:document-meta>'),
    (r"(.*/)?settings\.xml", f'<o:document-settings xmlns:o="{OASIS}:office:1.0" o:version="1.3"/>'),
    (r".*/printerSettings\d*\.bin|layout-cache", ""),
)
LEFT_OUT = re.compile(r"docProps/thumbnail\..*|Thumbnails/.*|Configurations2/.*|META-INF/documentsignatures\.xml")
PROGRAMS = re.compile(r".*vbaProject.*\.bin|.*/activeX/.*|Basic/.*|Scripts/.*|.*/oleObject.*\.bin", re.IGNORECASE)
DRAWINGS = {".emf", ".wmf", ".svm", ".svg"}
PICTURES = {".tif", ".tiff", ".heic", ".bmp", ".jp2", ".wdp", ".eps", ".pict"}
VALUE = rb"""=(?:"[^"]*"|'[^']*')"""
# No pattern looks past the next "<" or quotation mark: built to be slow, a file would keep it busy for hours.
IN_XML: tuple[tuple[bytes, bytes], ...] = (
    (rb"\bw:(author|initials)" + VALUE, rb'w:\1="Author"'),
    (rb"\s(?:w:date|w16cex:dateUtc|w16du:dateUtc|w:rsid\w{0,8})" + VALUE, b""),
    (rb"<w:rsid(?:Root)?\s[^<>]*/>|<w1[45]:docId\s[^<>]*/>|<w:attachedTemplate\s[^<>]*/>", b""),
    (rb"<(?:\w{1,9}:)?fileSharing\s[^<>]*/>", b""),
    (rb"(:absPath\s{1,9}url)" + VALUE, rb'\1=""'),
    (rb"<author>[^<]*</author>", b"<author>Author</author>"),
    (rb"<(dc:creator|dc:date|meta:creator-initials|meta:date-string|loext:sender-initials)>[^<]*</\1>", b""),
    (rb"(<text:(?:author-\w{4,8}|initial-creator|creator|file-name|printed-by)(?:\s[^<>]*)?>)[^<]*<", rb"\1<"),
    (rb"(<w:(?:connectString|query|table)\s)w:val" + VALUE, rb'\1w:val=""'),
    (rb"<Relationship\s[^<>]{0,999}(?:metadata/thumbnail|attachedTemplate)[^<>]{0,999}/>", b""),
    (rb"<manifest:file-entry\s[^<>]{0,999}(?:Thumbnails|Configurations2|documentsignatures)[^<>]{0,999}/>", b""),
    (rb"""\b(href|Target)=(["'])file:[^"']*["']""", rb"\1=\2removed\2"),
)  # fmt: skip
IN_PERSONS: tuple[tuple[bytes, bytes], ...] = (
    (rb"\b(displayName|userId|providerId)" + VALUE, rb'\1="Author"'),
    (rb"\sdT" + VALUE, b""),
)


def bare_office(data: bytes, depth: int = 0) -> bytes:
    """The same text, tables and pictures as a new file. Raises Refused where something cannot be cleaned."""
    out = BytesIO()
    try:
        with ZipFile(BytesIO(data)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
            parts = old.infolist()
            if len(parts) > MOST_FILES or sum(part.file_size for part in parts) > MOST_BYTES:
                raise Refused(_("This file unpacks to far more than it should. Save it anew and send it once more."))
            for part in parts:
                if not part.is_dir() and not LEFT_OUT.fullmatch(part.filename):
                    kept = ZipInfo(part.filename)  # made in 1980, by nobody
                    kept.compress_type = ZIP_STORED if part.filename == "mimetype" else ZIP_DEFLATED
                    new.writestr(kept, _clean_part(part.filename, _unpacked(old, part), depth))
    except Refused:
        raise
    except Exception as error:  # damaged archives break in many ways
        raise Refused(_("This file cannot be read. Save it anew and send it once more.")) from error
    return out.getvalue()


def _unpacked(archive: ZipFile, part: ZipInfo) -> bytes:
    """One file of the archive, whatever it says about its size."""
    if part.flag_bits & 1:
        raise Refused(_("This file is locked with a password. Save it without one and send it once more."))
    with archive.open(part) as file:
        data = file.read(MOST_BYTES_IN_ONE + 1)
    if len(data) > MOST_BYTES_IN_ONE:
        raise Refused(_("This file unpacks to far more than it should. Save it anew and send it once more."))
    return data


def _clean_part(name: str, data: bytes, depth: int) -> bytes:
    """One file of the archive without its notes."""
    if PROGRAMS.fullmatch(name):
        raise Refused(_("This file holds macros or another program. Save it without them, or as PDF."))
    if name != "word/settings.xml" and (empty := _emptied(name)) is not None:
        return empty
    ending = PurePosixPath(name).suffix.lower()
    if data.startswith(JPEG_HEAD):
        return bare_jpeg(data, keep_turn=True)
    if data.startswith(PNG_HEAD):
        return bare_png(data)
    if ending in {".gif", ".webp"}:
        return without_traces(ContentFile(data)).read()
    if data.startswith(b"PK\x03\x04"):
        return _inner(data, depth)
    if ending in PICTURES or data.startswith((b"II*\0", b"MM\0*", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise Refused(
            _("This file holds a picture or a file (%(name)s) of a kind that cannot be cleaned. Save it as PDF.")
            % {"name": PurePosixPath(name).name[:60]}
        )
    if name.endswith((".xml", ".rels", ".rdf", ".vml")) or data.lstrip()[:5] == b"<?xml":
        return _clean_xml(name, data)
    return data


def _inner(data: bytes, depth: int) -> bytes:
    """A document in the document; one in that again is nobody's honest file."""
    if depth:
        raise Refused(_("This file holds files within files. Save it as PDF and send that."))
    return bare_office(data, depth + 1)


def _emptied(name: str) -> bytes | None:
    """What stands in place of a file that holds notes alone; None for any other file."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    for pattern, text in EMPTIED:
        if re.fullmatch(pattern, name):
            return (head + text).encode() if text else b""
    return None


def _clean_xml(name: str, data: bytes) -> bytes:
    """Names, times and paths out of one XML file."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data[:200]:
        raise Refused(_("This file cannot be read. Save it anew and send it once more."))
    if b"encryption-data" in data and name == "META-INF/manifest.xml":
        raise Refused(_("This file is locked with a password. Save it without one and send it once more."))
    for pattern, instead in IN_XML + (IN_PERSONS if "persons/" in name or "threadedComments" in name else ()):
        data = re.sub(pattern, instead, data)
    return data
