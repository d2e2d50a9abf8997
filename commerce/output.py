"""Results as files: a table for the terminal, CSV, JSON and Parquet, safe to open anywhere."""

from __future__ import annotations

import io
import sys
import unicodedata

import pandas as pd

# A spreadsheet runs a cell that starts with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TABLE_ROWS = 200


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return UTF-8 CSV with a BOM (Excel reads Korean), text never read as a formula."""
    safe = frame.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = safe[column].map(_unformula)
    text: str = safe.to_csv(index=False)
    return b"\xef\xbb\xbf" + text.encode()


def _unformula(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def write(frame: pd.DataFrame, form: str) -> None:
    """Write a result to standard output as ``table``, ``csv``, ``json`` or ``parquet``."""
    if form == "table":
        print(to_text(frame))
    elif form == "csv":
        sys.stdout.buffer.write(to_csv(frame)[3:])
    elif form == "json":
        print(frame.to_json(orient="records", force_ascii=False, date_format="iso", indent=1))
    else:
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        sys.stdout.buffer.write(buffer.getvalue())


def to_text(frame: pd.DataFrame) -> str:
    """Return the first 200 rows as aligned text; Korean letters count two columns."""
    shown = frame.head(_TABLE_ROWS)
    cells = [list(map(str, shown.columns))]
    cells += [[_cell(value) for value in row] for row in shown.itertuples(index=False)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = []
    for number, row in enumerate(cells):
        padded = (text + " " * (w - _width(text)) for text, w in zip(row, widths, strict=True))
        lines.append("  ".join(padded).rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    if len(frame) > _TABLE_ROWS:
        lines.append(f"… {len(frame):,} rows in all; --format csv gives every row")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, pd.Timestamp):
        at_midnight = value == value.normalize()
        return str(value.date().isoformat() if at_midnight else value.isoformat(" "))
    # Control characters in names must not reach the terminal.
    return "".join(c if c.isprintable() else "�" for c in str(value))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
