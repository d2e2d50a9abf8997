from __future__ import annotations

import os
from pathlib import Path

import pytest

from commerce.i18n import set_language

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def _korean():
    set_language("ko")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real public files, which the project does not contain."""
    folder = Path(os.environ.get("COMMERCE_REAL") or ROOT.parent / "shared" / "real")
    if not (folder / "localdata").is_dir():
        pytest.skip("the real files are not here; COMMERCE_REAL names their folder")
    return folder
