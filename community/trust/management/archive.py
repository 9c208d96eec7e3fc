"""One file with everything: how it is packed, and how it is proved whole before anything is touched."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.utils import timezone

from community.trust.management import databases

MANIFEST = "manifest.json"
FORMAT = "scionwood-backup-1"


class Damaged(Exception):
    """The file is not a backup, or not all of one; nothing was changed."""


@dataclass
class Manifest:
    """What a backup says of itself: when it was made, of which database, and the SHA-256 of each part."""

    made_at: str
    engine: str
    migrations: list[str]
    parts: dict[str, str] = field(default_factory=dict)
    format: str = FORMAT

    @property
    def moment(self) -> datetime:
        """When the backup was begun: what happened later is not in it."""
        return datetime.fromisoformat(self.made_at)


def pack(target: Path) -> Manifest:
    """Write a backup beside the target and put it in place only when it is whole."""
    manifest = Manifest(timezone.now().isoformat(), databases.engine(), databases.applied_migrations())
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            _write(raw, manifest)
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write(raw: Any, manifest: Manifest) -> None:
    """The database first: every file that one of its rows names was there before, and is read after it."""
    with (
        tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar,
        tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder,
    ):
        snapshot = Path(folder) / databases.PART
        databases.dump(snapshot)
        manifest.parts[databases.PART] = _digest(snapshot)
        tar.add(snapshot, databases.PART)
        for name, file in media_files():
            try:
                content = file.read_bytes()
            except FileNotFoundError:
                continue  # deleted since the list was made
            manifest.parts[name] = hashlib.sha256(content).hexdigest()
            _add(tar, name, content)
        # Last, so that a file that was cut off has none.
        _add(tar, MANIFEST, json.dumps(asdict(manifest), indent=1).encode())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o640
    tar.addfile(entry, io.BytesIO(content))


def media_files() -> Iterator[tuple[str, Path]]:
    """Every uploaded file, under the name that it has in a backup."""
    root = Path(settings.MEDIA_ROOT)
    for file in sorted(root.rglob("*")):
        if file.is_file():
            yield f"media/{file.relative_to(root).as_posix()}", file


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack a backup into an empty folder and prove each part; raises Damaged where anything is wrong."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            for entry in tar:
                _unpack_one(tar, entry, folder)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise Damaged(f"{source} is not a whole backup ({error}).") from error
    manifest = _read_manifest(source, folder)
    for name, digest in manifest.parts.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise Damaged(f"{source} is damaged: {name} is not what it was when the backup was made.")
    _require_fit(source, manifest)
    return manifest


def _unpack_one(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    """Only plain files, and only with the names that our own backups have."""
    path = PurePosixPath(entry.name)
    is_ours = entry.name in {MANIFEST, databases.PART} or (path.parts[0] == "media" and len(path.parts) > 1)
    if not entry.isreg() or not is_ours or path.is_absolute() or ".." in path.parts:
        raise tarfile.TarError(f"it holds {entry.name!r}")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(entry)
    with target.open("wb") as file:
        while content and (chunk := content.read(1 << 20)):
            file.write(chunk)
    target.chmod(0o640)


def _read_manifest(source: Path, folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise Damaged(f"{source} is not a backup of this site, or its end is missing.") from error
    found = {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()} - {MANIFEST}
    if manifest.format != FORMAT or databases.PART not in manifest.parts or found != set(manifest.parts):
        raise Damaged(f"{source} is not a backup of this site.")
    return manifest


def _require_fit(source: Path, manifest: Manifest) -> None:
    """The backup must be of this kind of database, and not of a later version of the site."""
    if manifest.engine != databases.engine():
        raise Damaged(f"{source} holds a {manifest.engine} database, and this site runs on {databases.engine()}.")
    if unknown := sorted(set(manifest.migrations) - databases.known_migrations()):
        raise Damaged(f"{source} was made by a later version ({unknown[0]} is not known here). Upgrade first.")
