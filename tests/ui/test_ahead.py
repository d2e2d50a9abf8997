"""What a page asks ahead it also reads: a query begun for nothing costs as much as one read."""

import json
from concurrent.futures import Future
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from commerce.db import Database
from commerce.queries import bind, load

ROOT = Path(__file__).resolve().parent.parent.parent
SUWAN, DOSAN = "dong:2920062000", "dong:2920057000"
DONG = {"dong": ["2920062000"]}
VISITS: list[tuple[str, dict[str, list[str]]]] = [
    *((page, {}) for page in ("overview", "openings", "survival", "sales", "footfall")),
    *((page, DONG) for page in ("overview", "openings", "survival", "sales", "footfall")),
    ("survival", DONG | {"by": ["업종"], "trade": ["카페"]}),
    ("site", {"at": ["at:126.82350,35.19050"], "trade": ["카페"]}),
    ("site", {"at": [SUWAN]}),
    ("compare", {"at": [SUWAN, DOSAN], "trade": ["카페"]}),
]


@pytest.mark.parametrize(("page", "given"), VISITS)
def test_what_is_asked_ahead_is_read(
    page: str, given: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: set[str] = set()
    read: set[str] = set()
    inner_ahead, inner_run = Database.ahead, Database.run

    def ahead(self: Database, name: str, **params: object) -> Future[pd.DataFrame]:
        begun.add(_key(name, params))
        return inner_ahead(self, name, **params)

    def run(self: Database, name: str, **params: object) -> pd.DataFrame:
        read.add(_key(name, params))
        return inner_run(self, name, **params)

    monkeypatch.setenv("COMMERCE_DATA", str(ROOT / "data" / "demo"))
    monkeypatch.chdir(ROOT)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in given.items():
        app.query_params[key] = value
    app.run()
    monkeypatch.setattr(Database, "ahead", ahead)
    monkeypatch.setattr(Database, "run", run)
    app.switch_page(f"pages/explore/{page}.py").run()
    assert not app.exception
    assert read
    assert begun - read == set()


def _key(name: str, params: dict[str, object]) -> str:
    return f"{name} {json.dumps(bind(load(name), params), default=str, sort_keys=True)}"
