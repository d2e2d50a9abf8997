from __future__ import annotations

from pathlib import Path

import pytest

from commerce.i18n import set_language
from tests.ingest.conftest import real  # noqa: F401


@pytest.fixture(autouse=True)
def _korean():
    set_language("ko")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"
