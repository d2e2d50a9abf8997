"""Expected survival of a new permit: fitted when data is published, with its own record."""

from commerce.model.publish import fit_snapshot, write_model

__all__ = ["fit_snapshot", "write_model"]
