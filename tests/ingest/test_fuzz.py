"""Spoilt files of every adapter: never a crash, only refusals; never an unaccounted row."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from commerce.errors import Refused
from commerce.ingest import files, ingest
from commerce.ingest.market.registry import adapters
from commerce.ingest.reference import layouts
from commerce.ingest.report import Report
from tests.ingest import fuzz
from tests.ingest.permits import table

SEEDS = fuzz.seeds()
TABLES = [name for name, (file, _) in SEEDS.items() if file.endswith(".csv")]


def lay(folder: Path, given: dict[str, tuple[str, bytes]]) -> Path:
    """Write files, each in a folder of its own, since names tell services."""
    for n, (name, content) in enumerate(given.values()):
        place = folder / f"{n:03d}"
        place.mkdir(parents=True)
        (place / name).write_bytes(content)
    return folder


def take(folder: Path, data: Path, **options: object) -> Report | None:
    """Ingest a folder of spoilt files; everything is refused in a sentence or accounted for."""
    refusal = None
    try:
        report = ingest([folder], data, **options)
    except Refused as error:
        refusal = str(error)
    if refusal is not None:
        assert refusal.strip()
        assert "\n" not in refusal
        return None
    for _, error in report.refused_files:
        assert "\n" not in str(error)
    known = {shown for shown, _ in report.refused_files} | {s.shown for s in report.sources}
    assert known == {file.shown for file in files.find([folder])}
    for source in report.sources:
        assert source.rows_in == source.rows_kept + source.rows_refused, source
        assert source.rows_refused == source.refused.total()
    balanced(data)
    return report


def balanced(data: Path) -> None:
    refused = table(data, "refused", "source_id, line")
    for source in table(data, "dataset", "source_id"):
        assert source["rows_in"] == source["rows_kept"] + source["rows_refused"], source
        mine = [row for row in refused if row["source_id"] == source["source_id"]]
        assert len(mine) == source["rows_refused"]
        assert len({row["line"] for row in mine}) == len(mine)
    numbers = [(row["service_code"], row["permit_id"]) for row in table(data)]
    assert len(set(numbers)) == len(numbers)


def test_every_adapter_has_a_seed_that_is_read(tmp_path):
    report = take(lay(tmp_path / "in", SEEDS), tmp_path / "data", district="all")
    assert report is not None
    assert report.refused_files == []
    kept = {source.adapter for source in report.sources if source.rows_kept}
    assert kept >= {*adapters(), *(layout.adapter for layout in layouts())}


@pytest.mark.parametrize("seed", range(6))
def test_spoilt_files_are_accounted_for(seed, tmp_path):
    """Each file of each adapter, spoilt in a way of its own; half the time added to good ones."""
    chance = random.Random(seed)
    spoilt = {}
    for kind, (name, content) in SEEDS.items():
        for n in range(2):
            spoil = chance.choice(
                (*fuzz.SPOILERS, fuzz.columns) if kind in TABLES else fuzz.SPOILERS
            )
            spoilt[f"{kind} {n}"] = (name, spoil(content, chance))
    data = tmp_path / "data"
    if seed % 2:
        ingest([lay(tmp_path / "good", SEEDS)], data, district="all")
    take(lay(tmp_path / "in", spoilt), data, district="all" if seed % 4 < 2 else None)


@pytest.mark.parametrize("seed", range(3))
def test_spoilt_outlines_and_workbooks(seed, tmp_path):
    chance = random.Random(100 + seed)
    given = {"shops": SEEDS["semas_shops"], "permits": SEEDS["permits"]}
    for n in range(3):
        for kind, (name, content) in (
            ("outline", fuzz.boundaries()),
            ("workbook", fuzz.workbook(tmp_path)),
        ):
            given[f"{kind} {n}"] = (name, chance.choice(fuzz.SPOILERS)(content, chance))
    take(lay(tmp_path / "in", given), tmp_path / "data")


def test_columns_in_any_order_read_the_same(tmp_path):
    """Every table with its columns turned round, header and rows alike, gives the same rows."""
    turned = {}
    # Two spellings of one table would become one file, which is read once.
    kinds = [kind for kind in TABLES if not kind.startswith("B ")]
    for kind in kinds:
        name, content = SEEDS[kind]
        encoding = "utf-8-sig" if content[:3] == b"\xef\xbb\xbf" else "utf-8"
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            text = content.decode("cp949")
        rows = [row[::-1] for row in csv.reader(io.StringIO(text, newline=""))]
        turned[kind] = (name, fuzz._table(rows[0], rows[1:], "utf-8"))
    plain = {kind: SEEDS[kind] for kind in kinds}
    counts = []
    for given in (plain, turned):
        folder = tmp_path / f"{len(counts)}"
        report = take(lay(folder / "in", given), folder / "data", district="all")
        assert report is not None
        counts.append([(s.adapter, s.rows_in, s.rows_kept) for s in report.sources])
        assert all(rows_in for _, rows_in, _ in counts[-1])
    assert counts[0] == counts[1]
