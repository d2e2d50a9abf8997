"""From a snapshot to its model tables, and from these to what the page is told."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from commerce.__main__ import main
from commerce.db import Database
from commerce.model import features, publish, train, write_model
from commerce.model.backtest import backtest
from commerce.snapshot import Snapshot
from tests.conftest import shop, write_snapshot
from tests.model.places import LAT, LON, features_of, town

CUT = dt.date(2019, 1, 1)
DAY_AFTER = dt.date(2026, 1, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town in which twice the area means half the hazard."""
    made: Path = tmp_path_factory.mktemp("town")
    write_snapshot(made, town(5, 4000, step=1.0))
    write_model(made)
    return made


@pytest.fixture(scope="module")
def database(folder: Path) -> Database:
    return Database(Snapshot(folder, "town"))


@pytest.fixture(scope="module")
def openings(folder: Path) -> pd.DataFrame:
    found = publish.record_of(folder, CUT)
    assert found is not None
    return found[0]


def test_a_real_difference_is_found_and_beats_kaplan_meier(database: Database) -> None:
    terms = database.run("model/terms").set_index("term")
    assert terms.loc["log_area", "ci_low"] < np.exp(-1) < terms.loc["log_area", "ci_high"]
    assert abs(terms.loc["log_same_500", "coefficient"]) < 0.15
    record = database.run("model/record", metric="brier_difference")
    assert record["years"].tolist() == [1, 3, 5]
    assert record["beats"].all()
    assert (record["ci_high"] < 0).all()
    calibration = database.run("model/record", metric="calibration", years=3)
    assert calibration["expected"].is_monotonic_increasing
    near = (calibration["value"] - calibration["expected"]).abs()
    assert near.max() < 0.12
    card = database.run("model/card").iloc[0]
    assert str(card["cut_on"])[:10] == "2019-01-01"
    assert card["beats_years"] == "1, 3, 5"


def test_noise_does_not_beat_kaplan_meier(tmp_path: Path) -> None:
    write_snapshot(tmp_path, town(6, 3000, step=0.0))
    found = publish.record_of(tmp_path, CUT)
    assert found is not None
    assert found[1].scores
    assert not any(score.beats for score in found[1].scores)


def test_what_was_not_known_at_the_cut_is_not_learnt(openings: pd.DataFrame) -> None:
    """Fates from the cut on are made up anew: the fitted model stays as it was."""
    changed = openings.copy()
    later = (changed["watched_until"] >= pd.Timestamp(CUT)).to_numpy()
    changed.loc[later, "is_closure"] = ~changed.loc[later, "is_closure"]
    changed.loc[later, "watched_until"] += pd.Timedelta(days=400)
    changed = changed[changed["opened_on"] < pd.Timestamp(CUT)]
    recipe = train.choose(openings, CUT)
    assert train.choose(changed, CUT) == recipe
    one, other = train.train(openings, CUT, recipe), train.train(changed, CUT, recipe)
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one.coefficients.values, other.coefficients.values)


def test_horizons_that_are_not_over_are_not_scored(openings: pd.DataFrame) -> None:
    record = backtest(openings, CUT)
    assert record is not None
    by_years = {score.years: score for score in record.scores}
    last = pd.Timestamp("2025-12-31")
    for years, score in by_years.items():
        age = (last - openings["opened_on"]).dt.days
        tested = (openings["opened_on"] >= pd.Timestamp(CUT)) & (age > years * 365.25)
        assert score.openings == tested.sum()
        gone = openings["is_closure"] & (
            (openings["watched_until"] - openings["opened_on"]).dt.days <= years * 365.25
        )
        assert score.closures == (tested & gone).sum()
    late = backtest(openings, dt.date(2024, 1, 1))
    assert late is not None
    assert [score.years for score in late.scores] == [1]


def test_the_query_counts_as_the_model_was_taught(
    folder: Path, database: Database, tmp_path: Path
) -> None:
    """A shop that opens the day after S, asked for and then really opened."""
    point = {"lon": LON + 0.003, "lat": LAT - 0.002}
    told = {"category_id": "cafe", "dong_code": "1233000200", "site_id": "12-1", "area_m2": 45.0}
    asked = database.run("site/expected", **point, **told)
    late = [dict(row) | {"observed_until": "2026-12-31"} for row in town(5, 4000, step=1.0)]
    opened = shop("2026-01-01", permit_id="new", observed_until="2026-12-31", **point, **told)
    frame = features_of(tmp_path, [opened, *late], "2014-01-01", "2026-02-01")
    row = frame.loc[["new"]]
    for name in ("same_500", "all_300", "closed_500", "earlier"):
        assert asked[name].iloc[0] == row[name].iloc[0]
    assert row["same_500"].iloc[0] > 3
    assert row["earlier"].iloc[0] > 0
    expected, _ = train.predict(fitted_to(folder), row)
    np.testing.assert_allclose(asked["expected"], expected[0], rtol=1e-6)
    assert asked["not_told"].isna().all()
    assert (asked["ci_low"] < asked["expected"]).all()
    assert (asked["expected"] < asked["ci_high"]).all()


def fitted_to(folder: Path) -> train.Fitted:
    found = publish.record_of(folder)
    assert found is not None
    fitted = train.train(found[0], DAY_AFTER, train.choose(found[0], DAY_AFTER))
    assert fitted is not None
    return fitted


def test_the_interval_is_the_formula_of_the_fit(folder: Path, database: Database) -> None:
    fitted = fitted_to(folder)
    asked = database.run("site/expected", category_id="cafe", area_m2=120.0)
    names = list(fitted.recipe.terms)
    shift = np.zeros(len(names))
    shift[names.index("log_area")] = np.log(120) - fitted.centres.loc["cafe", "log_area"]
    line = fitted.curves["cafe"].baseline
    for i, years in enumerate((1, 3, 5)):
        at = train.MONTHS.index(12 * years)
        q = shift * line.hazard[at] - line.drift[at]
        if "log_trade_rate" in names:
            pytest.skip("the trade's rate is told too")
        spread = np.sqrt(line.variance[at] + q @ fitted.coefficients.covariance @ q)
        hazard = line.hazard[at] * np.exp(shift @ fitted.coefficients.values)
        up = np.exp(1.959963984540054 * spread / line.hazard[at])
        assert asked["expected"].iloc[i] == pytest.approx(np.exp(-hazard), rel=1e-6)
        assert asked["ci_low"].iloc[i] == pytest.approx(np.exp(-hazard * up), rel=1e-6)
        assert asked["ci_high"].iloc[i] == pytest.approx(np.exp(-hazard / up), rel=1e-6)


def test_kaplan_meier_beside_it_is_that_of_the_survival_page(database: Database) -> None:
    asked = database.run("site/expected", category_id="cafe", dong_code="1233000100")
    start = pd.Timestamp(asked["from_on"].iloc[0])
    assert start == pd.Timestamp("2016-01-01")
    for group, dongs in (("district", None), ("dong", ["1233000100"])):
        page = database.run(
            "survival/milestones",
            category_ids=["cafe"],
            from_month=start.date(),
            dong_codes=dongs,
        )
        page = page[page["years"].isin([1, 3, 5])].reset_index()
        for mine, theirs in (
            ("survival", "survival"),
            ("low", "ci_low"),
            ("high", "ci_high"),
            ("at_risk", "at_risk"),
        ):
            np.testing.assert_allclose(asked[f"{group}_{mine}"], page[theirs])


def test_a_dong_alone_stands_for_its_newest_openings(database: Database) -> None:
    asked = database.run("site/expected", category_id="cafe", dong_code="1233000100")
    assert asked["place"].eq("dong").all()
    assert asked["same_500"].iloc[0] > 0
    nowhere = database.run("site/expected", category_id="cafe")
    assert nowhere["place"].eq("none").all()
    assert "log_same_500" in nowhere["not_told"].iloc[0]
    assert "log_same_500" not in asked["not_told"].iloc[0]


def test_trades_without_a_stratum_take_their_groups(database: Database) -> None:
    asked = database.run("site/expected", category_id="flower_shop")
    assert asked["expected"].isna().all()
    group = database.run("site/expected", category_id="restaurant")
    assert group["expected"].isna().all()
    assert not group["beats"].any()
    assert group["district_survival"].notna().all()


def test_the_same_data_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_snapshot(tmp_path, town(5, 4000, step=1.0))
    write_model(tmp_path)
    for name in publish.TABLES:
        one, other = ((f / f"{name}.parquet").read_bytes() for f in (folder, tmp_path))
        assert hashlib.sha256(one).hexdigest() == hashlib.sha256(other).hexdigest()


def test_too_few_closures_leave_the_tables_empty(tmp_path: Path) -> None:
    write_snapshot(tmp_path, town(7, 150))
    write_model(tmp_path)
    database = Database(Snapshot(tmp_path, "few"))
    assert database.run("model/card").empty
    asked = database.run("site/expected", category_id="cafe")
    assert asked["expected"].isna().all()
    assert not asked["beats"].any()
    assert asked["district_survival"].notna().any()


def test_a_failure_never_stands_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> Iterator[None]:
        raise ArithmeticError("singular")

    write_snapshot(tmp_path, [])
    monkeypatch.setattr(publish, "fit_snapshot", fail)
    write_model(tmp_path)
    assert all((tmp_path / f"{name}.parquet").is_file() for name in publish.TABLES)
    assert "no model could be fitted" in caplog.text


@pytest.mark.parametrize("language", ["ko_KR.UTF-8", "en_US.UTF-8"])
def test_the_command_prints_the_record_or_one_sentence(
    folder: Path,
    tmp_path: Path,
    language: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    assert main(["backtest", "--data", str(folder), "--cut", "2019-01-01"]) == 0
    shown = capsys.readouterr().out
    record = backtest(publish.record_of(folder, CUT)[0], CUT)  # type: ignore[index]
    assert record is not None
    for score in record.scores:
        assert f"{score.difference.value:.4f} [{score.difference.low:.4f}" in shown
    write_snapshot(tmp_path, town(7, 50))
    assert main(["backtest", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert not told.out
    assert main(["backtest", "--cut", "soon"]) == 2
    for far in ("0001-01-01", "9999-12-31"):
        assert main(["backtest", "--data", str(folder), "--cut", far]) == 1
        assert "Traceback" not in capsys.readouterr().err


def test_the_mean_expectation_is_kaplan_meier_of_what_was_learnt(openings: pd.DataFrame) -> None:
    fitted = train.train(openings, CUT, train.choose(openings, CUT))
    assert fitted is not None
    known = train.opened_between(openings, fitted.from_on, CUT)
    expected, plain = train.predict(fitted, known)
    days, closed = train.lives(known, CUT)
    for trade in ("cafe", "chicken"):
        here = (known["category_id"] == trade).to_numpy()
        curve = KaplanMeierFitter().fit(days[here], closed[here])
        for i, years in enumerate(train.HORIZONS):
            survival = float(curve.predict(years * 365.25))
            assert expected[here, i].mean() == pytest.approx(survival, abs=1e-9)
            assert plain[here, i] == pytest.approx(survival, abs=1e-9)


def test_terms_of_missing_entries_never_move_a_prediction(openings: pd.DataFrame) -> None:
    fitted = train.train(openings, CUT, train.choose(openings, CUT))
    assert fitted is not None
    assert "area_m2_missing" in fitted.recipe.terms
    rows = openings.head(50).assign(area_m2=np.nan)
    told = [term.name for term in features.TERMS if term.is_told]
    at = [i for i, name in enumerate(fitted.recipe.terms) if name in told]
    centred = features.columns(rows)[[fitted.recipe.terms[i] for i in at]]
    centred = centred - fitted.centres.loc[rows["category_id"], centred.columns].to_numpy()
    score = centred.fillna(0.0).to_numpy() @ fitted.coefficients.values[at]
    expected, _ = train.predict(fitted, rows)
    hazard = [fitted.curves[c].baseline.hazard[train.MONTHS.index(36)] for c in rows["category_id"]]
    np.testing.assert_allclose(expected[:, 1], np.exp(-np.array(hazard) * np.exp(score)))
