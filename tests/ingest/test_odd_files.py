"""Folders as fetching and people leave them: files that vanish, change, or lead nowhere."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commerce.errors import Refused
from commerce.ingest import ingest, permits
from tests.ingest.permits import csv_bytes, shop, table, write


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"


def before_reading(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Do something once the files are recognised, before the first permits are read."""
    read, done = permits.Permits.read, []

    def reading(self: Any, file: Any, progress: Any) -> Any:
        if not done:
            done.append(do())
        return read(self, file, progress)

    monkeypatch.setattr(permits.Permits, "read", reading)


def before_writing(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Do something once the permits are read."""
    link = permits.Permits.link
    monkeypatch.setattr(permits.Permits, "link", lambda self: (link(self), do()))


def test_a_file_that_vanishes_is_told_and_holds_back_no_other(
    raw: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(raw, [shop(1)])
    gone = write(raw, [shop(2)], "식품_제과점영업.csv")
    before_reading(monkeypatch, gone.unlink)
    report = ingest([raw], data)
    assert [row["permit_id"] for row in table(data)] == [shop(1)["id"]]
    assert [error.key for _, error in report.refused_files] == ["ingest.no_such_file"]


@pytest.mark.parametrize("when", [before_reading, before_writing])
def test_a_file_that_changes_while_it_is_read_is_not_half_of_each(
    raw: Path, data: Path, monkeypatch: pytest.MonkeyPatch, when: Callable[..., None]
) -> None:
    path = write(raw, [shop(1), shop(2, opened="언젠가")])
    other = write(raw.with_name("other"), [shop(n) for n in range(3, 9)])
    when(monkeypatch, lambda: os.replace(other, path))
    with pytest.raises(Refused) as refused:
        ingest([path], data)
    assert refused.value.key == "ingest.changed_meanwhile"
    assert not (data / "CURRENT").exists()


def test_a_file_that_grows_while_it_is_read_is_refused(
    raw: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(raw, [shop(1)])

    def grow() -> None:
        with path.open("ab") as file:
            file.write(csv_bytes([shop(2)]).split(b"\n")[1] + b"\n")

    before_writing(monkeypatch, grow)
    with pytest.raises(Refused) as refused:
        ingest([raw], data)
    assert refused.value.key == "ingest.changed_meanwhile"


def test_a_file_that_nobody_takes_may_change(
    raw: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(raw, [shop(1)])
    log = raw / "fetch.log"
    log.write_text("started\n")
    before_writing(monkeypatch, lambda: log.write_text("ended, at last\n"))
    assert ingest([raw], data).rows_kept == 1


def test_a_zip_that_is_replaced_by_another_is_refused(
    raw: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw.mkdir()
    path, other = raw / "permits.zip", raw.with_name("other.zip")
    for file, name in ((path, "식품_일반음식점.csv"), (other, "식품_제과점영업.csv")):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, csv_bytes([shop(1)]))
    before_reading(monkeypatch, lambda: shutil.move(other, path))
    with pytest.raises(Refused) as refused:
        ingest([path], data)
    assert refused.value.key == "ingest.changed_meanwhile"


def test_a_link_that_leads_nowhere_is_told(raw: Path, data: Path) -> None:
    write(raw, [shop(1)])
    (raw / "식품_제과점영업.csv").symlink_to(raw / "gone.csv")
    report = ingest([raw], data)
    assert report.rows_kept == 1
    assert [error.key for _, error in report.refused_files] == ["ingest.no_such_file"]


def test_links_and_hidden_folders_of_unfinished_files(raw: Path, data: Path) -> None:
    write(raw / ".fetch" / "under-way", [shop(2)])
    real = write(raw.with_name("elsewhere"), [shop(1)])
    (raw / real.name).symlink_to(real)
    ingest([raw], data)
    assert [row["permit_id"] for row in table(data)] == [shop(1)["id"]]


def test_a_folder_that_cannot_be_read_is_told(
    raw: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(raw, [shop(1)])
    closed = write(raw / "closed", [shop(2)]).parent
    scandir = os.scandir

    def denied(path: Any) -> Any:
        if path == str(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(Refused) as refused:
        ingest([raw], data)
    assert (refused.value.key, refused.value.params["file"]) == ("ingest.not_readable", str(closed))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\x00" * 100, b"\x1f\x8b"])
@pytest.mark.parametrize("name", ["rest_cafes.csv", "rest_cafes.json", "rest_cafes.csv.gz"])
def test_rubbish_is_a_sentence(raw: Path, data: Path, content: bytes, name: str) -> None:
    raw.mkdir()
    (raw / name).write_bytes(content)
    with pytest.raises(Refused) as refused:
        ingest([raw / name], data)
    assert "\n" not in str(refused.value)
