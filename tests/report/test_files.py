"""The report's files: self-contained, whole, equal to the queries; text from files stays text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

from commerce.db import Database
from commerce.report import Report, Table, to_bundle, to_html, to_pdf
from commerce.snapshot import DEMO_DIR, Snapshot, resolve
from tests.conftest import DONGS, shop

SITE, POINT = "site:367-1", "at:126.82143,35.19014"
HERE = {"lon": 126.82, "lat": 35.19, "h3_9": "8930e1d8e2fffff", "observed_until": "2026-10-31"}
SQUARE = (
    '{"type":"Polygon","coordinates":[[[126.7,35.1],[126.9,35.1],[126.9,35.3],[126.7,35.3],'
    "[126.7,35.1]]]}"
)
NAMES = (
    "<script>alert(1)</script>",
    '#import "/etc/passwd": *',
    '=cmd("x")',
    "$x$ *y* _z_ [w]",
    "'; drop --",
)


class Seen(HTMLParser):
    """The tags, attributes and text of a document."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._skip = False
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._skip = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.text += data


def pdf_of(report: Report) -> PdfReader:
    return PdfReader(io.BytesIO(to_pdf(report)))


def squeezed(text: str) -> str:
    """Return text without blanks: lines break anywhere in a PDF."""
    return re.sub(r"[\s\u200b]+", "", text)


def words_of(reader: PdfReader) -> str:
    return squeezed("".join(page.extract_text() for page in reader.pages))


def tables_of(report: Report) -> dict[str, list[list[str]]]:
    bundle = zipfile.ZipFile(io.BytesIO(to_bundle(report)))
    return {
        name: list(csv.reader(io.StringIO(bundle.read(name).decode("utf-8-sig"))))
        for name in bundle.namelist()
        if name.endswith(".csv")
    }


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_html_asks_nobody_for_anything(
    language: str, make_report: Callable[..., Report]
) -> None:
    document = to_html(make_report(DEMO_DIR, SITE, "cafe", language)).decode()
    seen = Seen(document)
    assert not seen.tags & {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    asking = [v for k, v in seen.attributes if k in ("src", "href", "xlink:href", "action")]
    assert all(value.startswith("#") for value in asking)
    assert re.findall(r"url\((?!data:|[\"']?#)", document) == []
    assert "@import" not in document
    ids = [value for name, value in seen.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert "http://example.test/site?at=here" in seen.text
    assert ("카페" if language == "ko" else "Cafe") in seen.text
    # A key that no catalogue has would stand there itself.
    assert not re.search(
        r"\b(?:site|report|definition|column)\.[a-z_]+\.?[a-z_]*(?<!\.sql)\b",
        re.sub(r"queries/\S+|commerce/\S+", "", seen.text),
    )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_pdf_holds_the_findings_and_its_typeface(
    language: str, make_report: Callable[..., Report]
) -> None:
    report = make_report(DEMO_DIR, SITE, "cafe", language)
    reader = pdf_of(report)
    words = words_of(reader)
    for figure in report.figures():
        assert squeezed(figure.title) in words
    for line in [report.headline, report.basis, *report.sentences]:
        assert squeezed("".join(text for text, _ in line)) in words
    for label, value in report.facts:
        assert squeezed(label + value) in words
    assert f"1/{len(reader.pages)}" in words
    fonts = {
        str(font.get_object()["/BaseFont"]): font.get_object()
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert any("UridongneSans" in name for name in fonts)
    for name, font in fonts.items():
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        held = inner["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(held), name


def test_the_numbers_are_those_of_the_queries(make_report: Callable[..., Report]) -> None:
    report = make_report(DEMO_DIR, POINT, "cafe", "en")
    demo = Database(resolve(DEMO_DIR))
    circle = {"lon": 126.82143, "lat": 35.19014, "radius_m": 300, "category_ids": ["cafe"]}
    row = demo.run("site/summary", **circle, include_bulk=True).iloc[0]
    older = demo.run("site/reference_class", **{**circle, "radius_m": None})
    kept = int((older["outcome"] == "reached").sum())
    assert row["active"] > 0
    assert kept > 0
    words = words_of(pdf_of(report))
    text = Seen(to_html(report).decode()).text
    for expected in (
        f"{row['closure_rate']:.1f} per 100 a year",
        f"{int(row['opened_36m'])} opened and {int(row['closed_36m'])} closed",
        f"{kept} lasted three years",
    ):
        assert expected in text
        assert squeezed(expected) in words
    table = next(figure.table for figure in report.figures() if figure.key == "site-around")
    assert table is not None
    assert table.rows[0][1] == str(int(row["active"]))


def test_the_bundle_holds_the_rows_of_the_queries(make_report: Callable[..., Report]) -> None:
    report = make_report(DEMO_DIR, SITE, "cafe")
    tables = tables_of(report)
    assert len(tables) == len(report.figures()) + len(report.asked)
    for figure in report.figures():
        head, *rows = tables[f"{figure.key}.csv"]
        assert head == list(figure.asked.rows.columns)
        assert len(rows) == len(figure.asked.rows)
    demo = Database(resolve(DEMO_DIR))
    history = demo.run("site/history", site_id="367-1")
    head, *rows = tables["site-history.csv"]
    assert [row[head.index("name")] for row in rows] == history["name"].tolist()
    bundle = zipfile.ZipFile(io.BytesIO(to_bundle(report)))
    readme = bundle.read("README.txt").decode("utf-8-sig")
    assert report.snapshot in readme
    assert "queries/site/history.sql" in readme
    assert '$site_id = "367-1"' in readme
    assert "http://example.test/site?at=here" in readme


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_bundle_says_what_its_queries_answer_in_the_readers_language(
    make_report: Callable[..., Report], language: str
) -> None:
    report = make_report(DEMO_DIR, SITE, "cafe", language)
    bundle = zipfile.ZipFile(io.BytesIO(to_bundle(report)))
    readme = bundle.read("README.txt").decode("utf-8-sig")
    assert ("이 자리에 무엇이 있었는지" in readme) == (language == "ko")
    assert ("What stood on this spot" in readme) == (language == "en")
    sources = " ".join(cell for row in report.sources.rows for cell in row)
    assert bool(re.search("[가-힣]", sources)) == (language == "ko")


@pytest.fixture
def hostile(make_snapshot: Callable[..., Snapshot]) -> Path:
    """A building whose shops have names that would be markup, formulas or code elsewhere."""
    dongs = [{"label_lon": 126.82, "label_lat": 35.19, "boundary": SQUARE} | DONGS[0]]
    rows = [
        shop("2019-01-01", name=name, site_id="7-1", address_road=f"{name} 7", **HERE)
        for name in NAMES
    ]
    return make_snapshot(rows, dong=dongs).path


def test_names_from_files_stay_text_in_all_three(
    hostile: Path, make_report: Callable[..., Report]
) -> None:
    report = make_report(hostile, "at:126.82,35.19", "korean_food")
    # A file's title and publisher are text of others, too.
    report = replace(report, sources=Table(NAMES[:2], (NAMES[:2], NAMES[1::-1])))
    document = to_html(report).decode()
    seen = Seen(document)
    assert "script" not in seen.tags
    assert "<script" not in document
    words = words_of(pdf_of(report))
    for name in NAMES:
        assert name in seen.text
        assert squeezed(name) in words
    head, *rows = tables_of(report)["site-shops.csv"]
    listed = {row[head.index("name")] for row in rows}
    assert listed == {f"'{name}" if name.startswith("=") else name for name in NAMES}


def test_an_address_from_a_file_stays_text_in_the_titles(
    hostile: Path, make_report: Callable[..., Report]
) -> None:
    report = make_report(hostile, "site:7-1", "korean_food")
    assert "<" in report.place or "#" in report.place or "=" in report.place or "$" in report.place
    seen = Seen(to_html(report).decode())
    assert "script" not in seen.tags
    assert report.place in seen.text
    assert squeezed(report.place) in words_of(pdf_of(report))


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    ("key", "trade"),
    [
        ("dong:1233000100", "korean_food"),
        ("at:126.82,35.19", "korean_food"),
        ("at:126.82,35.19", "flower_shop"),
    ],
)
def test_a_place_without_data_gives_a_report_that_says_so(
    key: str,
    trade: str,
    language: str,
    make_snapshot: Callable[..., Snapshot],
    make_report: Callable[..., Report],
) -> None:
    dongs = [{"label_lon": 126.82, "label_lat": 35.19, "boundary": SQUARE} | DONGS[0]]
    report = make_report(make_snapshot([], dong=dongs).path, key, trade, language)
    assert "nan" not in Seen(to_html(report).decode()).text.lower()
    words = words_of(pdf_of(report))
    assert squeezed("".join(text for text, _ in report.headline)) in words
    assert tables_of(report)


def test_the_report_speaks_its_language_whatever_runs_around_it(
    make_report: Callable[..., Report],
) -> None:
    report = make_report(DEMO_DIR, SITE, "cafe", "en")  # the fixture sets Korean again
    seen = Seen(to_html(report).decode())
    assert "What the figures mean" in seen.text
    assert "숫자의 뜻" not in seen.text
