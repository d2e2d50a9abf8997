"""Results as files: Korean for Excel, text never a formula, one aligned table."""

import datetime as dt

import pandas as pd
import pytest

from commerce.output import to_csv, to_text


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1+2", "@sum(A1)", "\t=x", "\r=x"])
def test_text_never_becomes_a_formula(text: str) -> None:
    written = to_csv(pd.DataFrame({"name": [text]})).decode("utf-8-sig")
    assert pd.read_csv(__import__("io").StringIO(written))["name"].iloc[0].startswith("'")


def test_numbers_and_markup_stay_as_they_are() -> None:
    frame = pd.DataFrame({"n": [-5, 3], "name": ["<script>alert(1)</script>", "카페"]})
    written = to_csv(frame)
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig").splitlines()[1] == "-5,<script>alert(1)</script>"


def test_a_table_is_aligned_and_tells_when_it_is_cut() -> None:
    frame = pd.DataFrame({"이름": ["가게", "a\x1b[31m"], "on": [dt.date(2020, 1, 1), None]})
    lines = to_text(frame).splitlines()
    assert lines[1] == "------  ----------"
    assert lines[2] == "가게    2020-01-01"
    assert "\x1b" not in lines[3]
    assert "250 rows in all" in to_text(pd.DataFrame({"n": range(250)}))
