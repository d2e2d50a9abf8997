"""From raw files to what is served: a dry run, what it would change, checks, the switch, history.

``propose`` builds beside what is served, ``publish`` switches to it, ``rollback`` goes back.
"""

from commerce.publishing.changes import Changes, compare
from commerce.publishing.checks import CheckResult
from commerce.publishing.figures import Moved
from commerce.publishing.history import Event, events
from commerce.publishing.proposal import Options, Proposal, discard, load, proposals, propose
from commerce.publishing.publish import publish, rollback
from commerce.publishing.quality import Published, over_snapshots

__all__ = [
    "Changes",
    "CheckResult",
    "Event",
    "Moved",
    "Options",
    "Proposal",
    "Published",
    "compare",
    "discard",
    "events",
    "load",
    "over_snapshots",
    "proposals",
    "propose",
    "publish",
    "rollback",
]
