"""Whatever a permit file holds: no crash, every row accounted for, order without influence."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commerce.errors import Refused
from commerce.ingest import ingest
from commerce.ingest.delimited import fields, records
from tests.ingest.permits import csv_bytes, shop, table

dates = st.one_of(
    st.dates(dt.date(1890, 1, 1), dt.date(2027, 12, 31)).map(str),
    st.sampled_from(["", "2020-01-15", "20200115", "0001-01-01", "2099-01-01", "x", "00000000"]),
)
texts = st.text(max_size=12)
rows = st.builds(
    lambda number, **changes: shop(number, **changes),
    st.integers(1, 12),
    opened=dates,
    closed=dates,
    code=st.sampled_from(["01", "02", "03", "04", "05", "06", "", "9"]),
    name=texts,
    lot=st.one_of(
        texts, st.sampled_from(["광주광역시 광산구 수완동 1452", "광주광역시 광산구 운수동 25-1"])
    ),
    road=st.sampled_from(["", "광주광역시 광산구 장신로 164, 1층 (수완동)", "장신로"]),
    x=st.sampled_from(["", "183772.5   ", "0", "-1e300", "nan", "183900.1"]),
    authority=st.sampled_from(["3630000", "5825000", "", "3000000"]),
    modified=st.sampled_from(["", "2024-05-01 10:00:00", "20090102100019", "??"]),
    refreshed=st.sampled_from(["2025-01-31 00:00:00", "2026-02-07 22:02:00", "2026-07-31 1"]),
)
slow = settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def take(contents: list[bytes], folder: Path, together: bool) -> Path:
    """Ingest these files, in one run or one after the other; refused ones leave no trace."""
    data = folder / "data"
    paths = []
    for number, content in enumerate(contents):
        source = folder / str(number)
        source.mkdir(exist_ok=True)
        (source / "일반음식점.csv").write_bytes(content)
        paths.append(source)
    for group in [paths] if together else [[path] for path in paths]:
        try:
            ingest(group, data, district="all")
        except Refused:
            continue
    return data


def state(data: Path) -> list[object]:
    """Return what must not depend on the order: rows, refused rows, accounts."""
    if not (data / "CURRENT").exists():
        return []
    accounts = [
        {k: v for k, v in row.items() if k not in ("ingested_at", "title")}
        for row in table(data, "dataset", "source_id")
    ]
    for account in accounts:
        assert account["rows_in"] == account["rows_kept"] + account["rows_refused"]
    refused = table(data, "refused", "source_id, line")
    assert len(refused) == sum(account["rows_refused"] for account in accounts)
    return [table(data, order="identity_key, permit_id"), refused, accounts]


@slow
@given(st.lists(rows, min_size=1, max_size=15), st.sampled_from(["utf-8-sig", "cp949"]))
def test_in_is_kept_and_refused_and_again_changes_nothing(shops, encoding):
    raw = csv_bytes(shops, "B", encoding)
    with tempfile.TemporaryDirectory() as name:
        data = take([raw], Path(name), together=True)
        first = state(data)
        take([raw], Path(name), together=True)
        assert state(data) == first


@slow
@given(st.lists(st.lists(rows, min_size=1, max_size=8), min_size=2, max_size=3), st.randoms())
def test_order_of_files_does_not_matter(parts, chance):
    contents = sorted({csv_bytes(part, "B", "utf-8-sig") for part in parts})
    shuffled = contents[:]
    chance.shuffle(shuffled)
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        tempfile.TemporaryDirectory() as three,
    ):
        together = state(take(contents, Path(one), together=True))
        assert state(take(shuffled, Path(two), together=True)) == together
        separate = state(take(shuffled, Path(three), together=False))
        if len({account["source_id"] for account in (separate or [[], [], []])[2]}) == len(
            contents
        ):
            assert separate == together


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.binary(max_size=400))
def test_bytes_after_a_good_header_never_crash(junk):
    content = csv_bytes([shop(1)]) + junk
    with tempfile.TemporaryDirectory() as name:
        state(take([content], Path(name), together=True))


@given(st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=4), min_size=1, max_size=6))
def test_records_and_fields_read_what_csv_writes(written):
    import csv
    import io

    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(written)
    piece = buffer.getvalue().encode()
    found = [fields(record, b",") for record in records(piece, b",")]
    assert found == [[cell.encode() for cell in row] for row in written]
