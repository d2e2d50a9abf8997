"""What the whole place is called that the data is of: its district, or several of a city."""

from __future__ import annotations

from functools import cache

import pandas as pd

from commerce.i18n import language, name_column, number, t
from commerce.ingest import reference
from commerce.ui.kept import kept


@kept
def whole_place(dongs: pd.DataFrame) -> str:
    """Return the name of the one district of ``dong/list``, or how many it has of which city.

    Several are never called the city itself, which may have more. Where they lie in several
    cities, or in one whose code nobody knows, they are called this area.
    """
    # 동구 of one city is not 동구 of another: districts are told apart by their codes.
    found = dongs.drop_duplicates(["district_code", "district_name_ko"])
    names = found[f"district_{name_column()}"].dropna()
    if len(found) == 1 and len(names):
        return str(names.iloc[0])
    cities = {str(code)[:2] for code in found["district_code"]}
    city = _cities().get(cities.pop()) if len(cities) == 1 else None
    if not city:
        return t("word.region")
    # 서울특별시 25개 구, but 경기도 31개 시군구
    only_gu = all(str(name).endswith("구") for name in found["district_name_ko"])
    key = "word.districts.gu" if only_gu else "word.districts"
    return t(key, n=number(len(found)), city=city[language()])


@cache
def _cities() -> dict[str, dict[str, str]]:
    """Return the names of cities and provinces by the first two digits of a district's code."""
    return {
        row["sido_code"]: {"ko": row["name_ko"], "en": row["name_en"]}
        for row in reference.rows("provinces")
    }
