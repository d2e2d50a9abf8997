"""The workbench: staff ask the data by SQL; the project's queries, saved ones, the dictionary."""

from commerce.i18n import day, number, t
from commerce.sandbox.limits import limits
from commerce.ui import (
    choices,
    filters,
    frame,
    guard,
    workbench_builder,
    workbench_desk,
    workbench_dictionary,
    workbench_library,
    workbench_query,
    workbench_result,
)
from commerce.ui.figures import headline

guard.staff_only()
filters.hide()
workbench_desk.warm()
desk = workbench_desk.desk()
headline(
    t("guard.eyebrow"),
    t("workbench.headline"),
    t(
        "workbench.basis",
        until=day(frame.known_until()),
        seconds=limits().seconds,
        shown=number(limits().rows_shown),
        exported=number(limits().rows_exported),
    ),
)
workbench_library.open_link(desk)
view = choices.choice(
    workbench_library.VIEW,
    t("workbench.view"),
    ["query", "build", "library", "saved", "history", "dictionary"],
    "workbench.view.",
    hide_label=True,
)
if view == "query":
    workbench_query.draw(desk)
    workbench_result.draw(desk)
elif view == "build":
    workbench_builder.draw(desk)
elif view == "library":
    workbench_library.draw(desk)
elif view == "saved":
    workbench_library.draw_saved(desk)
elif view == "history":
    workbench_library.draw_history(desk)
else:
    workbench_dictionary.draw()
