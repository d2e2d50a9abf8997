"""The one error that people see: a catalogue key and what fills its sentence."""

from __future__ import annotations


class Refused(Exception):
    """The input was refused; ``str(error)`` is one sentence in the reader's language.

    Args:
        key: message key in the catalogues, such as ``ingest.empty_file``.
        params: values for the placeholders of that message.
    """

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        from commerce.i18n import t

        return t(self.key, **self.params)


class UsageError(Refused):
    """The command was called wrongly (exit status 2)."""
