"""The app as an ASGI server, with the settings that keep a rerun cheap.

``streamlit run`` binds its own socket without TCP_NODELAY, so that each rerun waits
40 ms; uvicorn lets asyncio make the socket. Imported objects are frozen out of the
garbage collector once, instead of being collected after every rerun.
"""

from __future__ import annotations

import gc
import logging
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from streamlit.web.server.starlette.starlette_app import App

_log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent.parent


@asynccontextmanager
async def _lifespan(_app: object) -> AsyncIterator[None]:
    # What the first reader of a page would otherwise wait for.
    import altair
    import pydeck
    import statsmodels.tsa.seasonal

    from commerce.db import database
    from commerce.report import drawing

    drawing.warm()
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    database()
    del altair, pydeck, statsmodels
    gc.collect()
    gc.freeze()
    yield


def create_app() -> App:
    """Return the ASGI application: Streamlit, with its static files compressed once."""
    import streamlit as st
    from starlette.middleware import Middleware
    from streamlit.runtime.pages_manager import PagesManager

    from commerce.static_files import FirstLoad

    # Until the first script run Streamlit takes a folder named pages for its older kind of
    # multipage app, and answers the first deep link after a start with "Page not found".
    PagesManager.uses_pages_directory = False
    return st.App(
        ROOT / "app.py",
        lifespan=_lifespan,
        middleware=[Middleware(FirstLoad)],
        on_script_error=_tell,
    )


def _tell(error: Exception) -> bool:
    """Log what went wrong and show one sentence instead of a traceback."""
    import streamlit as st

    from commerce.i18n import t

    _log.error("A page failed", exc_info=error)
    st.error(t("frame.error"), icon=":material/error:")
    return True


def serve(host: str, port: int) -> None:
    """Serve the app until it is stopped."""
    import uvicorn

    # Streamlit reads .streamlit/config.toml from the working directory.
    os.chdir(ROOT)
    uvicorn.run(create_app(), host=host, port=port, log_level="warning", access_log=False)
