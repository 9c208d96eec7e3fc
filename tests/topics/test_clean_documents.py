"""Documents come out without their author, their history and whatever else a program noted beside the text."""

import shutil
import struct
import subprocess
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name, String
from wagtail.documents import get_document_model

from community.topics.forms import PaperField
from community.topics.models import Refused, paper_without_traces
from tests.conftest import signed_in
from tests.factories import MemberFactory
from tests.topics.photographs import MAKER, WHO, XMP, exif, held, saved, scene, with_segments

pytestmark = pytest.mark.django_db

Paper = get_document_model()
PHOTO = with_segments(saved(held(scene(), 6), "JPEG", exif=exif(6)))
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SECRETS = (WHO, MAKER, "Secret Village", "GPSLatitude", "wilf.harker", "SecretOffice", "2024-05-01")


def clean(data: bytes, name: str) -> bytes:
    """What is kept of a document."""
    return paper_without_traces(SimpleUploadedFile(name, data)).read()


def pdf() -> bytes:
    """A page with a photo and a remark on it, and everything that programs put around them."""
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(300, 200))
        page = made.pages[0]
        photo = made.make_stream(
            PHOTO, Type=Name.XObject, Subtype=Name.Image, Width=64, Height=96, ColorSpace=Name.DeviceRGB,
            BitsPerComponent=8, Filter=Name.DCTDecode,
        )  # fmt: skip
        photo.Metadata = made.make_stream(XMP, Type=Name.Metadata, Subtype=Name.XML)
        page.Resources = Dictionary(XObject=Dictionary(Im0=photo))
        page.Contents = made.make_stream(b"q 100 0 0 150 50 20 cm /Im0 Do Q % kept words")
        page.PieceInfo = Dictionary(Maker=Dictionary(LastModified=String("D:20240501"), Private=String(WHO)))
        attached = made.make_indirect(
            Dictionary(Type=Name.Filespec, F=String("wilf.harker.txt"), EF=Dictionary(F=made.make_stream(WHO.encode())))
        )
        remark = Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=String("a remark stays"), T=String(WHO),
            M=String("D:2024-05-01"), AA=Dictionary(E=Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))),
        )  # fmt: skip
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9],
            A=Dictionary(S=Name.URI, URI=String("file:///home/wilf.harker/minutes")),
        )  # fmt: skip
        page.Annots = Array([remark, made.make_indirect(link)])
        made.Root.Metadata = made.make_stream(XMP, Type=Name.Metadata, Subtype=Name.XML)
        made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
        made.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=[String("wilf.harker.txt"), attached]))
        made.trailer.Info = made.make_indirect(
            Dictionary(Author=String(WHO), Producer=String("SecretOffice"), CreationDate=String("D:20240501063000Z"))
        )
        out = BytesIO()
        made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return out.getvalue()


def hidden_numbers(count: int) -> bytes:
    """A PDF with a packed part in which so many numbers stand."""
    packed = zlib.compress(b"5 0 [" + b"0 " * count + b"]")
    parts = {
        1: b"<</Type/Catalog/Pages 2 0 R/X 5 0 R>>", 2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 9 9]>>",
        4: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    }  # fmt: skip
    out, rows = b"%PDF-1.5\n", bytes(7)
    for number, body in parts.items():
        rows += b"\1" + struct.pack(">IH", len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows += b"\2" + struct.pack(">IH", 4, 0) + b"\1" + struct.pack(">IH", len(out), 0)
    head = b"<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>" % len(rows)
    return out + b"6 0 obj\n%sstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (head, rows, len(out))


def unpacked_pdf(data: bytes) -> bytes:
    """All its parts as they read, packed parts unpacked."""
    with pikepdf.open(BytesIO(data)) as opened:
        out = BytesIO()
        opened.save(
            out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )  # fmt: skip
        return out.getvalue()


def office(parts: dict[str, bytes | str]) -> bytes:
    """An office file of these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = WHO.encode()
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of an office file."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.comment == b""
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {part.filename: archive.read(part) for part in archive.infolist()}


def docx(**more: bytes | str) -> bytes:
    """A text with a tracked change, a remark and a photo, as a word processor writes it."""
    core = f'<cp:coreProperties xmlns:cp="p" xmlns:dc="d"><dc:creator>{WHO}</dc:creator></cp:coreProperties>'
    return office({
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": "<Relationships>"
        '<Relationship Id="r1" Type="x/metadata/thumbnail" Target="docProps/thumbnail.jpg"/>'
        '<Relationship Id="r2" Type="x/officeDocument" Target="word/document.xml"/></Relationships>',
        "docProps/core.xml": core, "docProps/thumbnail.jpg": PHOTO,
        "docProps/app.xml": "<Properties><Company>SecretOffice</Company></Properties>",
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:p w:rsidR="00AB12CD"><w:ins w:id="1" w:author="{WHO}" '
        f'w:date="2024-05-01T06:30:00Z"><w:t>kept words</w:t></w:ins></w:p></w:document>',
        "word/comments.xml": f"<w:comments><w:comment w:initials='WH' w:author='{WHO}'/>kept remark</w:comments>",
        "word/people.xml": f'<w15:people><w15:person w15:author="{WHO}"/></w15:people>',
        "word/settings.xml": '<w:settings><w:rsids><w:rsid w:val="00AB12CD"/></w:rsids><w:attachedTemplate r:id="r9"/>'
        "</w:settings>",
        "word/_rels/settings.xml.rels": '<Relationships><Relationship Id="r9" Type="x/attachedTemplate" '
        'Target="file:///C:/Users/wilf.harker/Normal.dotm" TargetMode="External"/></Relationships>',
        "customXml/item1.xml": f"<cover><Author>{WHO}</Author></cover>",
        "word/media/image1.jpg": PHOTO,
        "word/embeddings/sheet.xlsx": office({"xl/workbook.xml": "<a/>", "docProps/core.xml": core}),
        **more,
    })  # fmt: skip


def odt() -> bytes:
    """The same from another program."""
    return office({
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<c><annotation><dc:creator>{WHO}</dc:creator><dc:date>2024-05-01T06:30:00</dc:date>kept words"
        f'</annotation><text:initial-creator text:fixed="true">{WHO}</text:initial-creator>'
        '<a xlink:href="file:///home/wilf.harker/x">kept link</a></c>',
        "meta.xml": f"<m><meta:initial-creator>{WHO}</meta:initial-creator></m>",
        "settings.xml": "<s>SecretOffice printer</s>", "Thumbnails/thumbnail.png": PHOTO, "Pictures/1.jpg": PHOTO,
        "META-INF/manifest.xml": '<m><manifest:file-entry manifest:full-path="Thumbnails/thumbnail.png"/></m>',
    })  # fmt: skip


def xlsx() -> bytes:
    """A sheet with a remark."""
    return office({
        "xl/workbook.xml": f'<workbook><fileSharing userName="{WHO}"/>'
        '<x15ac:absPath url="C:\\Users\\wilf.harker\\"/></workbook>',
        "xl/comments1.xml": f"<comments><authors><author>{WHO}</author></authors>kept words</comments>",
        "xl/persons/person.xml": f'<personList><person displayName="{WHO}" userId="wilf.harker"/></personList>',
        "xl/printerSettings/printerSettings1.bin": b"SecretOffice",
    })  # fmt: skip


def test_a_pdf_keeps_its_pages_and_nothing_else() -> None:
    raw = pdf()
    before, after = unpacked_pdf(raw), unpacked_pdf(clean(raw, "minutes.pdf"))
    signs = [*SECRETS, "JavaScript", "EmbeddedFile", "D:2024", "OpenAction", "PieceInfo", "app.alert"]
    found = {sign for sign in signs if sign.encode() in before}
    assert found > {WHO, MAKER, "SecretOffice", "JavaScript", "app.alert", "wilf.harker"}
    assert {sign for sign in signs if sign.encode() in after} == set()
    assert b"kept words" in after and b"a remark stays" in after
    with pikepdf.open(BytesIO(clean(raw, "minutes.pdf"))) as kept:
        assert "/Info" not in kept.trailer and len(kept.pages) == 1
        picture = pikepdf.PdfImage(kept.pages[0].Resources.XObject.Im0).as_pil_image()
        assert picture.size == (64, 96) and not dict(picture.getexif())


def test_a_second_tool_finds_nothing_in_a_pdf(tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed (Debian: libimage-exiftool-perl)")
    file = tmp_path / "minutes.pdf"
    told = []
    for data in (pdf(), clean(pdf(), "minutes.pdf")):
        file.write_bytes(data)
        answer = subprocess.run(["exiftool", "-G1", "-a", "-ee", file], capture_output=True, text=True).stdout
        told.append(answer)
    groups = [{line[: line.index("]")].strip("[ ") for line in each.splitlines()} for each in told]
    assert {"XMP-dc", "GPS", "IPTC"} <= groups[0] and WHO in told[0]
    assert groups[1] <= {"ExifTool", "System", "File", "PDF", "JFIF", "Composite"} and WHO not in told[1], told[1]


def test_a_photo_packed_twice_is_clean_as_well() -> None:
    with pikepdf.new() as made:
        made.add_blank_page()
        made.Root.Photo = made.make_stream(zlib.compress(PHOTO), Filter=Array([Name.FlateDecode, Name.DCTDecode]))
        out = BytesIO()
        made.save(out)
    with pikepdf.open(BytesIO(clean(out.getvalue(), "x.pdf"))) as kept:
        photo = kept.Root.Photo.read_raw_bytes()
    assert photo.startswith(b"\xff\xd8") and MAKER.encode() not in photo


@pytest.mark.parametrize(("make", "name"), [(docx, "minutes.docx"), (odt, "minutes.odt"), (xlsx, "minutes.xlsx")])
def test_an_office_file_keeps_its_words_and_nothing_about_who_wrote_them(make: Any, name: str) -> None:
    raw = make()
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        before = b"".join(archive.read(part) for part in archive.namelist())
    parts = unpacked(clean(raw, name))
    after = b"".join(parts.values())
    for inner in (body for body in parts.values() if body.startswith(b"PK")):
        after += b"".join(unpacked(inner).values())
    assert sum(sign.encode() in before for sign in SECRETS) >= 3
    assert {sign for sign in (*SECRETS, "00AB12CD", "humbnail") if sign.encode() in after} == set()
    assert b"kept words" in after
    if name == "minutes.odt":
        assert next(iter(parts)) == "mimetype"


def test_a_photo_in_a_text_stands_as_it_stood() -> None:
    from PIL import Image

    with Image.open(BytesIO(unpacked(clean(docx(), "x.docx"))["word/media/image1.jpg"])) as photo:
        assert dict(photo.getexif()) == {0x0112: 6}


@pytest.mark.parametrize(
    ("part", "words"),
    [("word/vbaProject.bin", "macros"), ("word/embeddings/oleObject1.bin", "macros"), ("word/media/a.tiff", "a.tiff")],
)
def test_an_office_file_with_what_cannot_be_cleaned_is_refused(part: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        clean(docx(**{part: b"II*\0"}), "x.docx")


def test_what_unpacks_to_far_more_is_refused() -> None:
    with pytest.raises(Refused, match="far more"):
        clean(docx(**{"word/big.xml": bytes(17_000_000)}), "x.docx")
    assert len(hidden_numbers(1_000)) < 1_000 and clean(hidden_numbers(1_000), "x.pdf")
    bomb = hidden_numbers(5_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(Refused, match="far more"):
        clean(bomb, "x.pdf")


def test_a_locked_pdf_is_refused() -> None:
    with pikepdf.new() as made:
        made.add_blank_page()
        out = BytesIO()
        made.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(Refused, match="password"):
        clean(out.getvalue(), "x.pdf")


def test_plain_text_stays_as_it_is() -> None:
    words = "Käse;12,5\n".encode()
    assert clean(words, "prices.CSV") == clean(words, "prices.txt") == words


def test_it_is_served_under_a_name_that_tells_nothing() -> None:
    client = signed_in(MemberFactory(is_superuser=True, is_staff=True))
    file = SimpleUploadedFile("wilf.harker.pdf", pdf(), "application/pdf")
    sent = {"title": "wilf.harker.pdf", "files[]": file, "collection": "1"}
    assert client.post("/cms/documents/multiple/add/", sent).json()["success"]
    paper = Paper.objects.get()
    assert paper.title == "Document" and "wilf" not in paper.url
    answer = client.get(paper.url)
    served = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert not [sign for sign in SECRETS if sign.encode() in unpacked_pdf(served)]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert paper.file_size == len(served)


def test_a_form_says_what_it_takes() -> None:
    assert "15.0" in str(PaperField().help_text)
