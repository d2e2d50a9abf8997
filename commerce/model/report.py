"""The record of a backtest as text, for the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from commerce.errors import Refused
from commerce.i18n import t
from commerce.model.backtest import Record, Score
from commerce.model.publish import record_of
from commerce.model.score import Interval
from commerce.model.train import HORIZONS, MIN_EVENTS


def backtest_text(folder: Path, cut: date | None = None) -> str:
    """Return what a backtest on the snapshot in ``folder`` finds.

    Raises:
        Refused: when too few permits had closed by the cut.
    """
    found = record_of(folder, cut)
    if found is None:
        raise Refused("model.too_few", closures=MIN_EVENTS)
    return format_record(found[1])


def format_record(record: Record) -> str:
    """Return the record: what was learnt from, then each horizon."""
    fitted = record.fitted
    lines = [
        t(
            "model.learnt",
            start=fitted.from_on,
            cut=fitted.cut,
            openings=f"{fitted.openings:,}",
            closures=f"{fitted.closures:,}",
            tested=f"{record.tested:,}",
        )
    ]
    by_years = {score.years: score for score in record.scores}
    for years in HORIZONS:
        score = by_years.get(years)
        lines += [t("model.unscored", years=years)] if score is None else _horizon(score)
    return "\n".join(lines)


def _horizon(score: Score) -> list[str]:
    bins = ", ".join(
        f"{one.expected:.2f} → {one.observed.value:.2f} [{one.observed.low:.2f}, "
        f"{one.observed.high:.2f}]"
        for one in score.bins
    )
    return [
        t(
            "model.horizon",
            years=score.years,
            openings=f"{score.openings:,}",
            closures=f"{score.closures:,}",
            verdict=t("model.beats") if score.beats else t("model.even"),
        ),
        t(
            "model.brier",
            model=_limits(score.brier, 4),
            plain=_limits(score.brier_km, 4),
            difference=_limits(score.difference, 4),
        ),
        t(
            "model.concordance",
            model=_limits(score.concordance, 3),
            plain=_limits(score.concordance_km, 3),
        ),
        t(
            "model.overall",
            model=f"{score.overall.expected:.3f}",
            plain=f"{score.overall_km.expected:.3f}",
            observed=_limits(score.overall.observed, 3),
        ),
        t("model.calibration", bins=bins),
    ]


def _limits(found: Interval, digits: int) -> str:
    return f"{found.value:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"
