"""Codes of named areas: districts number theirs from 1, so two files may use the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import shapely

from commerce.ingest.named_areas import NamedArea, code_of


def apart(areas: Iterable[NamedArea]) -> list[NamedArea]:
    """Give areas of different files that share a code, but neither name nor ground, codes apart.

    The first keeps its code. What has the name of another, or lies where it lies, is a newer
    version of it and takes its place.

    Args:
        areas: those of earlier ingests first.
    """
    holders: dict[str, NamedArea] = {}
    found = []
    for area in areas:
        holder = holders.setdefault(area.area_code, area)
        if _is_another(holder, area):
            code = f"{area.area_code}-{code_of(area.name_ko, area.kind)[1:7]}"
            area = replace(area, area_code=code)
        found.append(area)
    return found


def _is_another(one: NamedArea, other: NamedArea) -> bool:
    if one.source_id == other.source_id or one.name_ko == other.name_ko:
        return False
    if one.outline is None or other.outline is None:
        return False  # a publisher's list of points and the outlines of its areas
    return not shapely.intersects(one.outline, other.outline)
