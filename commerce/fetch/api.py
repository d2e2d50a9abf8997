"""The data.go.kr permit services: page by page, within the day's calls, into one file of answers.

The file holds the answers as they came, one after another; ingest reads it as layout C.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from commerce.errors import Refused
from commerce.fetch.answers import Answer, Failure, read
from commerce.fetch.budget import Budget
from commerce.fetch.client import Again, Client, Turned
from commerce.fetch.result import Result
from commerce.fetch.settings import KEY, SEOUL
from commerce.fetch.store import Store, write_whole
from commerce.ingest.reference import code_changes, rows, services
from commerce.snapshot import sync

_ADDRESS = {row["source"]: row for row in rows("fetch_sources")}["api"]
#: Rows move between pages while a publisher updates: so often everything is read anew.
_SWEEPS = 3
#: Pages that a fetch left behind are good for so long.
_PAGES_KEEP = timedelta(days=3)
#: Increments overlap by so much: rows may show later than their time of update says.
_OVERLAP = timedelta(days=1)
Since = date | None


class LimitReached(Refused):
    """No more calls today: there is no use in asking for other services."""


@dataclass(frozen=True)
class Query:
    """What is asked of one service: rows of an authority, all or those updated since a day."""

    service: str
    authority: str
    since: Since

    @property
    def name(self) -> str:
        """Return the name of the file."""
        part = f"_since_{self.since:%Y%m%d}" if self.since else ""
        return f"{self.service}_{self.authority}{part}.json"

    def parameters(self, page: int, size: int) -> dict[str, str]:
        """Return the parameters of one page, bar the key."""
        asked = {
            "pageNo": str(page),
            "numOfRows": str(size),
            "returnType": "json",
            "cond[OPN_ATMY_GRP_CD::EQ]": self.authority,
        }
        if self.since:
            asked["cond[DAT_UPDT_PNT::GTE]"] = f"{self.since:%Y%m%d}000000"
        return asked


def last_update(store: Store, service: str, authority: str, today: date, full_days: int) -> Since:
    """Return since when increments are due; None when all rows are, the first time or once again.

    Args:
        store: where the files are.
        service: slug of the service.
        authority: 7 digits.
        today: the day in Korea.
        full_days: all rows are due when the last whole file is older.
    """
    whole = store.note(Query(service, authority, None).name)
    try:
        full_on = date.fromisoformat(whole["full_on"])
        until = datetime.fromisoformat(whole["until"])
    except (KeyError, ValueError, TypeError):
        return None
    return None if (today - full_on).days >= full_days else (until - _OVERLAP).date()


def fetch(client: Client, store: Store, budget: Budget, query: Query) -> Result:
    """Fetch what is asked, page by page, unless it is here unchanged.

    Args:
        client: the client.
        store: where files go.
        budget: the calls of the day.
        query: what is asked.

    Raises:
        LimitReached: when there are no calls left today; the pages so far are kept.
        Refused: when not all pages came; a file that was here before stays.
    """
    if client.settings.key is None:
        raise LimitReached("fetch.no_key", name=KEY)
    title = f"{services()[query.service]} {query.authority}"
    pages = _Pages(client, store, budget, query)
    count, until = pages.fetch()
    whole = Query(query.service, query.authority, None).name
    known: dict[str, object] = {"until": until.isoformat()}
    if not query.since:
        known["full_on"] = pages.started.date().isoformat()
    was_here = (store.folder / query.name).is_file()
    if not count:
        pages.forget()
        if query.since:
            return Result(title, "unchanged")
        if was_here:
            raise Refused("fetch.suddenly_empty", what=title, file=query.name)
        return Result(title, "empty")
    is_new = store.keep(pages.joined(), query.name, **known)
    pages.forget()
    if query.since:
        _advance(store, whole, query.since, until)
    else:
        for file in store.folder.glob(f"{query.service}_{query.authority}_since_*.json"):
            store.drop(file.name)
    state = "unchanged" if not is_new else "changed" if was_here else "new"
    return Result(title, state, store.folder / query.name, rows=count)


def _advance(store: Store, whole: str, since: date, until: datetime) -> None:
    """Note up to when the whole file and its increments know, unless there is a gap between."""
    note = store.note(whole)
    if note.get("until") and since <= datetime.fromisoformat(note["until"]).date():
        store.know(whole, until=max(until, datetime.fromisoformat(note["until"])).isoformat())


class _Pages:
    """The pages of one query, each a file, so that a killed fetch goes on with the next page."""

    def __init__(self, client: Client, store: Store, budget: Budget, query: Query) -> None:
        self._client, self._store, self._budget, self._query = client, store, budget, query
        self._folder = store.under_way(f"{query.name}.pages")
        self._url = client.settings.api + _ADDRESS["path"].format(service=query.service)
        self._what = f"{services()[query.service]} {query.authority}"
        self._asked = query.parameters(0, client.settings.rows_per_page)
        self.started = self._resume() or self._begin()

    def fetch(self) -> tuple[int, datetime]:
        """Fetch all pages; return how many rows there are, and up to when they are known.

        Raises:
            Refused: when rows move between pages each time, or a page does not come.
        """
        before = -1
        for _ in range(_SWEEPS):
            found = self._sweep()
            if found is not None:
                ids, latest = found
                doubles = ids.total() - len(ids)
                # Doubles may mean that rows moved while we paged; the same ones again are real.
                if doubles in (0, before):
                    return ids.total(), min(latest or self.started, self.started)
                before = doubles
            self.started = self._begin()
        raise Refused("fetch.moving", what=self._what)

    def joined(self) -> Path:
        """Return one file of all answers, one after another."""
        path = self._store.under_way(f"{self._query.name}.part")
        with path.open("wb") as file:
            for page in sorted(self._folder.glob("*.json")):
                file.write(page.read_bytes().removeprefix(b"\xef\xbb\xbf").strip() + b"\n")
        sync(path)
        return path

    def forget(self) -> None:
        """Remove the pages."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _sweep(self) -> tuple[Counter[str], datetime | None] | None:
        """Read all pages once; None when the number of rows changed on the way."""
        ids: Counter[str] = Counter()
        latest: datetime | None = None
        total, page = -1, 0
        while True:
            page += 1
            answer = self._page(page)
            if page == 1:
                total = answer.total
            if answer.total != total:
                return None
            for row in answer.rows:
                ids[str(row.get("MNG_NO") or json.dumps(row, sort_keys=True))] += 1
                updated = _time(row.get("DAT_UPDT_PNT"))
                latest = max(latest or updated, updated) if updated else latest
            if ids.total() >= total or not answer.rows:
                return (ids, latest) if ids.total() == total else None

    def _page(self, page: int) -> Answer:
        file = self._folder / f"{page:06}.json"
        if file.is_file():
            answer = read(200, file.read_bytes())
            if isinstance(answer, Answer):
                return answer
        asked = self._query.parameters(page, self._client.settings.rows_per_page)
        try:
            content, answer = self._client.patiently(lambda: self._ask(asked))
        except LimitReached as limit:
            params = limit.params | {"what": self._what, "pages": page - 1}
            raise LimitReached(limit.key, **params) from None
        if answer.page not in (None, page):
            raise Refused("fetch.other_page", what=self._what)
        self._check_authority(answer.rows)
        if answer.rows or page == 1:
            write_whole(file, content)
        return answer

    def _ask(self, asked: dict[str, str]) -> tuple[bytes, Answer]:
        """Send one call, and count it."""
        try:
            self._budget.spend()
        except Refused as used:
            raise LimitReached(used.key, **used.params) from None
        key = self._client.settings.key or ""
        try:
            with self._client.get(self._url, {"serviceKey": key, **asked}, redirects=0) as response:
                most = self._client.settings.most_answer
                content = b"".join(self._client.blocks(response, most))
                status = response.status_code
        except Turned:
            raise Refused("fetch.api_elsewhere", what=self._what) from None
        content = self._client.without_secrets(content)
        answer = read(status, content)
        if isinstance(answer, Failure):
            raise self._failed(answer)
        return content, answer

    def _failed(self, failure: Failure) -> Exception:
        shown = {"what": self._what, "code": failure.code, "name": failure.name}
        if failure.action == "tomorrow":
            self._budget.close()
            used = f"{self._budget.used():,}"
            return LimitReached("fetch.limit_told", used=used)
        if failure.action == "key":
            return Refused("fetch.key_refused", **shown, variable=KEY)
        if failure.action == "request":
            return Refused("fetch.request_refused", **shown)
        if failure.action == "page":
            return Again(Refused("fetch.no_rows_in_answer", what=self._what))
        return Again(Refused("fetch.api_fault", **shown))

    def _check_authority(self, found: list[dict[str, Any]]) -> None:
        """Make sure that the server has heeded the condition, lest the whole nation comes."""
        now = code_changes("authority")
        given = {str(row.get("OPN_ATMY_GRP_CD")) for row in found}
        codes = {code for code in given if code.isdigit()}
        if codes and self._query.authority not in {now.get(code, code) for code in codes}:
            asked = self._query.authority
            raise Refused("fetch.other_authority", what=self._what, asked=asked, got=min(codes))

    def _begin(self) -> datetime:
        self.forget()
        started = self._client.settings.now()
        note = {"asked": self._asked, "started": started.isoformat()}
        write_whole(self._folder / "query.note", json.dumps(note).encode())
        return started

    def _resume(self) -> datetime | None:
        try:
            note = json.loads((self._folder / "query.note").read_bytes())
            started = datetime.fromisoformat(note["started"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        age = self._client.settings.now() - started
        fits = note["asked"] == self._asked and timedelta(0) <= age < _PAGES_KEEP
        return started if fits else None


def _time(value: object) -> datetime | None:
    """Return a time of update: ``2026-02-07 22:02:00`` or ``20260207220200``, in Korea."""
    digits = "".join(c for c in str(value or "") if c.isdigit())[:14]
    if len(digits) < 8:
        return None
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=SEOUL)
    except ValueError:
        return None
