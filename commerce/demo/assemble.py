"""One part of the table of establishments, from the draws: text, codes, points and dates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commerce.demo import areas, names
from commerce.demo.draw import Permits, S
from commerce.demo.places import CITY, Buildings
from commerce.demo.records import KINDS, QUALITIES, STATES, Records
from commerce.demo.sites import Sites
from commerce.demo.tables import Bools, Ints, table
from commerce.ingest.reference import trade_map

AUTHORITY = "5825000"
#: Share of rows without a reported point: more of those that left, and of sellers at home.
MISSING_POINT = 0.21
MISSING_POINT_GONE = 0.12
MISSING_POINT_HOME = 0.10
#: Of those, the share without an address, so that the dong is not known either; and the
#: share that gets the point of another row at the same address, where there is one.
NO_ADDRESS = 0.13
POINT_FOUND = 0.60
NO_ROAD_BEFORE_2012 = 0.25
NO_LOT = 0.03


def establishments(
    rng: np.random.Generator,
    permits: Permits,
    sites: Sites,
    records: Records,
    buildings: Buildings,
    part: tuple[int, int],
) -> Any:
    """Return the rows of one part; ``part`` is its number and how many there are.

    Beside the columns of the table there are ``at_*``: the true place of each row.
    """
    n = len(permits)
    trades = table("trades")
    home = (trades["family"] == "home").to_numpy()[permits.trade]
    chance = MISSING_POINT + MISSING_POINT_GONE * (records.kind > 0) + MISSING_POINT_HOME * home
    unreported = rng.random(n) < chance
    homeless = unreported & (rng.random(n) < NO_ADDRESS)
    known = np.zeros(len(buildings.dong), dtype=np.bool_)
    known[sites.building[~unreported]] = True
    found = unreported & ~homeless & known[sites.building] & (rng.random(n) < POINT_FOUND)
    at = pa.array(sites.building)
    permit_id = _permit_ids(permits, part)
    shop_name = names.names(rng, permits.trade, permits.dong, sites.named_like)
    if part[0] == 0:
        shop_name = _with_odd_names(shop_name, permits)
    road, lot = _addresses(rng, permits, sites, buildings, homeless)
    codes = pa.array(table("dongs")["dong_code"].to_list())
    located = pa.array(~unreported | found)
    quality = np.where(found, 1, np.where(unreported, 2, 0))
    area_codes = areas.codes_of(areas.index_at(buildings.lon, buildings.lat)[sites.building])
    service = _take(trades["service_code"], permits.trade)
    area_m2 = _areas(rng, permits.trade)
    return pa.table(
        {
            "permit_id": permit_id,
            "identity_key": pc.utf8_slice_codeunits(permit_id, len(AUTHORITY)),
            "service_code": service,
            "service_name": _take(trades["service_name"], permits.trade),
            "trade_name": _take(trades["trade_name"], permits.trade),
            "category_id": pa.array(categories_of_trades()).take(pa.array(permits.trade)),
            "name": shop_name,
            "opened_on": _days(permits.opened),
            "exit_on": _days(records.exit_on),
            "exit_kind": _take(KINDS, records.kind),
            "exit_date_quality": _take(QUALITIES, records.quality),
            "status": _take(STATES, records.state),
            "observed_until": _days(np.full(n, S)),
            "area_m2": area_m2,
            "address_road": road,
            "address_lot": lot,
            "site_id": _site_ids(sites, homeless, part),
            "lon": pc.if_else(located, pa.array(buildings.lon).take(at), None),
            "lat": pc.if_else(located, pa.array(buildings.lat).take(at), None),
            "coordinate_quality": _take(("reported", "from_address", "none"), quality),
            "h3_9": pc.if_else(located, pa.array(buildings.h3_9).take(at), None),
            "h3_10": pc.if_else(located, pa.array(buildings.h3_10).take(at), None),
            "dong_code": pc.if_else(
                pa.array(homeless), None, codes.take(pa.array(buildings.dong[sites.building]))
            ),
            "trade_area_codes": pc.if_else(located, area_codes, None),
            "authority_code": pa.repeat(AUTHORITY, n),
            "source_id": pc.binary_join_element_wise("demo", service, "-"),
            "updated_at": _times(rng, records.updated),
            # What the authority's file may not tell, but cards and lists of shops do.
            "at_lon": pa.array(buildings.lon).take(at),
            "at_lat": pa.array(buildings.lat).take(at),
            "at_h3_9": pa.array(buildings.h3_9).take(at),
            "at_h3_10": pa.array(buildings.h3_10).take(at),
            "at_trade_area_codes": area_codes,
        }
    )


def _take(values: Any, index: Ints) -> Any:
    return pa.array(list(values), pa.string()).take(pa.array(index))


def _days(day: Ints) -> Any:
    return pa.array(day.astype(np.int32), pa.int32(), mask=day == 0).cast(pa.date32())


def _times(rng: np.random.Generator, day: Ints) -> Any:
    """Return a time in working hours of each day, null where the day is 0."""
    hour = rng.integers(9, 18, len(day))
    seconds = pa.array((day * 24 + hour) * 3600, pa.int64(), mask=day == 0)
    return seconds.cast(pa.timestamp("s"))


def _permit_ids(permits: Permits, part: tuple[int, int]) -> Any:
    """Number the permits of each service and year in the order of their days, as offices do."""
    year = permits.opened.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    service = table("trades")["service_no"].to_numpy()[permits.trade]
    key = service * 10_000 + year
    order = np.lexsort((permits.opened, key))
    ordered = key[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    rank = np.arange(len(key)) - np.repeat(starts, np.diff(np.append(starts, len(key))))
    serial = np.empty(len(key), dtype=np.int64)
    serial[order] = rank * part[1] + part[0] + 1
    width = 5 if part[1] == 1 else 8
    number = (key * 10**width + serial).astype(str)
    return pc.binary_join_element_wise(AUTHORITY, pa.array(number.astype(object), pa.string()), "")


def _site_ids(sites: Sites, homeless: Bools, part: tuple[int, int]) -> Any:
    """Write ``<building>-<floor>``; a row without an address has no site."""
    building = pa.array(sites.building).cast(pa.string())
    if part[1] > 1:  # buildings of each part are others
        building = pc.binary_join_element_wise(str(part[0]), building, ".")
    floor = pa.array(sites.floor).cast(pa.string())
    return pc.if_else(pa.array(homeless), None, pc.binary_join_element_wise(building, floor, "-"))


def _addresses(
    rng: np.random.Generator,
    permits: Permits,
    sites: Sites,
    buildings: Buildings,
    homeless: Bools,
) -> tuple[Any, Any]:
    """Write both addresses: the same site is not always spelt the same way."""
    n = len(permits)
    home = (table("trades")["floors"] == "home").to_numpy()[permits.trade]
    floor = pc.if_else(
        pa.array(sites.floor < 0),
        "지하1층",
        pc.binary_join_element_wise(_text(sites.floor), "층", ""),
    )
    unit = _text(np.abs(sites.floor) * 100 + sites.unit)
    flat = pc.binary_join_element_wise(
        _text(sites.unit), "동 ", _text(sites.floor * 100 + 1 + sites.building % 4), "호", ""
    )
    with_unit = pc.binary_join_element_wise(floor, " ", unit, "호", "")
    detail = pc.if_else(pa.array(sites.unit > 0), with_unit, floor)
    detail = pc.if_else(pa.array(home), flat, detail)
    style = rng.random(n)
    mark = _take((", ", " ", ","), np.select([style < 0.82, style < 0.94], [0, 1], 2))
    detail = pc.binary_join_element_wise(mark, detail, "")
    silent = (sites.floor == 0) | ((sites.floor == 1) & ~home & (rng.random(n) < 0.35))
    detail = pc.if_else(pa.array(silent), "", detail)
    legal = pa.array(buildings.legal).take(pa.array(sites.building))
    road = pc.binary_join_element_wise(
        pa.array(buildings.road).take(pa.array(sites.building)), detail, " (", legal, ")", ""
    )
    old = permits.opened.astype("M8[D]") < np.datetime64("2012-01-01")
    roadless = old & (rng.random(n) < NO_ROAD_BEFORE_2012) & ~homeless
    road = pc.if_else(pa.array(homeless), CITY, pc.if_else(pa.array(roadless), None, road))
    lotless = homeless | (~roadless & (rng.random(n) < NO_LOT))
    lot = pa.array(buildings.lot).take(pa.array(sites.building))
    return road, pc.if_else(pa.array(lotless), None, lot)


def _text(values: Ints) -> Any:
    return pa.array(values).cast(pa.string())


def _areas(rng: np.random.Generator, trade: Ints) -> Any:
    """Return floor areas in m² by trade; some are not given."""
    trades = table("trades")
    middle = trades["area_m2"].to_numpy(dtype=np.float64)[trade]
    spread = trades["area_spread"].to_numpy(dtype=np.float64)[trade]
    area = middle * np.exp(spread * rng.standard_normal(len(trade)))
    area = np.maximum(np.where(area < 200, np.round(area, 1), np.round(area)), 1.0)
    absent = np.isnan(area) | (rng.random(len(trade)) < 0.11)
    return pa.array(area, mask=absent)


def categories_of_trades() -> list[str]:
    """Return the category of each trade, by the rules that ingest follows too."""
    rules, trades = trade_map(), table("trades")
    pairs = zip(trades["service_code"], trades["trade_name"], strict=True)
    return [rules.get((s, t), rules.get((s, "*"), "other")) for s, t in pairs]


def _with_odd_names(shop_name: Any, permits: Permits) -> Any:
    """Give the odd names to restaurants that stand, spread over the years."""
    eat = (table("trades")["family"] == "eat").to_numpy()[permits.trade]
    where = np.flatnonzero(eat & (permits.closed > S + 400))
    where = where[np.argsort(permits.opened[where], kind="stable")]
    chosen = where[np.linspace(0, len(where) - 1, len(names.ODD_NAMES) + 2).astype(int)[1:-1]]
    mask = np.zeros(len(permits), dtype=np.bool_)
    mask[chosen] = True
    return pc.replace_with_mask(shop_name, pa.array(mask), pa.array(names.ODD_NAMES))
