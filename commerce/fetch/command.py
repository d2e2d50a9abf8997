"""The commands ``fetch permits``, ``fetch boundaries`` and ``update``."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commerce.errors import Refused, UsageError
from commerce.i18n import number, t

if TYPE_CHECKING:
    from commerce.fetch.result import Result
    from commerce.fetch.settings import Settings
    from commerce.fetch.store import Store

#: What ``update`` fetches, since cron has no other place to say it.
AUTHORITY, SERVICES = "COMMERCE_FETCH_AUTHORITY", "COMMERCE_FETCH_SERVICES"
SOURCE, DISTRICT = "COMMERCE_FETCH_SOURCE", "COMMERCE_FETCH_DISTRICT"

#: After so many failures of a server in a row, no more is asked of it.
_GIVE_UP = 3
_DOWN = ("fetch.broken", "fetch.timeout", "fetch.no_answer", "fetch.server_fault")
_UNWANTED = ("fetch.throttled", "fetch.told_to_wait")


def add_parsers(commands: argparse._SubParsersAction[Any]) -> None:
    """Add ``fetch`` and ``update`` to the commands of the app."""
    fetch = commands.add_parser("fetch", help=t("cli.fetch"))
    kinds = fetch.add_subparsers(
        dest="kind", required=True, parser_class=type(fetch), metavar="permits|boundaries"
    )
    permits = kinds.add_parser("permits", help=t("cli.fetch.permits"))
    permits.add_argument("--authority", required=True, help=t("cli.fetch.authority"))
    permits.add_argument("--services", help=t("cli.fetch.services"))
    permits.add_argument("--source", choices=["files", "api"], default="files")
    permits.add_argument("--since", default="last", help=t("cli.fetch.since"))
    permits.add_argument("--into", type=Path, metavar="DIR", help=t("cli.fetch.into"))
    boundaries = kinds.add_parser("boundaries", help=t("cli.fetch.boundaries"))
    boundaries.add_argument("--district", required=True, help=t("cli.fetch.district"))
    boundaries.add_argument("--on", type=dt.date.fromisoformat, help=t("cli.fetch.on"))
    boundaries.add_argument("--into", type=Path, metavar="DIR", help=t("cli.fetch.into"))

    update = commands.add_parser(
        "update",
        help=t("cli.update"),
        epilog=t("cli.update.settings"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    update.add_argument("--data", type=Path, help=t("cli.data"))


def fetch(given: argparse.Namespace) -> None:
    """Run ``fetch``.

    Raises:
        Refused: when anything asked for could not be fetched; the rest was.
    """
    from commerce.fetch.settings import fetched_folder, from_environment
    from commerce.fetch.store import Store

    store = Store(given.into or fetched_folder())
    settings = from_environment()
    with store.hold():
        if given.kind == "permits":
            jobs = _permits(
                settings, store, given.authority, given.services, given.source, given.since
            )
        else:
            jobs = _boundaries(store, given.district, given.on or settings.now().date())
        _tell(list(_run(jobs)))


def update(given: argparse.Namespace) -> int:
    """Run ``update``: fetch, ingest what is new, and return the exit status of both.

    Raises:
        Refused: when anything could not be fetched; the rest was fetched and published.
    """
    from commerce.fetch.settings import fetched_folder, from_environment
    from commerce.fetch.store import Store
    from commerce.fetch.update import ingest, pending
    from commerce.snapshot import LIVE_DIR

    authority = os.environ.get(AUTHORITY)
    if not authority:
        raise UsageError("fetch.no_authority", variable=AUTHORITY)
    store, settings = Store(fetched_folder()), from_environment()
    data = given.data or Path(os.environ.get("DATA") or os.environ.get("COMMERCE_DATA") or LIVE_DIR)
    source = os.environ.get(SOURCE) or "files"
    if source not in ("files", "api"):
        raise UsageError("fetch.bad_setting", name=SOURCE, value=source)
    with store.hold():
        jobs = _permits(settings, store, authority, os.environ.get(SERVICES), source, "last")
        if district := os.environ.get(DISTRICT):
            jobs += _boundaries(store, district, settings.now().date())
        results = list(_run(jobs))
        files = pending(store, data)
        status = 0
        if files:
            print(t("update.ingesting", files=number(len(files)), folder=data), flush=True)
            status = ingest(store, files, data)
        else:
            print(t("update.nothing_new", folder=data))
    _tell(results)
    return status


_Job = Callable[[], "Result"]


def _permits(
    settings: Settings, store: Store, authority: str, services: str | None, source: str, since: str
) -> list[_Job]:
    from commerce.fetch import api, file_server
    from commerce.fetch.budget import Budget
    from commerce.fetch.client import Client
    from commerce.fetch.settings import chosen_authorities, chosen_services

    codes, slugs = chosen_authorities(authority), chosen_services(services)
    day = _since(since, source)
    budget = Budget(settings.state / "fetch", settings.calls_per_day, settings.now)

    def job(slug: str, code: str) -> Result:
        with Client(settings) as client:
            if source == "files":
                return file_server.fetch(client, store, slug, code)
            asked = day
            if since == "last":
                today = settings.now().date()
                asked = api.last_update(store, slug, code, today, settings.full_days)
            return api.fetch(client, store, budget, api.Query(slug, code, asked))

    if source == "api" and any(code.endswith("_ALL") for code in codes):
        raise UsageError("fetch.bad_authority", code=next(c for c in codes if c.endswith("_ALL")))
    return [_Named(slug, code, job) for code in codes for slug in slugs]


class _Named:
    """A job that knows what to call itself when it fails."""

    def __init__(self, service: str, authority: str, job: Callable[[str, str], Result]) -> None:
        self._service, self._authority, self._job = service, authority, job

    def __call__(self) -> Result:
        return self._job(self._service, self._authority)

    def __str__(self) -> str:
        from commerce.ingest.reference import services

        return f"{services()[self._service]} {self._authority}"


def _boundaries(store: Store, district: str, on: dt.date) -> list[_Job]:
    from commerce.fetch import boundaries

    codes = boundaries.chosen_districts(district)
    return [lambda: boundaries.fetch(store, codes, on)]


def _since(text: str, source: str) -> dt.date | None:
    """Return the day that ``--since`` names; None for all rows, and where the store knows best."""
    if text in ("last", "all"):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError("fetch.bad_since", value=text) from None
    if source == "files":
        raise UsageError("fetch.since_wants_api")
    return day


def _run(jobs: list[_Job]) -> list[Result]:
    """Do one job after another, each told as it ends; a failure holds back no other.

    But a server that is down, or does not want us now, is not asked for each of a hundred services.
    """
    from commerce.fetch.result import Result

    results: list[Result] = []
    in_a_row = 0
    for job in jobs:
        title = str(job) if isinstance(job, _Named) else t("fetch.boundaries")
        if in_a_row >= _GIVE_UP and isinstance(job, _Named):
            results.append(Result(title, "skipped"))
            continue
        try:
            result = job()
        except Refused as error:
            result = Result(title, "failed", error=error)
        if isinstance(job, _Named):
            in_a_row = in_a_row + _weight(result.error) if result.error else 0
        results.append(result)
        # The failure of all that was asked is told once, as the failure of the command.
        if result.error is None or len(jobs) > 1:
            print(result.text(), file=sys.stderr if result.error else sys.stdout, flush=True)
    return results


def _weight(error: Refused) -> int:
    """Return how much a failure speaks against asking the same server for more."""
    from commerce.fetch.api import LimitReached

    if isinstance(error, LimitReached) or error.key in _UNWANTED:
        return _GIVE_UP
    return 1 if error.key in _DOWN else 0


def _tell(results: list[Result]) -> None:
    """Raise the sentence of the one failure, or the one that counts them."""
    failed = [result for result in results if result.error]
    skipped = [result for result in results if result.state == "skipped"]
    if failed and len(results) == 1 and failed[0].error is not None:
        raise failed[0].error
    if failed:
        raise Refused(
            "fetch.some_failed",
            failed=number(len(failed)),
            skipped=number(len(skipped)),
            fetched=number(len(results) - len(failed) - len(skipped)),
        )
