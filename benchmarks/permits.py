"""Writes permit files of any size as the file server gives them: cp949, 39 columns, invented rows.

Run ``python benchmarks/permits.py ROWS FILE`` to make one. The rows are as dirty as
the real ones in kind: trailing blanks, missing points, closures without a date,
successive shops at one lot; the shares are written in ``_row``.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import shapely
from pyproj import Transformer

HEADER = (
    "개방자치단체코드,관리번호,인허가일자,영업상태명,폐업일자,소재지면적,소재지우편번호,도로명우편번호,"
    "사업장명,업태구분명,데이터갱신구분,건물소유구분명,공장사무직직원수,공장생산직직원수,공장판매직직원수,"
    "급수시설구분명,남성종사자수,다중이용업소여부,데이터갱신시점,도로명주소,등급구분명,보증액,본사직원수,"
    "상세영업상태명,상세영업상태코드,시설총규모,여성종사자수,영업상태코드,영업장주변구분명,월세액,위생업태명,"
    "전통업소주된음식,전통업소지정번호,전화번호,좌표정보(X),좌표정보(Y),지번주소,홈페이지,최종수정시점"
)
SNAPSHOT_ON = date(2026, 10, 31)
_DONGS = Path(__file__).resolve().parent.parent / "data" / "reference" / "dongs.geojson"
_TRADES = (
    "한식",
    "중국식",
    "일식",
    "분식",
    "경양식",
    "통닭(치킨)",
    "호프/통닭",
    "까페",
    "기타",
    "",
)
_NAMES = ("수완", "첨단", "하남", "무등", "빛고을", "어등", "황룡", "월봉", "송정", "평동", "산들")
_KINDS = ("식당", "국밥", "분식", "치킨", "카페", "포차", "반점", "스시", "갈비", "김밥", "피자")


def write(rows: int, target: Path, seed: int = 7) -> Path:
    """Write ``rows`` invented permits to ``target`` and return it."""
    with target.open("w", encoding="cp949", newline="") as file:
        file.write(HEADER + "\n")
        file.writelines(_lines(rows, seed))
    return target


def _lines(rows: int, seed: int) -> Iterator[str]:
    chance = random.Random(seed)
    lots = _lots(max(rows * 2 // 5, 1), seed)
    for number in range(rows):
        yield _row(number, lots[chance.randrange(len(lots))], chance)


def _lots(count: int, seed: int) -> list[tuple[str, str, str, str]]:
    """Return lots as (lot address, road and building, x, y), points inside Gwangsan."""
    features = json.loads(_DONGS.read_text(encoding="utf-8"))["features"]
    generator = np.random.default_rng(seed)
    forward = Transformer.from_crs(4326, 5174, always_xy=True)
    found: list[tuple[str, str, str, str]] = []
    for place, feature in enumerate(features):
        share = count // len(features) + (place < count % len(features))
        shape = shapely.geometry.shape(feature["geometry"])
        west, south, east, north = shape.bounds
        lon = generator.uniform(west, east, share * 6 + 50)
        lat = generator.uniform(south, north, share * 6 + 50)
        inside = np.flatnonzero(shapely.contains_xy(shape, lon, lat))[:share]
        xs, ys = forward.transform(lon[inside], lat[inside])
        name = feature["properties"]["name_ko"].rstrip("0123456789동") + "동"
        for turn, (x, y) in enumerate(zip(xs, ys, strict=True)):
            main, sub = turn % 1900 + 1, turn // 1900
            lot = f"광주광역시 광산구 {name} {main}" + (f"-{sub}" if sub else "")
            road = f"광주광역시 광산구 {name[:-1]}로{sub * 3 + 1}번길 {main}"
            found.append((lot, road, f"{x:.9f}    ", f"{y:.9f}    "))
    return found


def _row(number: int, lot: tuple[str, str, str, str], chance: random.Random) -> str:
    opened = date(1995, 1, 1) + timedelta(days=chance.randrange(11_500))
    closed = opened + timedelta(days=int(chance.expovariate(1 / 2_600)) + 20)
    state, code, detail = "폐업", "03", "02"
    closed_on = closed.isoformat()
    if closed > SNAPSHOT_ON:
        state, code, detail, closed_on = "영업/정상", "01", "01", ""
    elif chance.random() < 0.002:
        closed_on = ""
    changed = f"{opened if code == '01' else closed} {chance.randrange(10, 20)}:14:27"
    address, road, x, y = lot
    floor = chance.randrange(1, 5)
    road = f'"{road}, {floor}층 ({address.split()[2]})"' if chance.random() < 0.7 else ""
    if chance.random() < 0.07:
        x = y = ""
    area = f"{chance.uniform(10, 250):.2f}" if chance.random() < 0.6 else "0"
    trade = chance.choice(_TRADES)
    name = f"{chance.choice(_NAMES)}{chance.choice(_KINDS)} {number % 997}호점"
    permit = f"3630000-101-{opened.year}-{number:06d}"
    updated = f"2026-10-{chance.randrange(1, 32):02d} 14:27:17"
    return (
        f"3630000,{permit},{opened},{state},{closed_on},{area},506-380,62200,{name},{trade},I,,,,,"
        f"상수도전용,0,N,{updated},{road},기타,,,{state},{detail},{area},0,{code},주택가주변,,{trade},"
        f",,,{x},{y},{address} ,,{changed}\n"
    )


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
