"""What a dry run says that would change, on versions whose differences were counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from commerce import snapshot as snapshots
from commerce.publishing import proposals, propose, publish
from commerce.publishing.changes import FIELDS
from commerce.publishing.figures import _Figures, _usual
from tests.ingest.permits import table
from tests.publishing.vintages import FIRST, SECOND, THIRD, first, second, write


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """The first version published, then the second, then the first with the time of a third."""
    folder = tmp_path_factory.mktemp("vintages")
    data = folder / "data"
    found = []
    for name, shops, refreshed in (
        ("a", first(), FIRST),
        ("b", second(), SECOND),
        ("c", [*second(), first()[6]], THIRD),
    ):
        proposal = propose([write(folder / name, shops, refreshed)], data, who="보람")
        found.append(proposal)
        publish(data, proposal.id, who="보람", why=name)
    return data, found


def test_the_first_data_is_all_new(steps):
    _, (proposal, _, _) = steps
    changes = proposal.changes
    assert changes.first
    assert (changes.new, changes.changed, changes.removed) == (20, 0, 0)
    assert proposal.base is None
    assert {rows.table: (rows.before, rows.after) for rows in changes.rows}["establishment"] == (
        None,
        20,
    )


def test_every_change_is_counted(steps):
    _, (_, proposal, _) = steps
    changes = proposal.changes
    assert not changes.first
    assert changes.new == 1
    assert changes.new_elsewhere == 0
    assert not changes.is_wider
    assert changes.reidentified == 1
    assert changes.vanished == 1
    assert changes.returned == 0
    assert changes.removed == 0
    assert changes.changed == 5  # 2, 3, 5, 6 and 7
    assert changes.same == 14  # 1, 4, 9 to 20
    expected = dict.fromkeys(FIELDS, 0) | {
        "name": 1,
        "address": 1,
        "status": 2,
        "exit_on": 2,
        "exit_kind": 2,
        "point_moved": 1,
    }
    assert changes.fields == expected
    # The new number is of the same authority, whose code was changed by law.
    assert changes.reidentified_fields == dict.fromkeys(FIELDS, 0)
    assert {rows.table: (rows.before, rows.after) for rows in changes.rows}["establishment"] == (
        20,
        21,
    )


def test_examples_show_both_versions(steps):
    _, (_, proposal, _) = steps
    by_kind = {}
    for example in proposal.changes.examples:
        by_kind.setdefault(example.kind, []).append(example)
    assert {kind: len(found) for kind, found in by_kind.items()} == {
        "changed": 4,
        "new": 1,
        "reidentified": 1,
        "vanished": 1,
    }
    (again,) = by_kind["reidentified"]
    assert (again.permit_before, again.permit_after) == ("363000001020200008", "582500001020200008")
    assert by_kind["new"][0].name == "새가게"
    renamed = [e for e in by_kind["changed"] if e.fields and e.fields[0][0] == "name"]
    assert [e.fields for e in renamed] == [(("name", "가게2", "새이름"),)]


def test_what_had_vanished_may_return(steps):
    _, (_, _, proposal) = steps
    changes = proposal.changes
    assert (changes.returned, changes.vanished, changes.new, changes.removed) == (1, 0, 0, 0)
    assert changes.fields["status"] == 1
    assert changes.same == 20


def test_a_dry_run_changes_nothing_and_a_published_one_is_gone(steps, tmp_path):
    data, _ = steps
    before = (data / "CURRENT").read_text(), table(data)
    proposal = propose(
        [write(tmp_path, list(first().values())[:10], THIRD)], data, who="", fresh=True
    )
    assert ((data / "CURRENT").read_text(), table(data)) == before
    assert proposal.changes.removed == 11
    assert proposals(data) == [proposal]
    name = publish(data, proposal.id, who="", why="").path.name
    assert proposals(data) == []
    assert snapshots.history(data)[-1] == name
    assert len(table(data)) == 10


def test_another_service_makes_the_data_wider(steps, tmp_path):
    """What was known stays; past months grow, and that is no revision to stop at."""
    data, _ = steps
    file = write(tmp_path, first(), THIRD, name="식품_제과점영업.csv")
    proposal = propose([file], data, who="")
    changes = proposal.changes
    assert (changes.new, changes.new_elsewhere, changes.removed) == (20, 20, 0)
    assert changes.is_wider
    assert proposal.blocking == []
    skipped = {check.id for check in proposal.checks if check.skipped}
    assert skipped >= {"months_revised", "figures_unusual"}


def test_the_usual_is_a_prediction_interval():
    """By hand: steps 10, 20 and 30 have mean 20, spread 10; t(0.995, 2) = 9.9248."""
    figures = _Figures(dt.date(2026, 1, 1))
    key = ("opened", None)
    figures.value[key] = 1000.0
    figures.past[key] = [1000.0, 990.0, 970.0, 940.0]
    low, high = _usual(key, figures, 1)
    half = 9.92484 * 10 * (4 / 3) ** 0.5
    assert low == pytest.approx(1020 - half, abs=0.01)
    assert high == pytest.approx(1020 + half, abs=0.01)
    figures.past[key] = [1000.0, 990.0, 970.0]
    assert _usual(key, figures, 1) == (None, None)
