"""Opens what people hand to ingest: files, .gz, .zip and folders of them, within bounds."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from commerce.errors import Refused
from commerce.ingest.delimited import Readable

#: A compressed file may grow this many times; real permit files grow 3 to 20 times.
MAX_RATIO = 200
#: Below this many bytes the ratio is not looked at.
RATIO_FREE_BYTES = 32 * 2**20
#: No single file, once unpacked, may be larger.
MAX_BYTES = 64 * 2**30
MAX_MEMBERS = 10_000
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


#: inode, time of the last change in nanoseconds, bytes
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class RawFile:
    """One file to read: on disk, or a member of a zip file.

    Args:
        path: the file on disk.
        member: the name inside the zip file, as the zip file spells it.
        shown: the name that people see.
        named: whether the caller named the file itself.
        stamp: what tells the file on disk from another one of the same name; None if not looked at.
    """

    path: Path
    member: str | None
    shown: str
    named: bool
    stamp: Stamp | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """Return the bare file name, for guessing the service."""
        return Path(self.shown).name

    def size(self) -> int:
        """Return the bytes that it takes on disk."""
        try:
            if self.member is None:
                return self.path.stat().st_size
            with zipfile.ZipFile(self.path) as archive:
                return archive.getinfo(self.member).compress_size
        except (OSError, zipfile.BadZipFile, KeyError):
            return 0  # gone or changed: reading it tells

    def check_unchanged(self) -> None:
        """Make sure that the file is there, and the one that was found.

        Raises:
            Refused: when it is gone, or somebody put another one in its place.
        """
        now = _stamp(self.path)
        if now is None:
            raise Refused("ingest.no_such_file", file=self.shown)
        if self.stamp is not None and self.stamp != now:
            raise Refused("ingest.changed_meanwhile", file=self.shown)

    def unpacked_size(self) -> int:
        """Return the bytes that it unpacks to, as far as its container tells without unpacking."""
        packed = self.size()
        if self.member is not None:
            with zipfile.ZipFile(self.path) as archive:
                told = archive.getinfo(self.member).file_size
        else:
            with self.path.open("rb") as file:
                if file.read(2) != _GZIP or packed < 18:
                    return packed
                file.seek(-4, os.SEEK_END)
                told = int.from_bytes(file.read(4), "little")
        return max(packed, min(told, packed * MAX_RATIO))

    def is_plain(self) -> bool:
        """Return whether its content is the file on disk, byte for byte."""
        if self.member is not None:
            return False
        with self.path.open("rb") as file:
            return file.read(2) != _GZIP

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open the unpacked bytes; troubles of the container become sentences."""
        with read_errors(self.shown):
            self.check_unchanged()
            if self.member is not None:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as inner:
                    size = archive.getinfo(self.member).compress_size
                    with _unpacked(inner, size, self.shown, packed=True) as stream:
                        yield stream
            else:
                with self.path.open("rb") as file:
                    size = self.path.stat().st_size
                    with _unpacked(file, size, self.shown, packed=False) as stream:
                        yield stream


class Hashing:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: Readable, digest: hashlib._Hash) -> None:
        self._stream, self._digest = stream, digest

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""
        data = self._stream.read(size)
        self._digest.update(data)
        return data


def wholly_utf8(file: RawFile) -> bool:
    """Return whether a file whose header does not tell is UTF-8 throughout."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open() as stream:
        try:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


@contextmanager
def read_errors(shown: str) -> Iterator[None]:
    """Turn what goes wrong while unpacking or reading into one sentence each."""
    try:
        yield
    except (EOFError, zlib.error) as error:
        raise Refused("ingest.truncated", file=shown) from error
    except (zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError) as error:
        raise Refused("ingest.broken_archive", file=shown) from error
    except PermissionError as error:
        raise Refused("ingest.not_readable", file=shown) from error
    except RuntimeError as error:
        if "encrypted" in str(error) or "password" in str(error):
            raise Refused("ingest.encrypted", file=shown) from error
        raise


@contextmanager
def _unpacked(raw: IO[bytes], size: int, shown: str, packed: bool) -> Iterator[IO[bytes]]:
    buffered = io.BufferedReader(raw, 1 << 20)  # type: ignore[type-var]
    if buffered.peek(2)[:2] == _GZIP:
        with gzip.GzipFile(fileobj=buffered) as inner:
            yield Bounded(inner, size, shown)
    elif packed:
        yield Bounded(buffered, size, shown)
    else:
        yield buffered


class Bounded(io.RawIOBase, IO[bytes]):  # type: ignore[misc]
    """A reader that refuses to unpack a bomb: too many times its size, or too large."""

    def __init__(self, inner: IO[bytes] | gzip.GzipFile, packed_size: int, shown: str) -> None:
        super().__init__()
        self._inner, self._shown, self._read = inner, shown, 0
        self._limit = min(MAX_BYTES, max(RATIO_FREE_BYTES, packed_size * MAX_RATIO))

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes."""
        if size < 0:
            size = self._limit + 1
        data = self._inner.read(size)
        self._read += len(data)
        if self._read > self._limit:
            raise Refused("ingest.bomb", file=self._shown, ratio=MAX_RATIO)
        return data


def find(sources: list[Path]) -> list[RawFile]:
    """Return the files behind what the caller named, folders walked, zip files opened.

    Raises:
        Refused: when a named path does not exist, or a named zip file cannot be opened.
    """
    found: list[RawFile] = []
    for source in sources:
        if source.is_dir():
            for folder, subfolders, names in os.walk(source, onerror=_unreadable):
                subfolders[:] = sorted(s for s in subfolders if not s.startswith("."))
                for name in sorted(names):
                    path = Path(folder) / name
                    # A link that leads nowhere is told, not passed over.
                    if not name.startswith(".") and (path.is_file() or not path.exists()):
                        found.extend(_expand(path, named=False))
        elif source.is_file():
            found.extend(_expand(source, named=True))
        else:
            raise Refused("ingest.no_such_file", file=source)
    unique: dict[tuple[Path, str | None], RawFile] = {}
    for file in found:
        key = (file.path.resolve(), file.member)
        if key not in unique or file.named:
            unique[key] = file
    return list(unique.values())


def check_unchanged(found: list[RawFile], taken: set[str]) -> None:
    """Make sure that no file that was taken changed while it was read: some are read twice."""
    for file in found:
        if file.shown in taken:
            file.check_unchanged()


def _expand(path: Path, named: bool) -> list[RawFile]:
    stamp = _stamp(path)
    whole = [RawFile(path, None, str(path), named, stamp)]
    try:
        with path.open("rb") as file:
            if file.read(4) != _ZIP:
                return whole
        with read_errors(str(path)), zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(m.filename == "[Content_Types].xml" for m in members):
                return whole
            if len(members) > MAX_MEMBERS:
                raise Refused("ingest.bomb", file=path, ratio=MAX_RATIO)
            if any(m.flag_bits & 1 for m in members):
                raise Refused("ingest.encrypted", file=path)
            one = len(members) == 1
            return [
                RawFile(path, m.filename, f"{path}/{_member_name(m)}", one and named, stamp)
                for m in members
                if not m.is_dir() and not m.filename.startswith(("__MACOSX/", "."))
            ]
    except (Refused, OSError):
        # The reading of the file itself will say what is wrong with it.
        return whole


def _stamp(path: Path) -> Stamp | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _unreadable(error: OSError) -> None:
    raise Refused("ingest.not_readable", file=error.filename) from error


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return the name as its maker saw it: old Korean tools wrote cp949 without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("cp949")
    except UnicodeError:
        return member.filename


def is_workbook(file: RawFile) -> bool:
    """Return whether a file on disk is a workbook of the kind that ``workbook.read`` opens."""
    if file.member is not None:
        return False
    try:
        with zipfile.ZipFile(file.path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def why_zip_unreadable(file: RawFile) -> None:
    """Raise the sentence for a zip file that ``find`` could not open, or for one in a zip."""
    if file.member is not None:
        raise Refused("ingest.nested_archive", file=file.shown)
    with read_errors(file.shown), zipfile.ZipFile(file.path) as archive:
        members = archive.infolist()
        if any(m.filename == "[Content_Types].xml" for m in members):
            raise Refused("ingest.spreadsheet", file=file.shown)
        if any(m.flag_bits & 1 for m in members):
            raise Refused("ingest.encrypted", file=file.shown)
        raise Refused("ingest.bomb", file=file.shown, ratio=MAX_RATIO)
