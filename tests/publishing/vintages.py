"""Two hand-made versions of one permit file, whose differences are counted by hand."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.permits import csv_bytes, shop

FIRST, SECOND, THIRD = "2026-02-07 22:02:00", "2026-05-07 22:02:00", "2026-08-07 22:02:00"
NAME = "식품_일반음식점.csv"


def first(year: int = 2020) -> dict[int, dict[str, str]]:
    """Twenty standing shops, each with its own name, address and day of opening."""
    return {
        n: shop(
            n,
            name=f"가게{n}",
            road=f"광주광역시 광산구 장신로 {100 + n}, 1층 (수완동)",
            lot=f"광주광역시 광산구 수완동 {1400 + n}번지",
            opened=f"{year}-01-{n:02d}",
        )
        for n in range(1, 21)
    }


def second(year: int = 2020) -> list[dict[str, str]]:
    """Three months later.

    2 has another name; 3 another address; of 4 the lot is only written otherwise; 5 closed;
    6 is missing; 7 stands 50 m further east; 8 has a number of the new authority; 21 is new.
    The other thirteen (1, 9 to 20) and 4 are as they were.
    """
    shops = first(year)
    shops[2]["name"] = "새이름"
    shops[3]["road"] = "광주광역시 광산구 임방울대로 330, 2층 (수완동)"
    shops[4]["lot"] = "광주광역시 광산구  수완동 1404 "
    shops[5] |= {"state": "폐업", "code": "03", "closed": "2026-04-01"}
    del shops[6]
    shops[7]["x"] = "183822.5    "
    shops[8] |= {"authority": "5825000", "id": "582500001020200008"}
    shops[21] = shop(21, name="새가게", opened="2026-04-20")
    return list(shops.values())


def write(folder: Path, shops, refreshed: str = FIRST, name: str = NAME) -> Path:
    """Write a file of the new file server's layout that knows up to ``refreshed``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    shops = shops.values() if isinstance(shops, dict) else shops
    path.write_bytes(csv_bytes([one | {"refreshed": refreshed} for one in shops]))
    return path


def many(count: int) -> list[dict[str, str]]:
    """So many shops, for checks that do not look at fewer."""
    return [
        shop(
            n,
            name=f"가게{n}",
            road=f"광주광역시 광산구 장신로 {n}, 1층 (수완동)",
            opened=f"20{10 + n % 12:02d}-{n % 12 + 1:02d}-{n % 28 + 1:02d}",
        )
        for n in range(1, count + 1)
    ]
