"""Raw public files in, a published snapshot out."""

from __future__ import annotations

from commerce.ingest.report import Report
from commerce.ingest.run import ingest

__all__ = ["Report", "ingest"]
