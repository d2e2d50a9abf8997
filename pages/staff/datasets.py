"""Datasets: what is loaded and how fresh, its quality, new files, history and the way back."""

from commerce.i18n import t
from commerce.ui import (
    choices,
    datasets_history,
    datasets_loaded,
    datasets_new,
    datasets_quality,
    datasets_words,
    filters,
    guard,
)
from commerce.ui.figures import ahead, headline

guard.staff_only()
filters.hide()
ahead("data/sources", "data/refused_reasons", "data/unmapped_trades", "data/sudden_changes")
attention = datasets_words.attention()
headline(t("guard.eyebrow"), *datasets_words.headline(len(attention)))
datasets_new.open_link()
view = choices.choice(
    datasets_new.VIEW,
    t("datasets.view"),
    ["loaded", "new", "quality", "history"],
    "datasets.view.",
    hide_label=True,
)
datasets_new.notice(view)
if view == "loaded":
    datasets_loaded.draw(attention)
elif view == "new":
    datasets_new.draw()
elif view == "quality":
    datasets_quality.draw()
else:
    datasets_history.draw()
