"""Snapshots: one atomic switch, the old one serves on, damage is a sentence."""

from pathlib import Path

import duckdb
import pytest

from commerce import snapshot
from commerce.errors import Refused
from commerce.schema import create_table_sql, tables


def build(data: Path) -> Path:
    """Build a whole, empty snapshot beside the current one."""
    folder = snapshot.begin(data)
    connection = duckdb.connect()
    for table in tables():
        connection.execute(create_table_sql(table))
        snapshot.write_table(connection, table, table, folder)
    return folder


def test_a_built_snapshot_is_served_only_after_the_switch(tmp_path: Path) -> None:
    first = snapshot.publish(tmp_path, build(tmp_path), "one")
    building = build(tmp_path)
    assert snapshot.resolve(tmp_path) == first
    second = snapshot.publish(tmp_path, building, "two")
    assert snapshot.resolve(tmp_path) == second
    assert first.id != second.id
    snapshot.switch(tmp_path, "one")
    assert snapshot.resolve(tmp_path).path.name == "one"


def test_an_incomplete_snapshot_is_not_published(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, build(tmp_path), "one")
    broken = build(tmp_path)
    (broken / "dong.parquet").unlink()
    with pytest.raises(Refused, match="dong"):
        snapshot.publish(tmp_path, broken, "two")
    assert snapshot.resolve(tmp_path).path.name == "one"


def test_a_pointer_to_nothing_or_to_elsewhere_is_refused(tmp_path: Path) -> None:
    for text in ("gone\n", "../..\n", "/etc\n", ""):
        (tmp_path / snapshot.POINTER).write_text(text)
        with pytest.raises(Refused):
            snapshot.resolve(tmp_path)


def test_a_new_folder_shows_the_demo_until_something_is_published_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("COMMERCE_DATA", str(data))
    with pytest.raises(Refused, match="COMMERCE_DATA"):
        snapshot.resolve()  # no such folder: a name that is misspelt
    data.mkdir()
    (data / ".ingest-lock").touch()
    assert snapshot.resolve().path == snapshot.DEMO_DIR
    building = build(data)
    assert snapshot.resolve().path == snapshot.DEMO_DIR
    published = snapshot.publish(data, building, "000001-20261126T000000Z")
    assert snapshot.resolve() == published
    with pytest.raises(Refused):
        snapshot.resolve(tmp_path)  # who names a folder means that one


def test_a_folder_of_other_files_or_without_its_pointer_is_not_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMERCE_DATA", str(tmp_path))
    (tmp_path / "permits.csv").touch()
    with pytest.raises(Refused):
        snapshot.resolve()
    (tmp_path / "permits.csv").rename(tmp_path / "history.jsonl")
    with pytest.raises(Refused):
        snapshot.resolve()


def test_switching_to_a_missing_snapshot_changes_nothing(tmp_path: Path) -> None:
    snapshot.publish(tmp_path, build(tmp_path), "one")
    with pytest.raises(Refused):
        snapshot.switch(tmp_path, "two")
    assert snapshot.resolve(tmp_path).path.name == "one"


def test_old_snapshots_go_but_never_the_current(tmp_path: Path) -> None:
    for number in range(snapshot.KEEP + 2):
        snapshot.publish(tmp_path, build(tmp_path), f"s{number}")
    assert len(snapshot.history(tmp_path)) == snapshot.KEEP
    oldest = snapshot.history(tmp_path)[0]
    snapshot.switch(tmp_path, oldest)
    for number in range(snapshot.KEEP + 1):
        building = build(tmp_path)
        (tmp_path / f"t{number}").mkdir()
        building.rename(tmp_path / f"t{number}" / "x")
    snapshot.prune(tmp_path)
    assert snapshot.resolve(tmp_path).path.name == oldest
