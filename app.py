"""The frame: page list, language, shared look. Nothing else."""

import streamlit as st

from commerce.i18n import t
from commerce.ui import filters, frame

frame.start()
filters.draw()
page = st.navigation(
    [
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
            ("about", "info"),
        )
    ]
)
page.run()
frame.finish()
