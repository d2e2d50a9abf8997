"""The same questions in pandas, written as well as we can, on a table in memory.

The peer has the very columns of our table ``permit``, so whatever we compute once when a
snapshot is opened it has too: codes are categoricals, flags booleans, days datetimes, ages
and months ready. It groups by categoricals, never applies a function per row or group
where a vector does, takes only the columns it needs, and computes the same results.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

Z = 1.959963984540054
MILESTONES = [1, 2, 3, 5, 7, 10]


class PandasPeer:
    """The permits that figures may use, and the questions asked of them."""

    def __init__(self, permit: pd.DataFrame, dongs: pd.DataFrame, limits: pd.DataFrame) -> None:
        self.permit = permit.astype(
            {"dong_code": "category", "category_id": "category", "group_id": "category"}
        )
        for column in permit.columns[permit.dtypes.map(pd.api.types.is_datetime64_any_dtype)]:
            self.permit[column] = permit[column].astype("datetime64[s]")
        self.dongs = dongs
        self.limits = limits.set_index("events")

    def monthly(self, dongs: list[str] | None = None) -> pd.DataFrame:
        """Openings, closures and stock by month."""
        permit = self._scope(dongs)
        opened = permit["opened_month"].value_counts(sort=False)
        flags = permit[["watched_month", "has_left", "is_closure", "is_bulk"]]
        ends = flags.groupby("watched_month", sort=False)
        counts = ends[["has_left", "is_closure", "is_bulk"]].sum()
        counts["seen"] = ends.size() - counts["has_left"]
        last = permit["observed_until"].max()
        months = pd.date_range(permit["opened_month"].min(), last, freq="MS", unit="s")
        counts = counts.reindex(months, fill_value=0)
        result = pd.DataFrame({"opened": opened.reindex(months, fill_value=0)}, index=months)
        result["closed"] = counts["is_closure"]
        result["closed_bulk"] = counts["is_bulk"]
        result["left_otherwise"] = counts["has_left"] - counts["is_closure"]
        result["net"] = result["opened"] - result["closed"]
        stock = (result["opened"] - counts["has_left"]).cumsum()
        result["active"] = stock - counts["seen"].cumsum().shift(fill_value=0)
        result["provisional"] = months > months[-1] - pd.DateOffset(months=3)
        return result

    def rates(self, key: str, start: str, end: str) -> pd.DataFrame:
        """Openings, closures and closure rates by dong or category over [start, end)."""
        first, after = pd.Timestamp(start), pd.Timestamp(end)
        permit = self.permit
        if (permit["opened_on"].min() < first) or (permit["opened_on"].max() >= after):
            permit = permit[(permit["opened_on"] < after) & (permit["watched_until"] >= first)]
        ended = permit["watched_until"] < after
        days = permit["watched_until"].clip(upper=after) - permit["opened_on"].clip(lower=first)
        parts = pd.DataFrame(
            {
                key: permit[key],
                "opened": permit["opened_on"] >= first,
                "closed": ended & permit["is_closure"],
                "gone": ended & permit["has_left"],
                "days": days.to_numpy().astype("int64") // 86_400,
            }
        )
        groups = parts.groupby(key, observed=True)
        result = groups.sum()
        result["active_ever"] = groups.size()
        result["net"] = result["opened"] - result["closed"]
        result["active_start"] = result["active_ever"] - result["opened"]
        result["active_end"] = result["active_ever"] - result["gone"]
        result["shop_years"] = result["days"] / 365.25
        closed, years = result["closed"], result["shop_years"]
        rate, mean = closed / years, closed.sum() / years.sum()
        between = max((years * (rate - mean) ** 2).sum() / years.sum() - mean / years.mean(), 0)
        low, high = self._limits(closed)
        result["closure_rate"] = rate * 100
        result["ci_low"], result["ci_high"] = low / years * 100, high / years * 100
        result["shrunken_rate"] = (mean**2 + between * closed) / (mean + between * years) * 100
        result["death_rate"] = closed / result["active_ever"] * 100
        result["turnover"] = (result["opened"] + closed) / result["active_start"].replace(0, np.nan)
        if key == "dong_code":
            return self.dongs.merge(result, left_on=key, right_index=True, how="left")
        return result

    def curve(self, dongs: list[str] | None = None) -> pd.DataFrame:
        """Kaplan–Meier with log–log limits, at every age."""
        permit = self._scope(dongs)
        ages = permit.groupby("age_days")["is_closure"].agg(["sum", "size"])
        ages.columns = pd.Index(["events", "ended"])
        ages["at_risk"] = ages["ended"][::-1].cumsum()
        ages["survival"] = (1 - ages["events"] / ages["at_risk"]).cumprod()
        return _with_limits(ages)

    def milestones(self) -> pd.DataFrame:
        """Kaplan–Meier at 1, 2, 3, 5, 7 and 10 years, by dong."""
        ages = self.permit.groupby(["dong_code", "age_days"], observed=True)["is_closure"].agg(
            ["sum", "size"]
        )
        ages.columns = pd.Index(["events", "ended"])
        dongs = ages.groupby(level=0, observed=True)
        total = dongs["ended"].transform("sum")
        ages["at_risk"] = total - dongs["ended"].cumsum() + ages["ended"]
        ages["factor"] = 1 - ages["events"] / ages["at_risk"]
        ages["survival"] = ages["factor"].groupby(level=0, observed=True).cumprod()
        ages["part"] = ages["events"] / (ages["at_risk"] * (ages["at_risk"] - ages["events"]))
        ages["greenwood"] = ages["part"].groupby(level=0, observed=True).cumsum()
        ages["left"] = ages["at_risk"] - ages["ended"]
        flat = ages.reset_index("age_days")
        found = []
        for years in MILESTONES:
            reached = flat[flat["age_days"] <= years * 365.25]
            last = reached.groupby(level=0, observed=True)[["survival", "greenwood", "left"]].last()
            found.append(last.assign(years=years))
        result = pd.concat(found)
        result["n"] = total.groupby(level=0, observed=True).first().reindex(result.index)
        return _limits_from(result, result["greenwood"])

    def cohort(self) -> pd.DataFrame:
        """Share of each opening year's shops that is active one to ten years later."""
        keys = pd.DataFrame(
            {
                "opened_year": self.permit["opened_on"].dt.year,
                "lasted": self.permit["years_active"].clip(upper=10),
            }
        )
        table = keys.value_counts(sort=False).unstack(fill_value=0)
        table = table.reindex(columns=range(11), fill_value=0)
        survived = table.iloc[:, ::-1].cumsum(axis=1).iloc[:, ::-1].iloc[:, 1:]
        result = survived.rename_axis(columns="years").stack().rename("survived").reset_index()
        result["born"] = result["opened_year"].map(table.sum(axis=1))
        result["rate"] = result["survived"] / result["born"] * 100
        last = self.permit["observed_until"].min()
        over = last.year if (last.month, last.day) == (12, 31) else last.year - 1
        result["complete"] = result["opened_year"] + result["years"] <= over
        return result

    def headline(self) -> dict[str, object]:
        """The figures of the overview's first sentence."""
        permit = self.permit
        opened, watched = permit["opened_on"], permit["watched_until"]
        last = permit["observed_until"].max()
        end = last.replace(day=1) - pd.DateOffset(months=2)
        start, before, early = (end - pd.DateOffset(months=n) for n in (12, 24, 36))
        year_ago = last - pd.DateOffset(years=1)
        closures = watched[permit["is_closure"]]
        figures: dict[str, object] = {
            "active": int((~permit["has_left"]).sum()),
            "active_before": int(((opened <= year_ago) & (watched > year_ago)).sum()),
        }
        for name, left, right in (("", start, end), ("_before", before, start)):
            figures["opened" + name] = int(((opened >= left) & (opened < right)).sum())
            closed = int(((closures >= left) & (closures < right)).sum())
            at_risk = (opened < right) & (watched > left)
            days = watched[at_risk].clip(upper=right) - opened[at_risk].clip(lower=left)
            years = days.to_numpy().astype("int64").sum() / 86_400 / 365.25
            low, high = self._limits(pd.Series([closed]))
            figures["closed" + name] = closed
            figures["closure_rate" + name] = closed / years * 100
            figures["low" + name] = float(low.iloc[0]) / years * 100
            figures["high" + name] = float(high.iloc[0]) / years * 100
        window = (opened >= early) & (opened < end)
        figures["opened_36m"] = int(window.sum())
        figures["closed_of_opened_36m"] = int((window & permit["is_closure"]).sum())
        curve = self.curve()
        row = curve.loc[: int(3 * 365.25)].iloc[-1]
        return figures | row.to_dict()

    def _scope(self, dongs: list[str] | None) -> pd.DataFrame:
        return self.permit if dongs is None else self.permit[self.permit["dong_code"].isin(dongs)]

    def _limits(self, closed: pd.Series[int]) -> tuple[pd.Series[float], pd.Series[float]]:
        exact = self.limits.reindex(closed)
        low, high = exact["lower"].to_numpy(), exact["upper"].to_numpy()
        some = closed.to_numpy().clip(min=1)
        above = some * (1 - 1 / (9 * some) - Z / (3 * np.sqrt(some))) ** 3
        over = (some + 1) * (1 - 1 / (9 * (some + 1)) + Z / (3 * np.sqrt(some + 1))) ** 3
        return (
            pd.Series(np.where(np.isnan(low), above, low), index=closed.index),
            pd.Series(np.where(np.isnan(high), over, high), index=closed.index),
        )


def _with_limits(ages: pd.DataFrame) -> pd.DataFrame:
    part = ages["events"] / (ages["at_risk"] * (ages["at_risk"] - ages["events"]))
    ages["censored"] = ages["ended"] - ages["events"]
    return _limits_from(ages, part.cumsum())


def _limits_from(result: pd.DataFrame, greenwood: pd.Series[float]) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        theta = np.sqrt(greenwood) / np.log(result["survival"])
        result["ci_low"] = result["survival"] ** np.exp(-Z * theta)
        result["ci_high"] = result["survival"] ** np.exp(Z * theta)
    return result
