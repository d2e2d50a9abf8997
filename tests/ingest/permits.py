"""A few lines of permit files of our own, in each layout, for the tests of ingest."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb

# The columns of the new file server's animal hospitals, in their order.
B = [
    "개방자치단체코드",
    "관리번호",
    "인허가일자",
    "인허가취소일자",
    "영업상태명",
    "폐업일자",
    "휴업시작일자",
    "휴업종료일자",
    "재개업일자",
    "소재지면적",
    "소재지우편번호",
    "도로명우편번호",
    "사업장명",
    "데이터갱신구분",
    "권리주체일련번호",
    "데이터갱신시점",
    "도로명주소",
    "상세영업상태명",
    "상세영업상태코드",
    "영업상태코드",
    "전화번호",
    "좌표정보(X)",
    "좌표정보(Y)",
    "지번주소",
    "최종수정시점",
]
# The old full file, with its nameless last column.
A = [
    "번호",
    "개방서비스명",
    "개방서비스아이디",
    "개방자치단체코드",
    "관리번호",
    "인허가일자",
    "인허가취소일자",
    "영업상태구분코드",
    "영업상태명",
    "상세영업상태코드",
    "상세영업상태명",
    "폐업일자",
    "휴업시작일자",
    "휴업종료일자",
    "재개업일자",
    "소재지전화",
    "소재지면적",
    "소재지우편번호",
    "소재지전체주소",
    "도로명전체주소",
    "도로명우편번호",
    "사업장명",
    "최종수정시점",
    "데이터갱신구분",
    "데이터갱신일자",
    "업태구분명",
    "좌표정보(x)",
    "좌표정보(y)",
    "업무구분명",
    "상세업무구분명",
    "권리주체일련번호",
    "총직원수",
    "",
]
#: what each role is called in each layout
NAMES = {
    "B": {
        "authority": "개방자치단체코드",
        "id": "관리번호",
        "opened": "인허가일자",
        "cancelled": "인허가취소일자",
        "state": "영업상태명",
        "code": "영업상태코드",
        "closed": "폐업일자",
        "area": "소재지면적",
        "name": "사업장명",
        "refreshed": "데이터갱신시점",
        "modified": "최종수정시점",
        "road": "도로명주소",
        "lot": "지번주소",
        "x": "좌표정보(X)",
        "y": "좌표정보(Y)",
        "trade": "업태구분명",
    },
    "C": {
        "authority": "OPN_ATMY_GRP_CD",
        "id": "MNG_NO",
        "opened": "LCPMT_YMD",
        "cancelled": "LCPMT_RTRCN_YMD",
        "state": "SALS_STTS_NM",
        "code": "SALS_STTS_CD",
        "closed": "CLSBIZ_YMD",
        "area": "LCTN_AREA",
        "name": "BPLC_NM",
        "refreshed": "DAT_UPDT_PNT",
        "modified": "LAST_MDFCN_PNT",
        "road": "ROAD_NM_ADDR",
        "lot": "LOTNO_ADDR",
        "x": "CRD_INFO_X",
        "y": "CRD_INFO_Y",
        "trade": "BZSTAT_SE_NM",
    },
    "D": {
        "authority": "OPNSFTEAMCODE",
        "id": "MGTNO",
        "opened": "APVPERMYMD",
        "cancelled": "APVCANCELYMD",
        "state": "TRDSTATENM",
        "code": "TRDSTATEGBN",
        "closed": "DCBYMD",
        "area": "SITEAREA",
        "name": "BPLCNM",
        "refreshed": "UPDATEDT",
        "modified": "LASTMODTS",
        "road": "RDNWHLADDR",
        "lot": "SITEWHLADDR",
        "x": "X",
        "y": "Y",
        "trade": "UPTAENM",
    },
}
NAMES["A"] = NAMES["B"] | {
    "code": "영업상태구분코드",
    "refreshed": "데이터갱신일자",
    "road": "도로명전체주소",
    "lot": "소재지전체주소",
    "x": "좌표정보(x)",
    "y": "좌표정보(y)",
}
#: a shop in Suwan-dong; the point is inside it
SHOP = {
    "authority": "3630000",
    "id": "363000001020200001",
    "opened": "2020-01-15",
    "cancelled": "",
    "state": "영업/정상",
    "code": "01",
    "closed": "",
    "area": "66.1",
    "name": "수완식당",
    "refreshed": "2026-02-07 22:02:00",
    "modified": "2024-05-01 10:00:00",
    "road": "광주광역시 광산구 장신로 164, 1층 (수완동)",
    "lot": "광주광역시 광산구 수완동 1452 1층",
    "x": "183772.5    ",
    "y": "187898.2    ",
    "trade": "한식",
}
NOWHERE = {"x": "", "y": ""}


def shop(number: int = 1, **changes: str) -> dict[str, str]:
    """Return a shop with its own permit number, changed as told."""
    return SHOP | {"id": f"36300000102020{number:04d}"} | changes


def csv_bytes(
    shops: list[dict[str, str]], layout: str = "B", encoding: str = "cp949", **options: Any
) -> bytes:
    """Return a file of these shops in a layout."""
    columns = {"A": A, "B": ["업태구분명", *B], "D": list(NAMES["D"].values())}[layout]
    roles = {name: role for role, name in NAMES[layout].items()}
    buffer = io.StringIO()
    quoting = csv.QUOTE_ALL if layout == "A" else csv.QUOTE_MINIMAL
    writer = csv.writer(buffer, lineterminator="\n", quoting=quoting, **options)
    writer.writerow(columns)
    for one in shops:
        cells = {"개방서비스명": "일반음식점", "개방서비스아이디": "07_24_04_P"}
        writer.writerow([one.get(roles.get(c, ""), cells.get(c, "")) for c in columns])
    return buffer.getvalue().encode(encoding, "replace")


def json_bytes(shops: list[dict[str, str]], names: dict[str, str] | None = None) -> bytes:
    """Return an answer of the data.go.kr service with these shops."""
    names = names or NAMES["C"]
    items = [{names[role]: value for role, value in one.items()} for one in shops]
    body = {"items": {"item": items}, "totalCount": len(items)}
    answer = {"response": {"header": {"resultCode": "0"}, "body": body}}
    return json.dumps(answer, ensure_ascii=False).encode()


def write(folder: Path, shops: list[dict[str, str]], name: str = "식품_일반음식점.csv") -> Path:
    """Write a file of the new file server's layout into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(csv_bytes(shops))
    return path


def table(data: Path, name: str = "establishment", order: str = "permit_id") -> list[dict]:
    """Return the rows of a table of the current snapshot."""
    snapshot = data / (data / "CURRENT").read_text().strip()
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select * from read_parquet($file) order by {order}",
            {"file": str(snapshot / f"{name}.parquet")},
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
