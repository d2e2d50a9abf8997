"""One side of a comparison: a place as queries take it, its number, its name and its colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from commerce.comparison import circles_overlap
from commerce.i18n import number, percent, t
from commerce.place import Place
from commerce.ui import filters, series
from commerce.ui.figures import Answer, ask
from commerce.ui.filters import Selection
from commerce.ui.frame import data
from commerce.ui.theme import Palette

_LONGEST_NAME = 16


@dataclass(frozen=True)
class Side:
    """A place of the comparison.

    Args:
        order: 1 to 4; the first is what the others are held against.
        place: an address, a point or a shop means the circle around it.
        radius_m: of that circle.
        chosen: the trade and the switch for bulk clean-ups; its neighbourhoods are not used.
        outline: outline of a named area as GeoJSON text; empty where none is known.
    """

    order: int
    place: Place
    radius_m: int
    chosen: Selection
    outline: str = ""

    @property
    def is_circle(self) -> bool:
        """Whether it is a circle around a point, not a dong or a named area."""
        return self.place.kind not in ("dong", "area")

    @property
    def missing(self) -> str:
        """Return why no shop can be counted in it, or nothing where they can be."""
        if self.is_circle and (self.place.lon is None or self.place.lat is None):
            return t("compare.absent.point")
        if self.place.kind == "area" and not self.outline:
            return t("compare.absent.outline")
        return ""

    @property
    def label(self) -> str:
        """Return its name without its number."""
        if self.place.kind == "point" and self.dong:
            return t("compare.point", dong=self.dong, n=self.order)
        return self.place.label

    @property
    def title(self) -> str:
        """Return number and name in full."""
        return f"{self.order} {self._label_beside_number()}"

    def _label_beside_number(self) -> str:
        is_point = self.place.kind == "point" and self.dong
        return t("compare.point.short", dong=self.dong) if is_point else self.label

    @property
    def name(self) -> str:
        """Return number and name, short enough for a chart."""
        label = self._label_beside_number()
        if len(label) > _LONGEST_NAME:
            label = label[: _LONGEST_NAME - 1].rstrip(" (") + "…"
        return f"{self.order} {label}"

    @property
    def extent(self) -> str:
        """Return what of it counts: the radius, or that it is the whole dong or area."""
        if self.is_circle:
            return t("compare.extent.circle", n=number(self.radius_m))
        return t(f"compare.extent.{self.place.kind}")

    @property
    def dong(self) -> str:
        """Return the name of its dong, or nothing where that is not known."""
        rows = filters.dongs()
        hits = rows.loc[rows["dong_code"] == self.place.dong_code, "name"]
        return str(hits.iloc[0]) if len(hits) else ""

    def colour(self, palette: Palette) -> str:
        """Return its colour, the same on every chart and on the map."""
        return palette.groups[self.order - 1]

    def where(self) -> dict[str, object]:
        """Return the parameters that say which shops count, and no others."""
        found: dict[str, object] = dict.fromkeys(("lon", "lat", "dong_codes", "area_codes"))
        found["radius_m"] = self.radius_m
        if self.missing:
            return found | {"dong_codes": ["-"]}  # a place unknown must not mean all places
        if self.is_circle:
            return found | {"lon": self.place.lon, "lat": self.place.lat}
        if self.place.kind == "dong":
            return found | {"dong_codes": [self.place.dong_code]}
        return found | {"area_codes": [self.place.area_code]}

    def params(self) -> dict[str, object]:
        """Return the parameters of queries about its shops of the trade."""
        return self.where() | {
            "category_ids": self.chosen.category_ids,
            "include_bulk": self.chosen.include_bulk,
        }

    def market(self, subject: str, own: bool) -> dict[str, object]:
        """Return the parameters of queries about sales or footfall.

        Args:
            subject: ``sales`` or ``footfall``.
            own: of :func:`told_of_areas`: whether of the named area, else of its dong.
        """
        found = series.listed(subject, own)
        asked = self.chosen.also_without_permits()
        return {
            "category_ids": asked.category_ids,
            "dong_codes": None if own else [self.place.dong_code or "-"],
            "area_codes": [self.place.area_code] if own else None,
            "series": next(iter(found), None),
        }

    def market_place(self, own: bool) -> str:
        """Return where figures of sales or footfall are of: the area or the whole dong."""
        return self.place.label if own else self.dong


def told_of_areas(sides: list[Side], subject: str) -> bool:
    """Return whether ``subject`` is told of each side itself, all being named areas.

    Otherwise all are told of their dongs: figures of areas and of dongs are two series,
    and are never drawn together.
    """
    rows = data().run("area/list")
    told = set(rows.loc[rows[f"has_{subject}"], "area_code"])
    return all(side.place.kind == "area" and side.place.area_code in told for side in sides)


def outlines() -> dict[str, str]:
    """Return the outlines of named areas by code, as GeoJSON text; those without are left out."""
    rows = data().run("area/list")
    pairs = zip(rows["area_code"], rows["boundary"], strict=True)
    return {str(code): text for code, text in pairs if isinstance(text, str) and text}


def shared(sides: list[Side]) -> list[tuple[Side, Side, Answer]]:
    """Return the pairs of sides that have shops in common, with ``compare/shared`` of each."""
    pairs = [(a, b) for a in sides for b in sides if a.order < b.order and _may_share(a, b)]
    asked = [(a, b, ask("compare/shared", **_pair(a, b))) for a, b in pairs]
    return [pair for pair in asked if pair[2].rows["shared"].iloc[0] > 0]


def _may_share(first: Side, second: Side) -> bool:
    """Return whether two places may have shops in common; only then the data is asked."""
    if first.missing or second.missing:
        return False
    if first.place.kind == second.place.kind == "dong":
        return False
    if first.is_circle and second.is_circle:
        return circles_overlap(_middle(first), _middle(second), first.radius_m)
    return True


def _middle(side: Side) -> tuple[float, float]:
    lon, lat = side.place.lon, side.place.lat
    return (math.nan if lon is None else lon, math.nan if lat is None else lat)


def _pair(first: Side, second: Side) -> dict[str, object]:
    asked = second.where()
    other = {f"other_{name}": asked[name] for name in ("lon", "lat", "dong_codes", "area_codes")}
    return first.params() | other


def said_shared(found: list[tuple[Side, Side, Answer]]) -> list[str]:
    """Return a sentence for each pair that has shops in common."""
    said = []
    for first, second, answer in found:
        row = answer.rows.iloc[0]
        words = {
            "first": first.label,
            "second": second.label,
            "n": number(row["shared"]),
            "of_first": percent(row["shared"] / row["of_first"] * 100, 0),
            "of_second": percent(row["shared"] / row["of_second"] * 100, 0),
        }
        said.append(t("compare.shared", **words))
    return said
