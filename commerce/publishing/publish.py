"""The switch: a proposal becomes what is served, or an earlier snapshot is served again."""

from __future__ import annotations

from pathlib import Path

from commerce import snapshot as snapshots
from commerce.errors import Refused
from commerce.ingest import lock, space
from commerce.ingest.setting import is_full
from commerce.publishing import history, quality, record
from commerce.publishing.history import Event
from commerce.publishing.proposal import Proposal, load
from commerce.snapshot import Snapshot

#: Room for the manifest, the history and the pointer.
_ROOM = 2**20


def publish(
    data_dir: Path, id: str, *, who: str, why: str, confirmed: str | None = None
) -> Snapshot:
    """Serve a proposal from now on, and return its snapshot.

    Args:
        data_dir: the data folder.
        id: the proposal.
        who: who publishes it.
        why: why, may be "".
        confirmed: the reason for publishing although blocking checks failed.

    Raises:
        Refused: ``publishing.base_changed`` when somebody published in between;
            ``publishing.unconfirmed`` when a blocking check failed and there is no reason;
            ``ingest.locked`` when another ingest or publish runs; ``publishing.no_space``
            when the disk is too small; ``publishing.no_proposal`` when there is none of
            this id. What is served stays as it was.
    """
    most = snapshots.keep()
    reason = (confirmed or "").strip() or None
    with lock.hold(data_dir):
        history.settle(data_dir)
        proposal = load(data_dir, id)
        before = served(data_dir)
        if before != proposal.base:
            raise Refused(
                "publishing.base_changed", base=proposal.base or "–", now=before or "–", id=id
            )
        failed = proposal.blocking
        if failed and reason is None:
            sentences = " ".join(check.sentence for check in failed)
            raise Refused("publishing.unconfirmed", count=len(failed), checks=sentences, id=id)
        space.check(data_dir, _ROOM)
        name = snapshots.next_name(data_dir)
        event = Event(
            history.now(),
            who,
            "publish",
            name,
            before,
            why.strip(),
            reason if failed else None,
            tuple(check.id for check in failed),
            quality.count(proposal.folder),
        )
        try:
            record.write(proposal.folder / history.MANIFEST, _manifest(proposal, event))
            history.intend(data_dir, event, id)
            snapshots.place(data_dir, proposal.folder, name)
            snapshots.switch(data_dir, name)
        except OSError as error:
            if is_full(error):
                raise Refused("ingest.disk_full", folder=data_dir) from error
            raise
        finally:
            _settle(data_dir)
        for gone in snapshots.prune(data_dir, most):
            history.append(data_dir, Event(history.now(), who, "prune", gone, name))
        return snapshots.resolve(data_dir)


def rollback(data_dir: Path, name: str | None = None, *, who: str, why: str) -> Snapshot:
    """Serve an earlier snapshot again, and return it.

    Args:
        data_dir: the data folder.
        name: the snapshot; None for the one that was published before the current one.
        who: who goes back.
        why: why, may be "".

    Raises:
        Refused: when there is no such snapshot, or another ingest or publish runs.
    """
    if served(data_dir) is None:
        raise Refused("data.no_snapshot", folder=data_dir)
    with lock.hold(data_dir):
        history.settle(data_dir)
        before = served(data_dir)
        names = snapshots.history(data_dir)
        if name is None:
            earlier = names[: names.index(before)] if before in names else []
            if not earlier:
                raise Refused("cli.rollback.nothing", folder=data_dir)
            name = earlier[-1]
        if name not in names:
            raise Refused("data.no_such_snapshot", name=name)
        space.check(data_dir, _ROOM)
        history.intend(data_dir, Event(history.now(), who, "rollback", name, before, why.strip()))
        try:
            snapshots.switch(data_dir, name)
        finally:
            _settle(data_dir)
        return snapshots.resolve(data_dir)


def served(data_dir: Path) -> str | None:
    """Return the name of the snapshot that is served from a data folder, or None."""
    current = snapshots.current_or_none(data_dir)
    return current.path.name if current is not None else None


def _settle(data_dir: Path) -> None:
    """Finish the record; on a full disk the next to hold the folder does."""
    try:
        history.settle(data_dir)
    except OSError as error:
        if not is_full(error):
            raise


def _manifest(proposal: Proposal, event: Event) -> dict[str, object]:
    """Return what a snapshot says of itself."""
    return {
        "event": event,
        "proposal": proposal.id,
        "made_at": proposal.made_at,
        "made_by": proposal.who,
        "options": proposal.options,
        "sources": proposal.sources,
        "refused_files": proposal.refused_files,
        "checks": proposal.checks,
    }
