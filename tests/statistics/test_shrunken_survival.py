"""Survival by dong drawn towards the mean: lifelines for the curves, statsmodels for the mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from statsmodels.stats.meta_analysis import combine_effects

from commerce.db import Database
from commerce.snapshot import DEMO_DIR, resolve

THREE_YEARS = 3 * 365.25


@pytest.fixture(scope="module")
def demo() -> Database:
    return Database(resolve(DEMO_DIR))


def curve_at_three(permits: pd.DataFrame) -> tuple[float, float]:
    """Return S and the Greenwood sum of d / (n (n - d)) at three years."""
    fit = KaplanMeierFitter().fit(permits["age_days"], permits["is_closure"])
    table = fit.event_table.loc[lambda t: t.index <= THREE_YEARS]
    n, d = table["at_risk"], table["observed"]
    return float(fit.predict(THREE_YEARS)), float((d / (n * (n - d))).sum())


@pytest.mark.parametrize("category", ["restaurant", "cafe_bakery"])
def test_shrunken_survival_agrees_with_a_random_effects_mean(demo: Database, category: str) -> None:
    rows = demo.run("survival/by_dong", category_ids=[category]).set_index("dong_code")
    permits = (
        demo.cursor()
        .execute(
            "select dong_code::varchar as dong_code, age_days, is_closure from permit"
            " where group_id = $group and dong_code is not null",
            {"group": category},
        )
        .df()
    )
    curves = {code: curve_at_three(part) for code, part in permits.groupby("dong_code")}
    survival = pd.Series({code: s for code, (s, _) in curves.items()})
    assert np.allclose(rows.loc[survival.index, "survival"], survival, atol=1e-9)
    # on the scale ln(-ln S), where a dong without any closure says nothing
    inside = survival[(survival > 0) & (survival < 1)].index
    assert len(inside) > 10
    score = np.log(-np.log(survival[inside]))
    variance = np.array([curves[code][1] for code in inside]) / np.log(survival[inside]) ** 2
    found = combine_effects(score.to_numpy(), variance.to_numpy(), method_re="dl")
    mean = found.mean_effect_re
    assert np.allclose(rows["mean_survival"].dropna(), np.exp(-np.exp(mean)), atol=1e-9)
    tau2 = max(found.tau2, 0.0)
    drawn = (score * tau2 + mean * variance) / (tau2 + variance)
    assert np.allclose(rows.loc[inside, "shrunken"], np.exp(-np.exp(drawn)), atol=1e-9)
    between = (rows["shrunken"] - rows["mean_survival"]) * (rows["survival"] - rows["shrunken"])
    assert (between.loc[inside] >= -1e-9).all()
