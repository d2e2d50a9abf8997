"""Where the real files are, for the tests of the model."""

from tests.ingest.conftest import real

__all__ = ["real"]
