"""Refused rows as a file that staff can mend and send again: original columns, the reason first.

The reason and the line number stand in front, so that a row with too few or too many
values keeps its shape: sent again as it is, it is refused again for the same reason. Ingest passes
over both columns, and takes the quote mark away that stands before what a spreadsheet would
run as a formula (:mod:`commerce.ingest.headers`).
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from commerce.i18n import t
from commerce.ingest import headers
from commerce.ingest.headers import Header
from commerce.ingest.recognise import service_of_name
from commerce.output import _FORMULA_STARTS
from commerce.snapshot import Snapshot

#: A reason that no mending helps: the row is of another place.
ELSEWHERE = "outside_district"
#: A file with more rows comes zipped; ingest reads it so as well.
ZIPPED_ABOVE = 50_000
_SQL = Path(__file__).with_name("refused_rows.sql").read_text(encoding="utf-8")
_NUMBER = re.compile(r"[+-]?[\d.,]*")


@dataclass(frozen=True)
class RefusedRow:
    """One refused row: its number from 1 after the header, why, and its values as they stood."""

    line: int
    reason: str
    values: list[str]


def file_name(title: str) -> str:
    """Return a name for the file, such that ingest can tell the service of permits by it.

    Args:
        title: of the source, as ``dataset`` has it: what it is, a middle dot, the file's name.
    """
    what, _, name = title.rpartition(" · ")
    stem = re.sub(r"(\.(csv|txt|tsv|json|xml|parquet|gz|zip))+$", "", name, flags=re.IGNORECASE)
    if what.endswith(" 인허가") and service_of_name(name) is None:
        stem = f"{what.removesuffix(' 인허가')}_{stem}"
    return re.sub(r"[^\w.()\- ]", "_", f"{stem}_{t('refused.file')}")


def header_of(snapshot: Snapshot, source_id: str) -> Header | None:
    """Return the columns of a source's refused rows, or None where they were not kept."""
    return headers.load(snapshot).get(source_id)


def examples(snapshot: Snapshot, source_id: str, most: int = 3) -> list[RefusedRow]:
    """Return the first ``most`` refused rows of each reason."""
    header = header_of(snapshot, source_id)
    with duckdb.connect() as connection:
        found = connection.execute(
            _SQL,
            {"file": str(snapshot.file("refused")), "source_id": source_id, "most": most},
        ).fetchall()
    return [RefusedRow(line, reason, _values(raw, header)) for reason, line, raw in found]


def rows(snapshot: Snapshot, source_id: str, elsewhere: bool = True) -> Iterator[RefusedRow]:
    """Yield the refused rows of a source in the order of its file.

    Args:
        snapshot: the snapshot.
        source_id: the source.
        elsewhere: whether rows that lie outside the district come too.
    """
    header = header_of(snapshot, source_id)
    columns = ["source_id", "line", "reason", "raw"]
    with pq.ParquetFile(snapshot.file("refused")) as file:
        for group in range(file.num_row_groups):
            # The file is sorted by source: most groups hold other sources alone.
            facts = file.metadata.row_group(group).column(0).statistics
            known = facts is not None and facts.has_min_max
            if known and not facts.min <= source_id <= facts.max:
                continue
            for batch in file.iter_batches(10_000, row_groups=[group], columns=columns):
                for source, line, reason, raw in zip(
                    *(column.to_pylist() for column in batch.columns), strict=True
                ):
                    if source == source_id and (elsewhere or reason != ELSEWHERE):
                        yield RefusedRow(line, reason, _values(raw, header))


def to_file(snapshot: Snapshot, source_id: str, title: str, elsewhere: bool = True) -> bytes:
    """Return the refused rows as UTF-8 CSV with a BOM; see :func:`is_zipped`.

    Written to disk first: a nation's file leaves millions of rows outside a district.
    """
    header = header_of(snapshot, source_id)
    names = list(header.names) if header else [t("refused.column.raw")]
    reasons: dict[str, str] = {}
    with tempfile.TemporaryFile() as file:
        file.write(b"\xef\xbb\xbf")
        text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([t("refused.column.reason"), t("refused.column.line"), *map(_safe, names)])
        count = 0
        for row in rows(snapshot, source_id, elsewhere):
            words = reasons.setdefault(row.reason, t(f"reason.{row.reason}"))
            writer.writerow([words, row.line, *map(_safe, row.values)])
            count += 1
        text.flush()
        file.seek(0)
        if not is_zipped(count):
            return file.read()
        packed = io.BytesIO()
        with (
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(f"{file_name(title)}.csv", "w", force_zip64=True) as member,
        ):
            shutil.copyfileobj(file, member, 1 << 20)
        return packed.getvalue()


def is_zipped(count: int) -> bool:
    """Return whether so many rows come as a ``.zip`` that holds the ``.csv``."""
    return count > ZIPPED_ABOVE


def _values(raw: str | None, header: Header | None) -> list[str]:
    """Return the values of a row; whatever cannot be cut up is one value."""
    raw = raw or ""
    if header is None:
        return [raw]
    if header.delimiter == headers.JSON:
        try:
            record = json.loads(raw)
        except ValueError:
            return [raw]
        if not isinstance(record, dict):
            return [raw]
        return [_text(record.get(name)) for name in header.names]
    try:
        return next(csv.reader(io.StringIO(raw, newline=""), delimiter=header.delimiter), [])
    except csv.Error:
        return raw.split(header.delimiter)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _safe(value: str) -> str:
    """Return a value that no spreadsheet runs as a formula; numbers stay as they are."""
    if value.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
