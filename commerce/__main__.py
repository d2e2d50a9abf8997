"""The command line: serve, ingest, publish, query, sql, datasets, template, demo and so on.

Exit status 0 done, 1 the input was refused, 2 wrong usage; one clear sentence on
standard error says what to do next.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from commerce.errors import Refused, UsageError
from commerce.fetch.command import add_parsers as add_fetch
from commerce.i18n import set_language, t


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError("cli.usage", message=message, usage=self.format_usage().strip())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m commerce", description=t("cli.description"))
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    serve = commands.add_parser("serve", help=t("cli.serve"))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8501)

    ingest = commands.add_parser("ingest", help=t("cli.ingest"))
    ingest.add_argument("sources", nargs="*", metavar="SRC", help=t("cli.ingest.sources"))
    ingest.add_argument("--data", type=Path, help=t("cli.data"))
    ingest.add_argument("--district", help=t("cli.ingest.district"))
    ingest.add_argument("--fresh", action="store_true", help=t("cli.ingest.fresh"))
    ingest.add_argument(
        "--snapshot-on", type=dt.date.fromisoformat, help=t("cli.ingest.snapshot_on")
    )
    ingest.add_argument("--dry-run", action="store_true", help=t("cli.ingest.dry_run"))
    _reasons(ingest)

    publish = commands.add_parser("publish", help=t("cli.publish"))
    publish.add_argument("id", help=t("cli.publish.id"))
    publish.add_argument("--data", type=Path, help=t("cli.data"))
    _reasons(publish)

    query = commands.add_parser("query", help=t("cli.query"))
    query.add_argument("name")
    query.add_argument("-p", dest="params", action="append", default=[], metavar="key=value")
    query.add_argument("--data", type=Path, help=t("cli.data"))
    query.add_argument("--format", choices=["table", "csv", "json", "parquet"], default="table")

    sql = commands.add_parser(
        "sql",
        help=t("cli.sql"),
        epilog=_limits(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sql.add_argument("sql", metavar="SQL")
    sql.add_argument("-p", dest="params", action="append", default=[], metavar="key=value")
    sql.add_argument("--data", type=Path, help=t("cli.data"))
    sql.add_argument("--format", choices=["table", "csv", "json", "parquet"], default="table")

    for name in ("datasets", "history"):
        command = commands.add_parser(name, help=t(f"cli.{name}"))
        command.add_argument("--data", type=Path, help=t("cli.data"))

    template = commands.add_parser(
        "template",
        help=t("cli.template"),
        epilog=t("template.card_sales") + "\n\n" + t("template.footfall"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    template.add_argument("name", choices=["card_sales", "footfall"], help=t("cli.template.name"))

    rollback = commands.add_parser("rollback", help=t("cli.rollback"))
    rollback.add_argument("name", nargs="?", help=t("cli.rollback.name"))
    rollback.add_argument("--data", type=Path, help=t("cli.data"))
    rollback.add_argument("--why", default="", metavar="TEXT", help=t("cli.why"))

    backup = commands.add_parser("backup", help=t("cli.backup"))
    backup.add_argument("target", type=Path, metavar="TARGET", help=t("cli.backup.target"))
    backup.add_argument("--data", type=Path, help=t("cli.data"))

    backtest = commands.add_parser("backtest", help=t("cli.backtest"))
    backtest.add_argument("--data", type=Path, help=t("cli.data"))
    backtest.add_argument("--cut", type=dt.date.fromisoformat, help=t("cli.backtest.cut"))

    demo = commands.add_parser("demo", help=t("cli.demo"))
    demo.add_argument("--data", type=Path, required=True, help=t("cli.data"))
    demo.add_argument("--scale", type=int, default=1)
    demo.add_argument("--seed", type=int, default=20261031)
    add_fetch(commands)
    return parser


def _reasons(command: argparse.ArgumentParser) -> None:
    command.add_argument("--why", default="", metavar="TEXT", help=t("cli.why"))
    command.add_argument("--confirm", metavar="REASON", help=t("cli.confirm"))


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    set_language("en" if spoken.startswith("en") else "ko")
    try:
        given = _parser().parse_args(argv)
        return _COMMANDS[given.command](given) or 0
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: nothing left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _serve(given: argparse.Namespace) -> None:
    from commerce.server import serve
    from commerce.snapshot import resolve

    snapshot = resolve()
    print(t("cli.serving", url=f"http://{given.host}:{given.port}", folder=snapshot.path))
    serve(given.host, given.port)


def _ingest(given: argparse.Namespace) -> None:
    from commerce.ingest.report import ConsoleProgress, format_report
    from commerce.publishing import propose, publish
    from commerce.publishing.command import format_proposal, whoami
    from commerce.snapshot import LIVE_DIR

    # `make ingest` hands SRC and DATA over in the environment: file names hold spaces.
    sources = given.sources or shlex.split(os.environ.get("SRC", ""))
    if not sources:
        raise UsageError("cli.no_sources")
    data = given.data or Path(os.environ.get("DATA") or LIVE_DIR)
    proposal = propose(
        [Path(source) for source in sources],
        data,
        who=whoami(),
        district=given.district,
        fresh=given.fresh,
        snapshot_on=given.snapshot_on,
        progress=ConsoleProgress(),
    )
    if given.dry_run:
        print(format_proposal(proposal))
        return
    print(format_proposal(proposal, ask=False), flush=True)
    snapshot = publish(data, proposal.id, who=whoami(), why=given.why, confirmed=given.confirm)
    proposal.report.snapshot = snapshot.path.name
    print(format_report(proposal.report))


def _publish(given: argparse.Namespace) -> None:
    from commerce.publishing import publish
    from commerce.publishing.command import whoami
    from commerce.snapshot import LIVE_DIR

    data = given.data or LIVE_DIR
    snapshot = publish(data, given.id, who=whoami(), why=given.why, confirmed=given.confirm)
    print(t("publishing.published", name=snapshot.path.name))


def _history(given: argparse.Namespace) -> None:
    from commerce.publishing.command import format_history
    from commerce.snapshot import LIVE_DIR

    print(format_history(given.data or LIVE_DIR))


def _query(given: argparse.Namespace) -> None:
    import duckdb

    from commerce.db import database
    from commerce.output import write
    from commerce.queries import load, method

    try:
        result = database(given.data).run(given.name, **_params(given.params))
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UsageError("query.failed", name=given.name, reason=reason) from None
    finish = method(load(given.name))
    write(finish(result) if finish else result, given.format)


def _params(pairs: list[str]) -> dict[str, object]:
    params: dict[str, object] = {}
    for pair in pairs:
        key, found, value = pair.partition("=")
        if not found:
            raise UsageError("cli.bad_pair", pair=pair)
        params[key] = value
    return params


def _sql(given: argparse.Namespace) -> None:
    from commerce.output import write
    from commerce.sandbox.command import run

    result = run(given.sql, _params(given.params), given.data, export=given.format != "table")
    write(result.frame(), given.format)
    sys.stdout.flush()
    if result.cut or result.cut_cells:
        raise result.shortfall()


def _limits() -> str:
    from commerce.sandbox.limits import LIMITS

    lines = (f"  {name:<14} {default:>9,}  {t(key)}" for name, default, key in LIMITS)
    return t("cli.sql.limits", limits="\n".join(lines))


def _datasets(given: argparse.Namespace) -> None:
    from commerce.ingest.inventory import datasets, format_datasets

    print(format_datasets(datasets(given.data)))


def _template(given: argparse.Namespace) -> None:
    from commerce.ingest.market.registry import template_header

    print(",".join(template_header(given.name)))


def _rollback(given: argparse.Namespace) -> None:
    from commerce.publishing import rollback
    from commerce.publishing.command import whoami
    from commerce.snapshot import LIVE_DIR

    data = given.data or LIVE_DIR
    snapshot = rollback(data, given.name, who=whoami(), why=given.why)
    print(t("cli.rollback.done", name=snapshot.path.name))


def _backup(given: argparse.Namespace) -> None:
    from commerce.backup import backup

    made = backup(given.target, given.data)
    size = f"{made.bytes / 2**20:,.1f}"
    print(t("backup.done", folder=made.folder, n=made.snapshots, files=made.files, size=size))


def _backtest(given: argparse.Namespace) -> None:
    from commerce.model.report import backtest_text
    from commerce.snapshot import resolve

    print(backtest_text(resolve(given.data).path, given.cut))


def _demo(given: argparse.Namespace) -> None:
    from commerce.demo import write_demo

    if given.scale < 1:
        raise UsageError("cli.bad_scale")
    write_demo(given.data, scale=given.scale, seed=given.seed)
    print(t("cli.demo.done", folder=given.data))


def _fetch(given: argparse.Namespace) -> None:
    from commerce.fetch.command import fetch

    fetch(given)


def _update(given: argparse.Namespace) -> int:
    from commerce.fetch.command import update

    return update(given)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "serve": _serve,
    "ingest": _ingest,
    "publish": _publish,
    "history": _history,
    "query": _query,
    "sql": _sql,
    "datasets": _datasets,
    "template": _template,
    "rollback": _rollback,
    "backup": _backup,
    "backtest": _backtest,
    "demo": _demo,
    "fetch": _fetch,
    "update": _update,
}

if __name__ == "__main__":
    sys.exit(main())
