"""The engine from the shell: ``python -m commerce sql``."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path

from commerce.errors import Refused
from commerce.sandbox.method import finish
from commerce.sandbox.refusal import Rejected
from commerce.sandbox.runner import Result, Runner


class Shown(Refused):
    """A refusal whose text shows the line of the SQL too, with a caret under the place."""

    def __init__(self, error: Rejected, sql: str) -> None:
        super().__init__(error.key, **error.params)
        self._text = "\n".join(filter(None, (str(error), error.pointer(sql))))

    def __str__(self) -> str:
        return self._text


def run(sql: str, values: Mapping[str, object], data: Path | None, *, export: bool) -> Result:
    """Return what ``sql`` gives; ``-`` reads it from standard input.

    Raises:
        Shown: when it was refused, failed or was cut off.
        Refused: when there is no data, or no journal can be written.
    """
    runner = Runner(keep_spare=False)
    runner.warm()
    text = sys.stdin.read() if sql == "-" else sql
    try:
        data_dir = str(data or "") or None
        found = runner.run(text, values, who=_who(), data_dir=data_dir, export=export)
        return finish(text, found)
    except Rejected as error:
        raise Shown(error, text) from None
    finally:
        runner.close()


def _who() -> str:
    try:
        return f"shell:{getpass.getuser()}"
    except (KeyError, OSError):
        return "shell"
