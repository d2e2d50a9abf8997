"""A server of ours on loopback that behaves as the file server and data.go.kr do, faults too."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LOGIN = b"<!DOCTYPE html>\n<html><body>login</body></html>"
XML_ERROR = (
    "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
    "<returnAuthMsg>{name}</returnAuthMsg><returnReasonCode>{code}</returnReasonCode>"
    "</cmmMsgHeader></OpenAPI_ServiceResponse>"
)


@dataclass
class Fault:
    """What the next request gets instead of its answer; what is None stays as it would be."""

    status: int | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    #: the connection breaks after so many bytes of the body
    cut: int | None = None
    #: and it does so without a word, as when a cable is pulled
    reset: bool = False
    #: Content-Length says so many bytes more (or fewer) than there are
    lie: int = 0


@dataclass
class Asked:
    """A request that came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


def xml_error(code: str, name: str) -> Fault:
    """An error in XML, with status 200, though JSON was asked for."""
    return Fault(200, XML_ERROR.format(code=code, name=name).encode(), {"Content-Type": "text/xml"})


def json_error(code: str, message: str) -> Fault:
    """An error in JSON, with status 200."""
    answer = {"response": {"header": {"resultCode": code, "resultMsg": message}}}
    return Fault(200, json.dumps(answer).encode())


class Server:
    """Files by (service, authority), rows by (service, authority), and faults in a queue."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.rows: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.faults: deque[Fault | None] = deque()
        self.asked: list[Asked] = []
        self.key = "k" * 40
        self.most_rows = 100
        #: called with each request before it is answered
        self.before: Callable[[Asked], None] = lambda asked: None
        #: called when so much of a file was sent, before the rest
        self.half_way: Callable[[], None] | None = None
        self.wants_cookie = False
        self.ranges = True
        self.etags = True
        self.heeds_authority = True
        self.one_as_object = True
        self.busy = self.most_busy = 0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def pages(self) -> list[int]:
        return [int(asked.query["pageNo"]) for asked in self.asked if "pageNo" in asked.query]

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        if asked.path.startswith("/file/"):
            return self._file(asked)
        return self._page(asked)

    def _file(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        parts = asked.path.split("/")
        if asked.path == "/login":
            return 200, LOGIN, {"Content-Type": "text/html"}
        if parts[2] != "download":
            return 200, LOGIN, {"Content-Type": "text/html", "Set-Cookie": "seen=1; Path=/"}
        here = f"{self.address}/file/{parts[3]}/info"
        browser = asked.headers["user-agent"].startswith("Mozilla/")
        if asked.headers.get("referer") != here or not browser:
            return 302, b"", {"Location": "/error/error.html"}
        if self.wants_cookie and "seen=1" not in asked.headers.get("cookie", ""):
            return 302, b"", {"Location": "/login"}
        body = self.files.get((parts[3], asked.query.get("orgCode", "")))
        if body is None:
            return 404, b"", {}
        # The header lies: the body is cp949.
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        if not self.etags:
            return 200, body, headers
        etag = f'"{hash(body):x}"'
        headers["ETag"] = etag
        if asked.headers.get("if-none-match") == etag:
            return 304, b"", headers
        wanted = asked.headers.get("range")
        if wanted and self.ranges and asked.headers.get("if-range") == etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return 206, body[start:], headers
        return 200, body, headers

    def _page(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        if asked.path == "/error/error.html" or asked.path == "/login":
            return 200, LOGIN, {"Content-Type": "text/html"}
        if asked.query.get("serviceKey") != self.key:
            fault = xml_error("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR")
            return 200, fault.body or b"", fault.headers
        service = asked.path.split("/")[1]
        authority = asked.query["cond[OPN_ATMY_GRP_CD::EQ]"]
        rows = [
            row
            for (slug, code), some in self.rows.items()
            for row in some
            if slug == service and (code == authority or not self.heeds_authority)
        ]
        since = asked.query.get("cond[DAT_UPDT_PNT::GTE]", "")
        plain = {id(row): "".join(c for c in row["DAT_UPDT_PNT"] if c.isdigit()) for row in rows}
        rows = [row for row in rows if plain[id(row)] >= since]
        size = min(int(asked.query["numOfRows"]), self.most_rows)
        page = int(asked.query["pageNo"])
        some = rows[(page - 1) * size : page * size]
        item: object = some[0] if len(some) == 1 and self.one_as_object else some
        body = {
            "resultType": "JSON",
            "items": {"item": item} if some else "",
            "pageNo": page,
            "numOfRows": size,
            "totalCount": len(rows),
        }
        answer = {"response": {"header": {"resultCode": "0", "resultMsg": "정상"}, "body": body}}
        return (
            200,
            json.dumps(answer, ensure_ascii=False).encode(),
            {"Content-Type": "application/json;charset=UTF-8"},
        )

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {k: v[0] for k, v in parse_qs(parts.query).items()}
                asked = Asked(parts.path, query, {k.lower(): v for k, v in self.headers.items()})
                with server._lock:
                    server.asked.append(asked)
                    server.busy += 1
                    server.most_busy = max(server.most_busy, server.busy)
                    fault = server.faults.popleft() if server.faults else None
                try:
                    server.before(asked)
                    self._send(asked, fault or Fault())
                finally:
                    with server._lock:
                        server.busy -= 1

            def _send(self, asked: Asked, fault: Fault) -> None:
                status, body, headers = 200, b"", {}
                if fault.status is None or fault.body is None:
                    status, body, headers = server.answer(asked)
                status = fault.status or status
                body = body if fault.body is None else fault.body
                self.send_response(status)
                for name, value in {**headers, **fault.headers}.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body) + fault.lie))
                self.end_headers()
                if fault.cut is not None:
                    self.wfile.write(body[: fault.cut])
                    self.wfile.flush()
                    if fault.reset:
                        linger = struct.pack("ii", 1, 0)
                        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.close_connection = True
                    return
                if server.half_way is not None and "/download/" in asked.path:
                    self.wfile.write(body[: len(body) // 2])
                    self.wfile.flush()
                    server.half_way()
                    body = body[len(body) // 2 :]
                self.wfile.write(body)
                if fault.lie:
                    self.close_connection = True

            def finish(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

            def handle(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().handle()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
