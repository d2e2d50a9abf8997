"""The ingest rules, each on a few lines."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest

from commerce.errors import Refused
from commerce.ingest import ingest
from tests.ingest.permits import NOWHERE, SHOP, csv_bytes, shop, table, write

NEW = {"refreshed": "2026-06-30 12:00:00"}
OLD = {"refreshed": "2025-01-31 12:00:00"}


def one(data, **wanted):
    rows = [r for r in table(data) if all(r[k] == v for k, v in wanted.items())]
    assert len(rows) == 1, rows
    return rows[0]


@pytest.mark.parametrize(
    ("changes", "status", "exit_on", "exit_kind", "quality"),
    [
        ({"code": "01"}, "open", None, None, None),
        ({"code": "1"}, "open", None, None, None),
        ({"code": "02", "state": "휴업"}, "suspended", None, None, None),
        ({"code": "03", "closed": "2022-01-02"}, "closed", "2022-01-02", "closed", "reported"),
        ({"code": "03"}, "closed", "2024-05-01", "closed", "imputed"),
        ({"code": "03", "modified": ""}, "closed", None, "closed", "unknown"),
        ({"code": "03", "closed": "00000000"}, "closed", "2024-05-01", "closed", "imputed"),
        ({"code": "04", "cancelled": "20220102"}, "cancelled", "2022-01-02", "cancelled",
         "reported"),
        ({"code": "04", "closed": "2022-01-02"}, "cancelled", "2022-01-02", "cancelled",
         "reported"),
        ({"code": "04"}, "cancelled", "2024-05-01", "cancelled", "imputed"),
        ({"code": "05"}, "moved_out", "2024-05-01", "moved_out", "imputed"),
        ({"code": "06", "state": "기타"}, "unknown", None, None, "unknown"),
        ({"code": "", "state": "폐업", "closed": "2022-01-02"}, "closed", "2022-01-02", "closed",
         "reported"),
        ({"code": "", "state": "취소/말소/만료/정지/중지"}, "cancelled", "2024-05-01", "cancelled",
         "imputed"),
        ({"code": "", "state": "알 수 없는 말"}, "unknown", None, None, "unknown"),
        # A closure date left behind by a shop that opened again means nothing.
        ({"code": "01", "closed": "2022-01-02"}, "open", None, None, None),
    ],
)  # fmt: skip
def test_status(tmp_path, data, changes, status, exit_on, exit_kind, quality):
    ingest([write(tmp_path, [shop(1, **changes)])], data)
    row = one(data)
    day = dt.date.fromisoformat(exit_on) if exit_on else None
    assert (row["status"], row["exit_on"], row["exit_kind"], row["exit_date_quality"]) == (
        status, day, exit_kind, quality
    )  # fmt: skip


@pytest.mark.parametrize("area", ["0", "", "-", "0.0", "nan"])
def test_area_unknown(tmp_path, data, area):
    ingest([write(tmp_path, [shop(1, area=area)])], data)
    assert one(data)["area_m2"] is None


def test_missing_permit_date_is_kept_as_unknown(tmp_path, data):
    ingest([write(tmp_path, [shop(1, opened="")])], data)
    assert one(data)["opened_on"] is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"opened": "0001-01-01"}, "impossible_date"),
        ({"opened": "1899-12-31"}, "impossible_date"),
        ({"opened": "2099-01-01"}, "impossible_date"),
        ({"code": "03", "closed": "2099-01-01"}, "impossible_date"),
        ({"opened": "2020-13-45"}, "bad_date"),
        ({"opened": "infinity"}, "bad_date"),
        ({"opened": "작년"}, "bad_date"),
        ({"code": "03", "closed": "2020/99/01"}, "bad_date"),
        ({"id": "  "}, "no_permit_id"),
        ({"name": "가" * 5000}, "too_long"),
        ({"x": "200079.663985257    ", "y": "453836.098562833    "}, "outside_district"),
        (NOWHERE | {"authority": "3000000", "road": "", "lot": "서울특별시 종로구 효자동 31"},
         "outside_district"),
    ],
)  # fmt: skip
def test_refused_rows_keep_their_text(tmp_path, data, changes, reason):
    ingest([write(tmp_path, [shop(1), shop(2, **changes), shop(3)])], data)
    (row,) = table(data, "refused", "line")
    assert (row["line"], row["reason"]) == (2, reason)
    assert row["raw"].startswith("한식," + changes.get("authority", "3630000") + ",")
    assert [r["permit_id"][-1] for r in table(data)] == ["1", "3"]
    (source,) = [d for d in table(data, "dataset", "title") if d["adapter"] == "file_server_csv"]
    assert (source["rows_in"], source["rows_kept"], source["rows_refused"]) == (3, 2, 1)


def test_undecodable_bytes_refuse_the_row_only(tmp_path, data):
    content = csv_bytes([shop(1), shop(2, name="@@"), shop(3)]).replace(b"@@", b"\xff\xff")
    (tmp_path / "일반음식점.csv").write_bytes(content)
    ingest([tmp_path / "일반음식점.csv"], data)
    (row,) = table(data, "refused", "line")
    assert (row["line"], row["reason"]) == (2, "bad_bytes")
    assert "\\xff\\xff" in row["raw"]


def test_wrong_number_of_columns_refuses_the_row_only(tmp_path, data):
    lines = csv_bytes([shop(1), shop(2), shop(3)]).splitlines(keepends=True)
    lines[2] = b"only,three,cells\n"
    (tmp_path / "일반음식점.csv").write_bytes(b"".join(lines))
    ingest([tmp_path / "일반음식점.csv"], data)
    (row,) = table(data, "refused", "line")
    assert (row["line"], row["reason"], row["raw"]) == (2, "columns", "only,three,cells")


def test_line_ends_in_quotes_and_stray_quotes(tmp_path, data):
    shops = [shop(1, name="한 줄\n두 줄"), shop(2, name='5" 파이프'), shop(3)]
    content = csv_bytes(shops).replace('"5"" 파이프"'.encode("cp949"), '5" 파이프'.encode("cp949"))
    (tmp_path / "일반음식점.csv").write_bytes(content)
    ingest([tmp_path / "일반음식점.csv"], data)
    assert [row["name"] for row in table(data)] == ["한 줄 두 줄", '5" 파이프', "수완식당"]


def test_district_all_keeps_rows_outside(tmp_path, data):
    far = shop(2, x="200079.663985257", y="453836.098562833")
    ingest([write(tmp_path, [shop(1), far])], data, district="all")
    assert [row["dong_code"] for row in table(data)] == ["1233063700", None]


def test_district_codes_old_and_unknown(tmp_path, data):
    ingest([write(tmp_path, [shop(1)])], data, district="29200")
    assert {row["district_code"] for row in table(data, "dong", "dong_code")} == {"12330"}
    with pytest.raises(Refused, match="11110"):
        ingest([write(tmp_path, [shop(1)])], data, district="11110")


@pytest.mark.parametrize(
    ("order", "separately"),
    [
        *((order, False) for order in permutations(range(3))),
        ((0, 1, 2), True),
        ((2, 1, 0), True),
        ((1, 0, 2), True),
    ],
)
def test_newer_files_win_in_any_order(tmp_path, data, order, separately):
    shops = [shop(n) for n in range(1, 12)]
    closed = {"code": "03", "closed": "2026-03-01"}
    files = [
        write(tmp_path / "a", [one | OLD for one in shops]),
        write(tmp_path / "b", [shops[0] | closed | NEW, *(one | NEW for one in shops[1:10])]),
        # An increment: one permit only, reopened.
        write(tmp_path / "c", [shops[1] | {"name": "새 이름", "refreshed": "2026-07-31 01:00:00"}]),
    ]
    given = [files[n] for n in order]
    if separately:
        for file in given:
            ingest([file], data)
    else:
        ingest(given, data)
    rows = table(data)
    assert len(rows) == 11
    assert {row["observed_until"] for row in rows} == {dt.date(2026, 7, 31)}
    assert [row["status"] for row in rows] == ["closed"] + ["open"] * 9 + ["unknown"]
    assert rows[1]["name"] == "새 이름"
    gone = rows[10]
    assert (gone["exit_kind"], gone["exit_on"]) == ("vanished", dt.date(2025, 1, 31))
    superseded = [d["rows_superseded"] for d in table(data, "dataset", "snapshot_on nulls last")]
    assert superseded[:3] == [10, 1, 0]


def test_a_closure_can_be_taken_back(tmp_path, data):
    ingest([write(tmp_path / "a", [shop(1, code="03", closed="2024-01-01", **OLD)])], data)
    ingest([write(tmp_path / "b", [shop(1, **NEW)])], data)
    assert (one(data)["status"], one(data)["exit_on"]) == ("open", None)


def test_an_increment_makes_nothing_vanish(tmp_path, data):
    ingest([write(tmp_path / "a", [shop(n, **OLD) for n in range(1, 11)])], data)
    ingest([write(tmp_path / "b", [shop(n, **NEW) for n in range(1, 9)])], data)
    assert {row["exit_kind"] for row in table(data)} == {None}
    ingest([write(tmp_path / "c", [shop(n, **NEW) for n in range(1, 10)])], data)
    assert [row["exit_kind"] for row in table(data)] == [None] * 9 + ["vanished"]


def reissued(number, **changes):
    name = f"가게 {number}"
    return shop(number, **({"name": name, "opened": f"2020-02-{number:02d}"} | changes))


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("newest_first", [True, False])
def test_reissued_numbers_are_the_same_permit(tmp_path, data, together, newest_first):
    now = {"authority": "5825000", "lot": "전남광주통합특별시 광산구 수완동 1452"} | NEW
    old = write(tmp_path / "a", [reissued(n, **OLD) for n in range(1, 6)])
    new = write(
        tmp_path / "b",
        [reissued(n, id=f"58250000102020{n + 40:04d}", **now) for n in range(1, 6)],
    )
    files = [new, old] if newest_first else [old, new]
    if together:
        ingest(files, data)
    else:
        for file in files:
            ingest([file], data)
    rows = table(data)
    assert [row["permit_id"][:7] for row in rows] == ["5825000"] * 5
    assert {row["exit_kind"] for row in rows} == {None}
    alone = tmp_path / "alone"
    ingest([old], alone)
    assert sorted(r["identity_key"] for r in rows) == sorted(
        r["identity_key"] for r in table(alone)
    )


def test_ambiguous_numbers_are_left_alone(tmp_path, data):
    twins = [reissued(n, name="쌍둥이", opened="2020-02-02", **OLD) for n in (1, 2)]
    now = [one | NEW | {"id": f"58250000102020{n:04d}", "authority": "5825000"}
           for n, one in enumerate(twins)]  # fmt: skip
    ingest([write(tmp_path / "a", twins), write(tmp_path / "b", now)], data)
    assert len({row["identity_key"] for row in table(data)}) == 4


def test_same_name_in_another_town_is_another_shop(tmp_path, data):
    seoul = {"authority": "3000000", "id": "300000001020200001", "road": "",
             "lot": "서울특별시 종로구 효자동 31"} | NOWHERE  # fmt: skip
    files = [
        write(tmp_path / "a", [shop(1, **OLD)]),
        write(tmp_path / "b", [shop(1, **seoul, **NEW)]),
    ]
    ingest(files, data, district="all")
    assert len(table(data)) == 2


def test_identity_survives_later_changes(tmp_path, data):
    """The chain holds when the new number's name and address change afterwards."""
    first = write(tmp_path / "a", [reissued(1, **OLD)])
    second = write(tmp_path / "b", [reissued(1, id="582500001", authority="5825000", **NEW)])
    third = write(tmp_path / "c", [reissued(1, id="582500001", authority="5825000", name="딴 이름",
        lot="", road="", refreshed="2026-08-01 00:00:00")])  # fmt: skip
    keys = set()
    for number, order in enumerate(
        [(first, second, third), (third, first, second), (third, second, first)]
    ):
        folder = tmp_path / f"data{number}"
        for file in order:
            ingest([file], folder)
        assert one(folder)["name"] == "딴 이름"
        keys.add(one(folder)["identity_key"])
    assert len(keys) == 1


def test_bulk_clean_up(tmp_path, data):
    day = {"code": "03", "closed": "2023-03-04"}
    shops = [shop(n, **day) for n in range(1, 21)]
    others = [shop(n, code="03", closed="2023-03-05") for n in range(21, 40)]
    ingest([write(tmp_path, shops + others)], data)
    quality = [row["exit_date_quality"] for row in table(data)]
    assert quality == ["bulk"] * 20 + ["reported"] * 19


def test_a_point_from_the_same_address(tmp_path, data):
    spelt = [
        {"lot": "전남광주통합특별시 광산구  수완동 1452번지", "road": ""},
        {"lot": "광주광역시광산구수완동1452", "road": ""},
        {"lot": "", "road": "광주광역시 광산구 장신로164 (수완동)"},
    ]
    missing = [shop(n, **NOWHERE, **one) for n, one in enumerate(spelt, 2)]
    ingest([write(tmp_path, [shop(1), *missing])], data)
    rows = table(data)
    assert [row["coordinate_quality"] for row in rows] == ["reported"] + ["from_address"] * 3
    assert {(row["lon"], row["lat"], row["h3_9"], row["dong_code"]) for row in rows} == {
        (rows[0]["lon"], rows[0]["lat"], rows[0]["h3_9"], "1233063700")
    }


def test_a_legal_dong_within_one_dong(tmp_path, data):
    inside = {"lot": "광주광역시 광산구 운수동 25-1", "road": ""}
    across = {"lot": "광주광역시 광산구 장덕동 99999", "road": ""}
    ingest([write(tmp_path, [shop(1), shop(2, **NOWHERE, **inside), shop(3, **NOWHERE, **across)])],
           data)  # fmt: skip
    rows = table(data)
    assert [row["dong_code"] for row in rows] == ["1233063700", "1233056500", None]
    assert rows[1]["coordinate_quality"] == "none"


def test_a_lost_point_is_remembered(tmp_path, data):
    ingest([write(tmp_path / "a", [shop(1, **OLD)])], data)
    ingest([write(tmp_path / "b", [shop(1, **NOWHERE, **NEW)])], data)
    assert one(data)["coordinate_quality"] == "from_address"
    ingest([write(tmp_path / "b", [shop(1, **NOWHERE, **NEW)])], data)
    assert one(data)["coordinate_quality"] == "from_address"


def test_day_of_the_file(tmp_path, data):
    without = {"refreshed": "", "modified": ""}
    with pytest.raises(Refused, match="--snapshot-on"):
        ingest([write(tmp_path, [shop(1, **without)])], data)
    ingest([write(tmp_path, [shop(1, **without)])], data, snapshot_on=dt.date(2026, 1, 1))
    assert one(data)["observed_until"] == dt.date(2026, 1, 1)
    ingest([write(tmp_path, [shop(1, refreshed="")])], data, fresh=True)
    assert one(data)["observed_until"] == dt.date(2024, 5, 1)
    # One slip of the pen does not move the day of all.
    shops = [shop(1), shop(2, refreshed="2199-01-01 00:00:00")]
    ingest([write(tmp_path, shops)], data, fresh=True)
    assert {row["observed_until"] for row in table(data)} == {dt.date(2026, 2, 7)}


def test_unmapped_trades_become_other(tmp_path, data):
    path = tmp_path / "문화_전통사찰.csv"
    path.write_bytes(csv_bytes([shop(1, trade="절")]))
    report = ingest([path], data)
    assert one(data)["category_id"] == "other"
    assert report.unmapped_trades == [("전통사찰", "절", 1)]


def test_repeated_and_reingested_files(tmp_path, data):
    first = write(tmp_path / "a", [shop(1), shop(2)])
    copy = write(tmp_path / "b", [shop(1), shop(2)])
    report = ingest([first, copy], data)
    assert [bool(s.repeated_of) for s in report.sources] == [False, True]
    before = table(data), table(data, "refused", "line")
    ingest([first], data)
    assert (table(data), table(data, "refused", "line")) == before
    permits = [d for d in table(data, "dataset", "title") if d["adapter"] == "file_server_csv"]
    assert [(d["rows_kept"], d["rows_superseded"]) for d in permits] == [(2, 0)]


def test_fresh_starts_anew(tmp_path, data):
    ingest([write(tmp_path / "a", [shop(1)])], data)
    ingest([write(tmp_path / "b", [shop(2)])], data, fresh=True)
    assert one(data)["permit_id"].endswith("2")


def test_seven_columns_of_text_stay_text(tmp_path, data):
    name = "<script>alert(1)</script>"
    ingest([write(tmp_path, [shop(1, name=name), shop(2, name="=cmd()")])], data)
    assert [row["name"] for row in table(data)] == [name, "=cmd()"]
    assert SHOP["name"] not in {row["name"] for row in table(data)}
