"""Backups: whole, of one moment, restored by plain commands; and what is refused."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from commerce import backup as backups
from commerce import library
from commerce.backup import backup
from commerce.errors import Refused
from commerce.snapshot import Snapshot, begin, publish, resolve, switch
from tests.conftest import shop

ROOT = Path(__file__).resolve().parent.parent
Make = Callable[..., Snapshot]


@pytest.fixture
def data(tmp_path: Path, make_snapshot: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with three snapshots, the second served, and a state folder."""
    folder = tmp_path / "live data"
    for number in (1, 2, 3):
        building = begin(folder)
        made = make_snapshot([shop("2020-01-01")] * number)
        shutil.copytree(made.path, building, dirs_exist_ok=True)
        publish(folder, building, f"2026-0{number}")
    switch(folder, "2026-02")
    begin(folder)  # another is being built
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COMMERCE_DATA", str(folder))
    library.save("첫 질의", "", "select 1", {}, "kim@gwangsan.go.kr")
    (tmp_path / "state" / "staff.txt").write_text("kim@gwangsan.go.kr\n")
    (tmp_path / "state" / "journal").mkdir()
    (tmp_path / "state" / "journal" / "sql-2026-10.jsonl").write_text('{"who": "kim"}\n')
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_backup_is_whole_and_restored_by_plain_commands(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backups" / "2026-11-25"
    made = backup(target)
    assert (made.snapshots, made.folder) == (3, target)
    before = content(data)
    assert content(target / "data") == before
    assert target.stat().st_mode & 0o077 == 0
    assert (target / "state" / "library.sqlite").stat().st_mode & 0o077 == 0
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=target, check=False
    )
    assert checked.returncode == 0
    listed = {line.split("  ", 1)[1] for line in (target / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(content(target)) - {"SHA256SUMS"}

    shutil.rmtree(data)
    shutil.rmtree(tmp_path / "state")
    for name, folder in (("data", data), ("state", tmp_path / "state")):
        folder.mkdir()
        subprocess.run(["cp", "-a", f"{target / name}/.", str(folder)], check=True)
    assert content(data) == before
    assert resolve(data).path.name == "2026-02"
    assert [entry.title for entry in library.saved()] == ["첫 질의"]
    publish(data, _another(data), "2026-04")  # and life goes on
    assert resolve(data).path.name == "2026-04"


def _another(data: Path) -> Path:
    building = begin(data)
    shutil.copytree(data / "2026-02", building, dirs_exist_ok=True)
    return building


def test_a_database_in_use_is_copied_as_of_one_moment(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "state" / "wal.sqlite"
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("pragma journal_mode = wal")
    writer.execute("create table t (a)")
    writer.execute("insert into t values (1)")  # lies beside the file as yet
    writer.execute("begin immediate")
    writer.execute("insert into t values (2)")  # and this is not said yet
    backup(tmp_path / "kept")
    assert not list((tmp_path / "kept" / "state").glob("*-wal"))
    with sqlite3.connect(tmp_path / "kept" / "state" / "wal.sqlite") as copy:
        assert copy.execute("select a from t").fetchall() == [(1,)]
    writer.execute("rollback")
    writer.close()


def test_an_old_snapshot_may_vanish_meanwhile_the_served_one_may_not(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backups._copy
    gone: list[str] = []

    def pruning(source: Path, target: Path) -> None:
        if gone and (data / gone[0]).exists():
            shutil.rmtree(data / gone[0])
        copy(source, target)

    monkeypatch.setattr(backups, "_copy", pruning)
    gone.append("2026-01")
    assert backup(tmp_path / "a").snapshots == 2
    assert (tmp_path / "a" / "data" / "CURRENT").read_text() == "2026-02\n"

    def moving(source: Path, target: Path) -> None:
        if resolve(data).path.name == "2026-02":
            switch(data, "2026-03")
            shutil.rmtree(data / "2026-02")
        copy(source, target)

    monkeypatch.setattr(backups, "_copy", moving)
    made = backup(tmp_path / "b")
    assert made.snapshots == 1
    assert (tmp_path / "b" / "data" / "CURRENT").read_text() == "2026-03\n"
    assert resolve(tmp_path / "b" / "data").path.name == "2026-03"


def test_what_cannot_be_is_refused_and_leaves_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "x").write_text("mine")
    for target in (taken, taken / "x", data / "backup", tmp_path / "state" / "backup"):
        with pytest.raises(Refused):
            backup(target)
    assert content(taken) == {"x": b"mine"}
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _where: usage._replace(free=100))
    with pytest.raises(Refused, match="모자랍니다"):
        backup(tmp_path / "full")
    monkeypatch.undo()
    monkeypatch.setenv("COMMERCE_STATE", str(tmp_path / "none"))
    with pytest.raises(Refused):
        backup(tmp_path / "full", tmp_path / "nothing")

    def failing(_source: Path, _target: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(backups, "_copy", failing)
    with pytest.raises(Refused, match=os.strerror(28)):
        backup(tmp_path / "full", data)
    assert not (tmp_path / "full").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_command_says_what_it_did(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    command = [sys.executable, "-m", "commerce", "backup", str(tmp_path / "b")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "스냅숏 3개" in done.stdout
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert len(again.stderr.splitlines()) == 1
