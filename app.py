"""The frame: page list, language, shared look. Nothing else."""

import streamlit as st

from commerce.i18n import t
from commerce.ui import filters, frame, guard

section = st.sidebar.container(gap=None)
frame.start()
filters.draw()
explore = [
    st.Page(
        f"pages/explore/{name}.py",
        title=t(f"nav.{name}"),
        icon=f":material/{icon}:",
        url_path=name,
        default=name == "overview",
        help=t(f"nav.{name}.help"),
    )
    for name, icon in (
        ("overview", "dashboard"),
        ("openings", "swap_vert"),
        ("survival", "timeline"),
        ("sales", "payments"),
        ("footfall", "directions_walk"),
        ("site", "storefront"),
        ("compare", "compare_arrows"),
        ("about", "info"),
    )
]
# Everybody may open their links, and is told how to sign in: each guards itself. Their menu
# is drawn apart, since Streamlit's own sections are lists that screen readers stumble over.
for_staff = [
    st.Page(
        f"pages/staff/{name}.py",
        title=t(f"nav.{name}"),
        icon=f":material/{icon}:",
        url_path=name,
        visibility="hidden",
        help=t(f"nav.{name}.help"),
    )
    for name, icon in (("workbench", "terminal"), ("datasets", "database"))
]
page = st.navigation([*explore, *for_staff])
guard.menu(section, for_staff)
page.run()
frame.finish()
