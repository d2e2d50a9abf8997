"""Whatever stands in our own form: no crash, every row accounted for, again and in any order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.errors import Refused
from commerce.ingest import ingest
from tests.ingest.permits import table
from tests.ingest.test_market import A, B, balanced, cells, sale, sales_file

text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
values = st.one_of(
    st.integers(-2, 9).map(str), st.sampled_from(["", "-", "1,000", "x", "1e99"]), text
)
rows = st.builds(
    lambda trade, sales, merchants, period, months, code, part: sale(
        trade,
        sales,
        merchants,
        period,
        period_months=months,
        area_code=code,
        dimension=part[0],
        bucket=part[1],
        transactions="",
    ),
    st.sampled_from(["cafe", "pub", "all", "cafe_bakery", "bakery"]) | text,
    values,
    values,
    st.sampled_from(["2026-01", "2026-02", "2026-13"]) | text,
    st.sampled_from(["1", "3", "2"]),
    st.sampled_from([A, B, "11110515", "1"]) | text,
    st.sampled_from([("total", "all"), ("sex", "F"), ("sex", "M"), ("sex", "X")]),
)
files = st.lists(rows, min_size=1, max_size=8)


def account(data: Path) -> object:
    balanced(data)
    sources = table(data, "dataset", "source_id")
    counts = [(s["source_id"], s["rows_kept"], s["rows_superseded"]) for s in sources]
    return cells(data), table(data, "footfall", "period"), counts


@settings(max_examples=8, deadline=None)
@given(files, files)
def test_files_of_our_form(one, two):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good = [sale("karaoke", 7)]  # so that no file is refused as a whole
        a = sales_file(folder / "a.csv", *good, *one)
        b = sales_file(folder / "b.csv", *good, *two)
        try:
            for number, files in enumerate(([a, b], [b, a])):
                ingest(files, folder / f"{number}")
            first = account(folder / "0")
            assert account(folder / "1") == first
            ingest([a], folder / "0")
            assert account(folder / "0") == first
        except Refused:
            return  # one sentence for the whole file
