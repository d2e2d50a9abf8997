"""What the tests of the report share: a spot of a snapshot, and its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commerce.break_even import Costs
from commerce.db import database
from commerce.i18n import set_language
from commerce.place import look_up
from commerce.report import Report
from commerce.ui import frame
from commerce.ui.filters import Selection
from commerce.ui.site_cost import Plan
from commerce.ui.site_spot import Spot
from commerce.ui.take_away_report import gather

# Gathering takes seconds; a report does not change.
_gathered: dict[tuple[str, ...], Report] = {}
LINK = "http://example.test/site?at=here"
PLAN = Plan(Costs(2e6, 2.5e6, 3e6, 7e5, 8e5, 0.45, 8e7), 12_000, 26, None)


@pytest.fixture
def make_report(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Return a function that gathers the report on a place of a snapshot's folder."""

    def make(folder: Path, key: str, trade: str, language: str = "ko") -> Report:
        known = (str(folder), key, trade, language)
        if known in _gathered:
            return _gathered[known]
        monkeypatch.setenv("COMMERCE_DATA", str(folder))
        set_language(language)
        served = database()
        frame._data.set(served)
        place = look_up(key, served)
        names = served.run("category/list").set_index("category_id")
        name = str(names.loc[trade, f"name_{language}"])
        spot = Spot(place, 300, Selection(None, [trade], place=place.label, trade=name))
        try:
            _gathered[known] = gather(spot, PLAN, False, LINK)
            return _gathered[known]
        finally:
            frame._data.set(None)
            set_language("ko")

    return make
