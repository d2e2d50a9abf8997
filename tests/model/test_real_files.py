"""The backtest on the nation's real animal hospitals: fitted before 2018, tested after."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from commerce.db import database
from commerce.ingest import ingest
from commerce.model.backtest import Record
from commerce.model.publish import record_of
from commerce.snapshot import resolve

CUT = dt.date(2018, 1, 1)
README = Path(__file__).resolve().parent.parent.parent / "README.md"


@pytest.fixture(scope="module")
def nation(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data: Path = tmp_path_factory.mktemp("nation")
    ingest([real / "localdata"], data, district="all")
    return data


@pytest.fixture(scope="module")
def record(nation: Path) -> Record:
    found = record_of(resolve(nation).path, CUT)
    assert found is not None
    return found[1]


def test_counts_and_kaplan_meier_are_those_of_the_permits(nation: Path, record: Record) -> None:
    permits = database(str(nation)).cursor().execute("from permit").df()
    opened, until = permits["opened_on"], permits["watched_until"]
    cut = pd.Timestamp(CUT)
    before = (opened >= pd.Timestamp("2008-01-01")) & (opened < cut)
    known = permits["is_closure"] & (until < cut)
    days = (until.clip(upper=cut) - opened).dt.days
    curve = KaplanMeierFitter().fit(days[before], known[before])
    assert record.fitted.openings == before.sum()
    assert record.fitted.closures == (before & known & (days <= 1826)).sum()
    assert record.tested == (opened >= cut).sum()
    for score in record.scores:
        age = score.years * 365.25
        tested = (opened >= cut) & ((permits["observed_until"] - opened).dt.days > age)
        gone = tested & permits["is_closure"] & (permits["age_days"] <= age)
        assert (score.openings, score.closures) == (tested.sum(), gone.sum())
        expected = float(curve.predict(age))
        assert score.overall_km.expected == pytest.approx(expected, abs=1e-9)
        # one curve for all tells no two openings apart
        assert score.concordance_km.value == 0.5
        # hardly any is censored before its horizon: without those the plain mean of squares is near
        stands = permits.loc[tested, "age_days"] > age
        fate_known = stands | permits.loc[tested, "is_closure"]
        assert (~fate_known).sum() < 20
        squares = np.where(stands, 1 - expected, expected) ** 2
        assert score.brier_km.value == pytest.approx(squares[fate_known].mean(), abs=1e-3)


def test_the_readme_holds_these_numbers(record: Record) -> None:
    text = README.read_text("utf-8")
    assert f"{record.fitted.openings:,} openings" in text
    assert f"{record.fitted.closures:,} closed" in text
    for score in record.scores:
        shown = (
            f"| {score.years} | {score.openings:,} ({score.closures:,}) "
            f"| {score.brier.value:.4f} | {score.brier_km.value:.4f} "
            f"| {score.difference.value:.4f} [{score.difference.low:.4f}, "
            f"{score.difference.high:.4f}] "
            f"| {score.concordance.value:.2f} "
            f"| {score.overall.expected:.3f}, {score.overall_km.expected:.3f}, "
            f"{score.overall.observed.value:.3f} |"
        )
        assert shown.replace("-", "−") in text, shown
