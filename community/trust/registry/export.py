"""Everything that is held on one person, in files that a person can open."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import FileField
from django.template.loader import render_to_string
from django.utils import timezone

from community.members.models import Member
from community.trust.registry import Declaration, Rows, declarations


def collect(member: Member) -> dict[str, Rows]:
    """App by app what is held on this member, as plain values."""
    return {d.app: d.export(member) for d in sorted(declarations(), key=lambda d: d.app)}


def files_of(member: Member) -> Iterator[tuple[str, File]]:
    """Every uploaded file in a row of this member's, with a name that is unique in the export."""
    for declaration in declarations():
        for row in _rows_with_files(declaration, member):
            if own := getattr(row, "export_file", None):  # it lies in the row itself
                yield f"files/{declaration.app}-{row.pk}-{own.name}", own
            for field in row._meta.get_fields():
                file = getattr(row, field.name) if isinstance(field, FileField) else None
                if file and file.storage.exists(file.name):
                    yield f"files/{declaration.app}-{row.pk}-{Path(file.name).name}", file


def _rows_with_files(declaration: Declaration, member: Member) -> Iterator[Any]:
    with_files = {
        model: paths
        for model, paths in declaration.holds.items()
        if hasattr(model, "export_file") or any(isinstance(field, FileField) for field in model._meta.get_fields())
    }
    yield from Declaration(declaration.app, with_files, declaration.export, declaration.erase).rows_of(member)


def pages_of(member: Member) -> Iterator[tuple[str, str]]:
    """The texts of an export: one JSON file an app, and the same to read as a page and as plain text."""
    held = collect(member)
    for app, tables in held.items():
        yield f"{app}.json", json.dumps(tables, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    context = {"member": member, "held": held, "made_at": timezone.now()}
    yield "index.html", render_to_string("trust/export/index.html", context)
    yield "README.txt", render_to_string("trust/export/readme.txt", context)


def write_folder(member: Member, folder: Path) -> int:
    """Write an export into an empty or new folder and count the files; only the owner may read them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    count = 0
    for name, text in pages_of(member):
        (folder / name).write_text(text, encoding="utf-8")
        count += 1
    for name, file in files_of(member):
        (folder / "files").mkdir(exist_ok=True)
        with file.open("rb") as source, (folder / name).open("wb") as target:
            shutil.copyfileobj(source, target)
        count += 1
    return count


def write_zip(member: Member, target: IO[bytes]) -> None:
    """Write an export as one zip file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in pages_of(member):
            archive.writestr(name, text)
        for name, file in files_of(member):
            with file.open("rb") as source, archive.open(name, "w") as part:
                shutil.copyfileobj(source, part)
