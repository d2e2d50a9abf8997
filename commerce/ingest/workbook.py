"""Reads the one workbook that ingest knows: the mapping of the older shop trades to those of 2302.

The publisher's file may not be copied into the project, so that its pairs are kept with
the data that they were ingested with.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commerce.errors import Refused
from commerce.ingest import account
from commerce.ingest.account import Publication
from commerce.ingest.files import RawFile, read_errors
from commerce.ingest.report import SourceReport
from commerce.ingest.setting import sha256_of
from commerce.snapshot import Snapshot

ADAPTER = "semas_classification"
STATE_FILE = "state_trade_link.parquet"
#: A trade code of 2302, and one of the classification before.
NEW_CODE, OLD_CODE = r"[A-Z]\d{5}", r"[A-Z]\d{2}[A-Z]\d{2}"
_PUBLICATION = Publication("소상공인시장진흥공단", "미확인", True)
#: So many bytes the sheets may unpack to, and so many rows and columns are looked at.
_MAX_BYTES, _MAX_ROWS, _MAX_COLUMNS = 64 * 2**20, 20_000, 40


@dataclass(frozen=True)
class Link:
    """An older trade and the one of 2302 that holds it now; either may be absent."""

    code_before: str | None
    name_before: str | None
    code_now: str | None
    source_id: str


@dataclass
class Workbook:
    """A workbook that was read: its pairs, and the rows that hold neither code."""

    report: SourceReport
    file: RawFile
    links: list[Link]
    refused: list[tuple[int, str, str]]

    def account(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write ``dataset`` and ``refused`` of the workbook."""
        account.add_source(connection, self.report, self.file, _PUBLICATION)
        account.add_refused(connection, self.report.source_id, self.refused)


@dataclass
class Links:
    """The pairs that are known, of this ingest or an earlier one."""

    links: list[Link] = field(default_factory=list)
    given: list[Workbook] = field(default_factory=list)

    def load(self, previous: Snapshot | None) -> None:
        """Take over the pairs of earlier ingests."""
        file = previous.path / STATE_FILE if previous else None
        if file is not None and file.is_file():
            self.links = [Link(**row) for row in pq.read_table(file).to_pylist()]

    def add(self, workbook: Workbook) -> SourceReport:
        """Take the pairs of a workbook; they replace those known before."""
        for other in self.given:
            if other.report.source_id == workbook.report.source_id:
                workbook.report.repeated_of = other.report.shown
                workbook.report.rows_in = workbook.report.rows_kept = 0
                return workbook.report
        self.given.append(workbook)
        newest = max(self.given, key=lambda w: (len(w.links), w.report.source_id))
        self.links = newest.links
        return workbook.report

    def codes_now(self) -> dict[str, set[str]]:
        """Return the codes of 2302 by older code; none for a trade that was dropped."""
        found: dict[str, set[str]] = {}
        for link in self.links:
            if link.code_before:
                codes = found.setdefault(link.code_before, set())
                codes |= {link.code_now} if link.code_now else set()
        return found

    def save(self, folder: Path) -> None:
        """Keep the pairs in a snapshot, for later ingests."""
        if self.links:
            rows = [vars(link) for link in self.links]
            pq.write_table(pa.Table.from_pylist(rows), folder / STATE_FILE, compression="zstd")


def read(file: RawFile) -> Workbook:
    """Return the pairs of the workbook.

    Raises:
        Refused: when it is another spreadsheet, or cannot be opened.
    """
    source_id = sha256_of(file)[:16]
    rows = _pair_rows(file)
    links, refused = [], []
    for line, row in enumerate(rows, 1):
        before, now = _first(row, OLD_CODE), _first(row, NEW_CODE)
        if before is None and now is None:
            refused.append((line, "bad_code", " | ".join(text for text in row if text)[:2000]))
            continue
        name = row[before + 3] if before is not None and before + 3 < len(row) else ""
        links.append(
            Link(
                row[before] if before is not None else None,
                name or None,
                row[now] if now is not None else None,
                source_id,
            )
        )
    report = SourceReport(
        source_id,
        f"상가(상권)정보 업종 연계표 · {file.name}",
        ADAPTER,
        file.shown,
        None,
        rows_in=len(rows),
        rows_kept=len(links),
        rows_refused=len(refused),
        refused=Counter(reason for _, reason, _ in refused),
    )
    return Workbook(report, file, links, refused)


def _pair_rows(file: RawFile) -> list[list[str]]:
    """Return the rows below the headings of the sheet that pairs older codes with new ones."""
    # Few ingests hold a workbook, and it takes a fifth of a second to be able to read one.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    with read_errors(file.shown), file.path.open("rb") as stream:
        with zipfile.ZipFile(stream) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MAX_BYTES:
                raise Refused("ingest.spreadsheet", file=file.shown)
        try:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            for sheet in book.worksheets:
                cells = sheet.iter_rows(max_row=_MAX_ROWS, max_col=_MAX_COLUMNS, values_only=True)
                rows = [[_text(cell) for cell in row] for row in cells]
                paired = [
                    place
                    for place, row in enumerate(rows)
                    if _first(row, OLD_CODE) is not None and _first(row, NEW_CODE) is not None
                ]
                if paired:
                    start = _below_heading(rows, paired[0])
                    return [row for row in rows[start:] if any(row)]
        except (Refused, zipfile.BadZipFile):
            raise
        except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError) as error:
            raise Refused("ingest.broken_workbook", file=file.shown) from error
        except (IndexError, SyntaxError, OSError) as error:
            raise Refused("ingest.broken_workbook", file=file.shown) from error
    raise Refused("ingest.spreadsheet", file=file.shown)


def _below_heading(rows: list[list[str]], paired: int) -> int:
    """Return the first row that holds a code, looking up from one that holds both."""
    start = paired
    while start > 0 and (_first(rows[start - 1], OLD_CODE) is not None) | (
        _first(rows[start - 1], NEW_CODE) is not None
    ):
        start -= 1
    return start


def _first(row: list[str], pattern: str) -> int | None:
    return next((place for place, text in enumerate(row) if re.fullmatch(pattern, text)), None)


def _text(cell: object) -> str:
    return "" if cell is None else re.sub(r"\s+", " ", str(cell)).strip()
