"""The switch: a proposal becomes what is served, or an earlier snapshot is served again."""

from __future__ import annotations

from pathlib import Path

from commerce.snapshot import Snapshot


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
    raise NotImplementedError


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
    raise NotImplementedError


def keep() -> int:
    """Return how many snapshots are kept: ``COMMERCE_KEEP``, else 5; the current one always."""
    raise NotImplementedError
