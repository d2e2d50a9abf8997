"""Cells of bounded width: text is cut, wide lists and bytes are left empty, and counted."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def cut(batch: pa.RecordBatch, chars: int) -> tuple[pa.RecordBatch, int]:
    """Return ``batch`` with no cell wider than ``chars``, and how many were cut.

    Text keeps its first ``chars`` letters. Bytes, lists, structs and maps that are wider
    (as bytes; as text) become null: cut short they would be something else.
    """
    count = 0
    columns = []
    for column in batch.columns:
        kept, wide = _cut(column, chars)
        columns.append(kept)
        count += wide
    if not count:
        return batch, 0
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema), count


def _cut(column: pa.Array, chars: int) -> tuple[pa.Array, int]:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        # Letters are at most four bytes: most columns need no look at their letters.
        if (pc.max(pc.binary_length(column)).as_py() or 0) <= chars:
            return column, 0
        wide = pc.sum(pc.greater(pc.utf8_length(column), chars)).as_py() or 0
        return (pc.utf8_slice_codeunits(column, 0, chars) if wide else column), wide
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        mask = pc.fill_null(pc.greater(pc.binary_length(column), chars), False)
    elif pa.types.is_nested(kind):
        if column.nbytes <= chars:
            return column, 0
        mask = pa.array([cell.is_valid and len(str(cell.as_py())) > chars for cell in column])
    else:
        return column, 0
    wide = pc.sum(mask).as_py() or 0
    if not wide:
        return column, 0
    # if_else knows no maps: take the row that is wanted, or none.
    rows = pc.if_else(mask, None, pa.array(range(len(column)), pa.int64()))
    return column.take(rows), wide
