"""Benchmarks: speed, always beside a peer and as a ratio within one run."""
