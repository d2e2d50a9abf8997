"""Links from the overview to the pages that say more."""

import streamlit as st

from commerce.i18n import t


def links(*names: str) -> None:
    """Draw links to pages of what anyone sees, by their names: ``sales``."""
    st.subheader(t("overview.next"), anchor=False)
    with st.container(horizontal=True, key="next-pages"):
        for name in names:
            st.page_link(
                f"pages/explore/{name}.py",
                label=t(f"overview.next.{name}"),
                icon=":material/arrow_forward:",
            )
