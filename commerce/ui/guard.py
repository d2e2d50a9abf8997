"""The guard of staff pages: each calls :func:`staff_only` first, and ends there for others.

The rules stand in :mod:`commerce.access`. They are asked at every run, so that who is
taken from the staff list, or stays too long, is out at the next click.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import streamlit as st
from streamlit import auth_util, config
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime import context
from streamlit.runtime.scriptrunner import get_script_run_ctx

from commerce import sign_in, uploads
from commerce.access import Reader, is_at_this_machine, judge, sign_in_name
from commerce.errors import Refused
from commerce.i18n import t
from commerce.staff_list import staff_list
from commerce.ui.frame import stop

#: Who asks, for journals, where nobody can sign in.
AT_THIS_MACHINE = "loopback"


def is_staff() -> bool:
    """Return whether the reader may see staff pages: see :mod:`commerce.access`."""
    return _reader().standing == "staff"


def who() -> str:
    """Return who the reader is, for journals and saved queries: an e-mail, ``sub:…`` or loopback.

    Ends the page for everybody but staff, also where a part of it is drawn alone.
    """
    return _admit().who


def staff_only() -> None:
    """End the page for everybody but staff: it says how to sign in, and shows nothing."""
    _admit()


def _admit() -> Reader:
    """Return a reader who is staff; end the page for everybody else."""
    reader = _reader()
    run = get_script_run_ctx(suppress_warning=True)
    if run:
        uploads.allow(run.session_id, reader.standing == "staff")
    if reader.standing != "staff":
        if _is_configured():
            _tell(reader)
        else:
            _say(t("guard.headline"), t("guard.basis"))
            st.markdown(t("guard.how"))
        stop()
    return reader


def menu(section: DeltaGenerator, pages: Sequence[StreamlitPage]) -> None:
    """Draw the links of staff pages in ``section`` of the sidebar, and signing in and out."""
    reader = _reader()
    if reader.standing == "staff":
        with section:
            st.caption(t("guard.section"))
            for page in pages:
                st.page_link(page)
    if not _is_configured():
        return
    with st.sidebar.container(gap="small", key="sign-in"):
        if reader.standing == "away":
            if _can_sign_in():
                st.button(
                    t("access.sign_in.staff"), key="sign_in", type="tertiary", on_click=st.login,
                    icon=":material/login:",
                )  # fmt: skip
            return
        st.html(f'<p class="figure-note">{_signed_in_as(reader)}</p>')
        st.button(
            t("access.sign_out"), key="sign_out", type="tertiary", on_click=_sign_out,
            icon=":material/logout:",
        )  # fmt: skip


def _reader() -> Reader:
    """Return how whoever runs this page stands."""
    if not _is_configured():
        here = is_at_this_machine(*_connection())
        return Reader("staff", AT_THIS_MACHINE) if here else Reader("away")
    return judge(
        _claims(),
        staff_list(),
        now=time.time(),
        seconds=sign_in.seconds(),
        has_ended=sign_in.has_ended,
    )


def _tell(reader: Reader) -> None:
    """Say why the page is closed to this reader, and what to do."""
    asked = sign_in.contact()
    whom = t("access.contact", whom=asked) if asked else t("access.contact.nobody")
    said = {"who": reader.who, "hours": f"{sign_in.seconds() / 3600:g}"}
    headline = "guard.headline" if reader.standing == "away" else f"access.{reader.standing}"
    _say(t(headline), t(f"access.{reader.standing}.basis", **said))
    if reader.standing in ("unlisted", "unverified"):
        st.html(f"<p>{escape(t(f'access.{reader.standing}.how', whom=whom, **said))}</p>")
    if not _can_sign_in():
        st.write(t("access.restart"))
        return
    again = {"away": "access.sign_in", "expired": "access.sign_in.again"}
    st.button(
        t(again.get(reader.standing, "access.sign_in.other")), key="sign_in_here", type="primary",
        icon=":material/login:", on_click=st.login,
    )  # fmt: skip


def _say(headline: str, basis: str) -> None:
    st.html(
        f'<p class="eyebrow">{t("guard.eyebrow")}</p>'
        f'<h1 class="headline">{escape(headline)}</h1><p class="basis">{escape(basis)}</p>'
    )


def _signed_in_as(reader: Reader) -> str:
    # An address may break where its parts meet, and nowhere within a name.
    who = escape(reader.who).replace("@", "<wbr>@")
    return t("access.signed_in", who=f"<b>{who}</b>")


def _sign_out() -> None:
    """End this sign-in, here and wherever its cookie is."""
    try:
        sign_in.end(sign_in_name(_claims()))
    except Refused as error:
        st.toast(str(error), icon=":material/error:")
    st.logout()


def _is_configured() -> bool:
    return sign_in.is_meant() or _can_sign_in()


def _can_sign_in() -> bool:
    """Return whether Streamlit has read settings for sign-in; it reads ours at the start."""
    return bool(auth_util.get_secrets_auth_section())


def _claims() -> Mapping[str, object]:
    """Return what the reader's sign-in says; nothing where it may come from somewhere else."""
    # Streamlit can take a person from headers instead, which anybody may send.
    return {} if config.get_option("server.trustedUserHeaders") else st.user.to_dict()


def _connection() -> tuple[str | None, Iterable[tuple[str, str]]]:
    """Return the other end of this session's connection, and the headers it began with.

    ``st.context.ip_address`` is None both for this machine and for an end that nobody
    knows, such as a Unix socket, which is where a proxy may stand.
    """
    client = context._get_client_context()
    if client is None:
        return None, ()
    return client.remote_ip, list(client.headers)
