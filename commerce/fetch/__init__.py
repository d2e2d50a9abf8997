"""Fetches raw public files as their publishers give them: politely, resumably, whole or not at all.

What arrives is kept byte for byte; reading it is the business of ``commerce.ingest``.
"""

from __future__ import annotations
