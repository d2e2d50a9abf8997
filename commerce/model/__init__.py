"""Expected survival of a new permit: fitted when data is published, with its own record."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_model"]


def write_model(folder: Path) -> None:
    """Fit the model of the snapshot in ``folder`` and write its tables.

    What it computes with takes half a second to import: an ingest reads its files before.
    """
    from commerce.model import publish

    publish.write_model(folder)
