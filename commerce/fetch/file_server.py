"""The ministry's file server: one CSV per service and authority, as it is, or the old one stays."""

from __future__ import annotations

import json
from pathlib import Path

import requests

from commerce.errors import Refused
from commerce.fetch.client import Again, Client, Turned, int_of
from commerce.fetch.result import Result
from commerce.fetch.store import Store, write_whole
from commerce.ingest import delimited
from commerce.ingest.files import RawFile
from commerce.ingest.recognise import kind
from commerce.ingest.reference import code_changes, rows, services
from commerce.ingest.source import DelimitedFile, read_head

_ADDRESS = {row["source"]: row for row in rows("fetch_sources")}["files"]


def fetch(client: Client, store: Store, service: str, authority: str) -> Result:
    """Fetch the permits of a service and an authority, unless they are here unchanged.

    Args:
        client: the client.
        store: where files go.
        service: slug of the service.
        authority: 7 digits, or 7 digits and ``_ALL`` for a whole province.

    Raises:
        Refused: when no whole file came; a file that was here before stays.
    """
    name, title = f"{service}_{authority}.csv", f"{services()[service]} {authority}"
    part = store.under_way(f"{name}.part")
    known = store.note(name)
    download = _Download(client, store, service, authority, part, known)
    was_here = (store.folder / name).is_file()
    if not client.patiently(download.run):
        return Result(title, "unchanged", store.folder / name)
    try:
        has_rows = _check(part, name, authority)
    except Refused:
        _forget(part)
        raise
    if not has_rows:
        _forget(part)
        if was_here:
            raise Refused("fetch.suddenly_empty", what=title, file=name)
        return Result(title, "empty")
    _notes(part).unlink(missing_ok=True)
    is_new = store.keep(part, name, **download.validators())
    state = "unchanged" if not is_new else "changed" if was_here else "new"
    return Result(title, state, store.folder / name)


class _Download:
    """One file on its way; each run goes on where the one before broke off, if the server can."""

    def __init__(
        self,
        client: Client,
        store: Store,
        service: str,
        authority: str,
        part: Path,
        known: dict[str, object],
    ) -> None:
        base = client.settings.files
        self._page = base + _ADDRESS["page"].format(service=service)
        self._url = base + _ADDRESS["path"].format(service=service)
        self._client, self._store, self._part = client, store, part
        self._authority, self._known, self._visited = authority, known, False

    def run(self) -> bool:
        """Fetch; return False when the file that is here is still the newest."""
        try:
            return self._try()
        except Turned:
            if self._visited:
                raise self._turned() from None
        # Some servers want to have shown their page first, and remember it by a cookie.
        self._visited = True
        try:
            with self._client.get(self._page) as response:
                for _ in self._client.blocks(response, self._client.settings.most_answer):
                    pass
            return self._try()
        except Turned:
            raise self._turned() from None

    def validators(self) -> dict[str, object]:
        """Return what the server said by which to ask it later whether the file has changed."""
        return {k: v for k, v in self._said.items() if k in ("etag", "last_modified")}

    def _turned(self) -> Refused:
        return Refused("fetch.turned_away", page=self._page)

    def _try(self) -> bool:
        headers = {"Referer": self._page, "Accept": "text/csv, */*", "Accept-Encoding": "identity"}
        start = self._resume(headers)
        if not start:
            for header, note in (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified")):
                if self._known.get(note):
                    headers[header] = str(self._known[note])
        with self._client.get(self._url, {"orgCode": self._authority}, headers) as response:
            status = response.status_code
            if status == 304 and not start:
                return False
            if status == 416:
                _forget(self._part)
                raise Again(Refused("fetch.broken", host=_host(response)))
            if status in (401, 403) or "html" in response.headers.get("content-type", "").lower():
                raise Turned
            if status not in (200, 206):
                raise Refused("fetch.status", host=_host(response), status=status)
            if status == 206 and not (start and _goes_on(response, start)):
                _forget(self._part)
                raise Again(Refused("fetch.broken", host=_host(response)))
            self._receive(response, append=status == 206)
        return True

    def _resume(self, headers: dict[str, str]) -> int:
        """Ask for the rest of what a run before has left, if it can be told to be the same."""
        try:
            said = json.loads(_notes(self._part).read_bytes())
            size = self._part.stat().st_size
        except (OSError, ValueError):
            return 0
        # Only a strong validator promises the same bytes.
        mark = said.get("etag") or said.get("last_modified")
        if said.get("url") != self._whole_url() or not mark or mark.startswith("W/") or not size:
            return 0
        headers["Range"], headers["If-Range"] = f"bytes={size}-", mark
        self._said = said
        return int(size)

    def _receive(self, response: requests.Response, append: bool) -> None:
        if not append:
            self._said = {"url": self._whole_url()}
            if "content-encoding" not in response.headers:
                for header in ("ETag", "Last-Modified"):
                    if value := response.headers.get(header):
                        self._said[header.lower().replace("-", "_")] = value
        self._store.check_space(int_of(response.headers.get("content-length")))
        write_whole(_notes(self._part), json.dumps(self._said).encode())
        with self._part.open("ab" if append else "wb") as file:
            most = self._client.settings.most_file - file.tell()
            for block in self._client.blocks(response, most):
                file.write(block)

    def _whole_url(self) -> str:
        return f"{self._url}?orgCode={self._authority}"


def _check(part: Path, name: str, authority: str) -> bool:
    """Make sure that a file is permits of this authority, up to its end; return if it has rows."""
    file = RawFile(part, None, name, named=True)
    head = read_head(file)
    if not head.strip():
        raise Refused("fetch.empty", file=name)
    try:
        is_text = kind(head, file) == "text"
    except Refused:
        is_text = False
    if not is_text:
        raise Refused("fetch.page_instead", file=name)
    table = DelimitedFile(file, head)
    first = table.first_values(head)
    if not first:
        return False
    with part.open("rb") as whole:
        whole.seek(max(part.stat().st_size - delimited.TAIL, 0))
        table.check_end(whole.read())
    place = table.match.columns.get("authority")
    if place is not None and not authority.endswith("_ALL"):
        codes = {row[place].decode() for row in first if len(row) > place and row[place].isdigit()}
        now = code_changes("authority")
        if codes and authority not in {now.get(code, code) for code in codes}:
            raise Refused("fetch.other_authority", what=name, asked=authority, got=min(codes))
    return True


def _goes_on(response: requests.Response, start: int) -> bool:
    return response.headers.get("content-range", "").startswith(f"bytes {start}-")


def _host(response: requests.Response) -> str:
    return response.url.split("/")[2]


def _notes(part: Path) -> Path:
    return part.with_suffix(".notes")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _notes(part).unlink(missing_ok=True)
