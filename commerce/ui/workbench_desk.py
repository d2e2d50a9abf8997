"""What lies on a reader's desk in the workbench: the SQL, its values, and the run in hand."""

from __future__ import annotations

import threading
import time
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import streamlit as st

from commerce.errors import Refused
from commerce.i18n import language, set_language, t
from commerce.sandbox.method import finish
from commerce.sandbox.process import Child
from commerce.sandbox.refusal import Rejected
from commerce.sandbox.runner import Result, Runner, runner
from commerce.snapshot import Snapshot

_lock = threading.Lock()


class Job:
    """One run in a thread of its own, so that the page can tell the time and cancel it.

    Args:
        sql: the statement as typed.
        values: values of its parameters.
        who: who asks.
        snapshot: the data.
        export: whether the larger limits hold.
    """

    def __init__(
        self,
        sql: str,
        values: dict[str, Any],
        who: str,
        snapshot: Snapshot,
        export: bool = False,
    ) -> None:
        self.sql, self.values, self.who, self.snapshot = sql, values, who, snapshot
        self.export = export
        self.result: Result | None = None
        self.error: Refused | None = None
        self.total: int | None = None
        self._started = time.monotonic()
        self._seconds: float | None = None
        self._child: Child | None = None
        self._cancelled = False
        self._own_lock = threading.Lock()
        inside = copy_context()
        threading.Thread(target=inside.run, args=(self._work,), daemon=True).start()

    @property
    def done(self) -> bool:
        """Return whether it has ended, come what may."""
        return self._seconds is not None

    @property
    def seconds(self) -> float:
        """Return how long it has been running, or ran."""
        return time.monotonic() - self._started if self._seconds is None else self._seconds

    @property
    def rejected(self) -> Rejected | None:
        """Return what the engine refused, if it did."""
        return self.error if isinstance(self.error, Rejected) else None

    def cancel(self) -> None:
        """End the run: its process is killed."""
        with self._own_lock:
            self._cancelled = True
            if self._child:
                self._child.cancel()

    def _taken(self, child: Child) -> None:
        with self._own_lock:
            self._child = child
            if self._cancelled:
                child.cancel()

    def _work(self) -> None:
        try:
            self.result = finish(self.sql, self._run(self.sql))
            if self.export and self.result.cut:
                self.total = self._count()
        except Refused as error:
            self.error = Rejected("sandbox.cancelled") if self._cancelled else error
        except Exception:
            # A thread's errors would be seen by nobody: the page says that it failed.
            self.error = Refused("frame.error")
            raise
        finally:
            self._seconds = time.monotonic() - self._started

    def _count(self) -> int | None:
        """Return how many rows there are in all; None where counting them takes too long."""
        try:
            counted = self._run(f"select count(*) from (\n{self.sql.strip().rstrip(';')}\n)")
        except Refused:
            return None
        return int(counted.table.column(0)[0].as_py())

    def _run(self, sql: str) -> Result:
        return engine().run(
            sql,
            self.values,
            who=self.who,
            snapshot=self.snapshot,
            export=self.export,
            taken=self._taken,
        )


@dataclass
class Desk:
    """The state of the workbench in one session.

    Attributes:
        sql: what stands in the editor.
        version: counts how often other SQL was put there than was typed.
        name: where the SQL comes from, as people read it.
        ran: the last Ctrl+Enter that was answered.
        plain: whether a plain text box is used.
        job: the last run; ``whole`` the last run for files.
        go: whether to run at the next drawing.
        given: values for parameters that inputs have not taken yet.
    """

    sql: str = ""
    version: int = 0
    name: str = ""
    ran: int = 0
    plain: bool = False
    job: Job | None = None
    whole: Job | None = None
    go: bool = False
    given: dict[str, Any] = field(default_factory=dict)

    def put(self, sql: str, values: dict[str, Any], name: str = "") -> None:
        """Put other SQL on the desk, with values for its parameters."""
        self.sql, self.given, self.name = sql, values, name
        self.version += 1
        self.stop()

    def change_editor(self) -> None:
        """Use the plain text box instead of the editor, or the other way round."""
        self.plain, self.version = not self.plain, self.version + 1

    def stop(self) -> None:
        """Forget the last run; one that is under way ends."""
        for job in (self.job, self.whole):
            if job and not job.done:
                job.cancel()
        self.job = self.whole = None


def desk() -> Desk:
    """Return the desk of this session."""
    if "workbench desk" not in st.session_state:
        st.session_state["workbench desk"] = Desk()
    found: Desk = st.session_state["workbench desk"]
    return found


def engine() -> Runner:
    """Return the engine of this process, made once though several ask at once."""
    with _lock:
        return runner()


@cache
def warm() -> None:
    """Begin to start the engine, so that it is ready when the first query is."""
    threading.Thread(target=engine, daemon=True).start()


def running(job: Job) -> None:
    """Draw the time that passes, and a button that cancels; the page runs anew at the end."""
    _watch(job, language())


@st.fragment(run_every=0.3)
def _watch(job: Job, reader: str) -> None:
    set_language(reader)  # redrawn alone, no page has said it
    if job.done:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        words = "workbench.running.export" if job.export else "workbench.running"
        st.html(
            f'<span role="status">{t(words, seconds=f"{job.seconds:.1f}")}</span>', width="content"
        )
        if st.button(
            t("workbench.cancel"), icon=":material/stop_circle:", key=f"workbench_cancel_{id(job)}"
        ):
            job.cancel()
