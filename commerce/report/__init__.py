"""The site report as files to take away: one HTML file, a PDF, a bundle of CSV."""

from commerce.report.bundle import to_bundle
from commerce.report.document import to_pdf
from commerce.report.model import Asked, Chart, Figure, Map, Part, Report, Table, runs
from commerce.report.page import to_html

__all__ = [
    "Asked",
    "Chart",
    "Figure",
    "Map",
    "Part",
    "Report",
    "Table",
    "runs",
    "to_bundle",
    "to_html",
    "to_pdf",
]
