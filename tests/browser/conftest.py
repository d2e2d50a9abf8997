"""A running app on demo data, and a Chromium that watches what the pages do."""

import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.chromium import FLAGS
from tests.serving import ROOT, served

__all__ = ["FLAGS", "ROOT"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the demo as `make run` does; give the address."""
    with served(tmp_path_factory.mktemp("state")) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the page says to the report of a test that failed."""
    report = yield
    here = getattr(item, "funcargs", {}).get("visit")
    if report.when == "call" and report.failed and isinstance(here, Visit):
        report.sections.append(("What the page says", here.words()))
    return report


@dataclass
class Visit:
    """A page of the app in the browser, and what it complained about or asked for."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, name: str = "", **query: str) -> "Visit":
        """Open a page by its deep link and wait until it is drawn."""
        self.page.goto(f"{self.address}/{name}" + ("?" + urlencode(query) if query else ""))
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the script has run and charts are drawn."""
        self.page.wait_for_selector("h1.headline", timeout=60_000)
        self.page.wait_for_selector(
            '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000
        )
        # What a rerun has not reached yet is pale, and comes back slowly.
        self.page.wait_for_function("!document.querySelector('[data-stale=\"true\"]')")
        self.page.wait_for_timeout(1500)

    def words(self) -> str:
        """Return all that the page and its frames say, as far as they can be asked."""
        found = []
        for frame in self.page.frames:
            try:
                found.append(frame.locator("body").inner_text(timeout=2_000))
            except Error as error:
                found.append(f"{frame.url}: {error.message}")
        return "\n----\n".join([self.page.url, *found, *self.errors])

    def map_colours(self) -> int:
        """Return how many colours cover some area of the first map."""
        picture = self.page.get_by_test_id("stDeckGlJsonChart").first.screenshot()
        colours = Image.open(io.BytesIO(picture)).convert("RGB").getcolors(2**20) or []
        return len([count for count, _ in colours if count > 300])

    def wait_for_map(self) -> None:
        """Wait until the first map is painted; software rendering takes its time."""
        for _ in range(60):
            if self.map_colours() >= 4:
                return
            self.page.wait_for_timeout(500)
        raise AssertionError("the map stayed blank")

    def headline(self) -> str:
        """Return the large sentence as it is read: without what keeps its words on one line."""
        return self._read("h1.headline")

    def basis(self) -> str:
        """Return the line below the headline as it is read."""
        return self._read("p.basis")

    def _read(self, css: str) -> str:
        return self.page.locator(css).inner_text().replace("\u2060", "")


@pytest.fixture(scope="session")
def contexts() -> dict[str, BrowserContext]:
    """Contexts by their options: kept, so that scripts are loaded once, as people's are."""
    return {}


@pytest.fixture
def visit(
    app: str,
    browser: Browser,
    contexts: dict[str, BrowserContext],
    request: pytest.FixtureRequest,
) -> Iterator[Visit]:
    """A visit in a tab of its own; parametrise it indirectly with options of the context."""
    options = {"viewport": {"width": 1400, "height": 1600}} | getattr(request, "param", {})
    if repr(options) not in contexts:
        contexts[repr(options)] = browser.new_context(**options)
    page = contexts[repr(options)].new_page()
    here = Visit(page, app)
    page.on("console", lambda m: here.errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: here.errors.append(str(error)))
    page.on(
        "request",
        lambda r: (
            here.foreign.append(r.url)
            if r.url.startswith(("http", "ws")) and app.split("//")[1] not in r.url
            else None
        ),
    )
    yield here
    page.close()
