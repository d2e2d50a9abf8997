"""Killed at random moments of ingest and publish, a whole snapshot is served, old or new."""

from __future__ import annotations

from tests.publishing.kills import kill_side_by_side

KILLS = 40


def test_killed_at_random_moments(tmp_path):
    seen = kill_side_by_side(tmp_path, KILLS, seed=20261125, colds=2)
    assert seen["old"] + seen["new"] == KILLS
    # Both outcomes are met, and nearly every run ends by the signal, not before it.
    assert seen["old"] >= 5
    assert seen["new"] >= 1
    assert seen["killed"] >= KILLS * 3 // 4
