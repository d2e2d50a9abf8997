"""The process of one job: ``python -m commerce.publishing FOLDER``, started by :mod:`.jobs`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from commerce.errors import Refused
from commerce.publishing import jobs, record
from commerce.publishing.proposal import propose


class Progress:
    """Writes how far a job is, five times a second at most, whole each time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / jobs.STATE
        self._started = time.monotonic()
        self._written = -1.0
        self._known: dict[str, Any] = {"file": "", "rows": 0, "share": 0.0}

    def __call__(self, file: str, rows: int, share: float, done: bool = False) -> None:
        """Tell of files that are read."""
        now = time.monotonic()
        if not done and now - self._written < 0.2:
            return
        self._written = now
        self._known |= {"file": file.rsplit("/", 1)[-1], "rows": rows, "share": share}
        self.tell("building" if done and share >= 1 else "reading")

    def tell(self, phase: str, **more: object) -> None:
        """Tell of a phase."""
        seconds = time.monotonic() - self._started
        record.write(self._file, self._known | {"phase": phase, "seconds": seconds} | more)


def main(folder: Path) -> int:
    """Do the job of a folder; return the exit status."""
    job, progress = jobs.read(folder), Progress(folder)
    # Raised as an exception, so that what was half built is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        progress.tell("reading")
        proposal = propose(
            [Path(file) for file in job.files],
            job.data_dir,
            who=job.who,
            district=job.options.district,
            fresh=job.options.fresh,
            snapshot_on=job.options.snapshot_on,
            progress=progress,
            checking=lambda: progress.tell("checking"),
        )
    except SystemExit:
        progress.tell("cancelled")
        raise
    except Refused as error:
        progress.tell("failed", failed=record.refused_to(error))
        return 1
    except Exception:
        broken = Refused("publishing.job_broken", log=str(folder / jobs.LOG))
        with contextlib.suppress(OSError):
            progress.tell("failed", failed=record.refused_to(broken))
        raise
    progress.tell("done", share=1.0, proposal=proposal.id)
    return 0


if __name__ == "__main__":
    os.nice(5)  # pages come first
    sys.exit(main(Path(sys.argv[1])))
