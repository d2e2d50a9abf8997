"""The spot that a report is about: a place, a radius, a trade; and what queries need of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape

from commerce.i18n import language, number, t
from commerce.place import Place
from commerce.ui import filters, series
from commerce.ui.filters import Selection
from commerce.ui.frame import data
from commerce.ui.sentences import trade_words


@dataclass(frozen=True)
class Spot:
    """A place with a radius around it and a trade.

    Args:
        place: what was chosen; its point may be unknown.
        radius_m: around the point.
        chosen: the trade and the switch for bulk clean-ups; its neighbourhoods are not used.
    """

    place: Place
    radius_m: int
    chosen: Selection

    @property
    def has_point(self) -> bool:
        """Whether anything can be said of a circle around it."""
        return self.place.lon is not None and self.place.lat is not None

    @property
    def is_middle(self) -> bool:
        """Whether the point is the middle of a dong or an area, not a spot."""
        return self.place.kind in ("dong", "area")

    @property
    def what(self) -> str:
        """Return the trade as it stands within a sentence; in English in brackets."""
        return trade_words(self.chosen) if language() == "ko" else self.chosen.trade

    @property
    def sold(self) -> str:
        """Return the names of the trades that sales are of: also those that need no permit."""
        return self.chosen.also_without_permits().trade

    @cached_property
    def dong(self) -> str:
        """Return the name of its dong, or nothing where that is not known."""
        rows = filters.dongs()
        hits = rows.loc[rows["dong_code"] == self.place.dong_code, "name"]
        return str(hits.iloc[0]) if len(hits) else ""

    @property
    def radius(self) -> str:
        """Return the radius in words."""
        return t("site.radius.words", n=number(self.radius_m))

    def trade(self) -> dict[str, object]:
        """Return the parameters of the trade alone."""
        return {
            "category_ids": self.chosen.category_ids,
            "include_bulk": self.chosen.include_bulk,
        }

    def circle(self) -> dict[str, object]:
        """Return the parameters of queries about the circle around the point."""
        return self.trade() | {
            "lon": self.place.lon,
            "lat": self.place.lat,
            "radius_m": self.radius_m,
            "dong_codes": self.dongs(),
        }

    def dongs(self) -> list[str] | None:
        """Return its dong as queries take it; without one, one that holds nothing."""
        return [self.place.dong_code] if self.place.dong_code else ["-"]

    def market(self, subject: str) -> dict[str, object]:
        """Return the parameters of queries about sales or footfall.

        A named area's own figures where its publisher gives them, else those of the dong.

        Args:
            subject: ``sales`` or ``footfall``.
        """
        own = self.of_area(subject)
        found = series.listed(subject, own)
        return {
            "category_ids": self.chosen.also_without_permits().category_ids,
            "dong_codes": None if own else self.dongs(),
            "area_codes": [self.place.area_code] if own else None,
            "series": next(iter(found), None),
        }

    def of_area(self, subject: str) -> bool:
        """Return whether ``subject`` is told of the named area itself."""
        if self.place.area_code is None:
            return False
        rows = data().run("area/list")
        hits = rows.loc[rows["area_code"] == self.place.area_code, f"has_{subject}"]
        return bool(hits.any())

    def eyebrow(self) -> str:
        """Return place, trade and radius as escaped HTML."""
        parts = [self.place.label, self.chosen.trade, self.radius if self.has_point else ""]
        if self.dong and self.dong not in self.place.label:
            parts.insert(1, self.dong)
        return escape(" · ".join(part for part in parts if part))
