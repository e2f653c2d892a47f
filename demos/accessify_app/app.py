"""The page of five tabs, and the server around it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported: nothing leaves the machine

import gradio as gr
from starlette.applications import Starlette

from accessify.core.progress import OnProgress
from accessify.pipelines.live import LiveEngine
from accessify.server.app import create_app
from accessify.server.jobs import Jobs
from accessify.server.options import Limits, ServerOptions
from accessify.server.rooms import Rooms, usual_root
from accessify.server.running import Server, listen
from accessify_app import about, film, live, signing, signs
from accessify_app.assets import head, routes
from accessify_app.panels import panel
from accessify_app.security import PageHeaders
from accessify_app.studio import AppOptions, Studio

TABS = {"film": film, "live": live, "signs": signs, "signing": signing, "about": about}
"""Name of a tab → the module with its callbacks."""
_LIMITS = Limits(per_address=512)
"""Behind a proxy, or the one access point of a set, all people have one address."""


def launch(
    host: str,
    port: int,
    options: AppOptions,
    *,
    on_ready: Callable[[str], None],
    on_progress: OnProgress | None = None,
) -> None:
    """Serve the app until it is told to stop; `on_ready` gets its address.

    Raises `OptionError` where the port is taken, and `ModelError`.
    """
    door = listen(host, port)  # before any work
    with LiveEngine(options.live, on_progress) as engine, studio(options) as shared:
        Server(application(options, engine, shared), on_ready).run([door])


@contextmanager
def studio(options: AppOptions) -> Iterator[Studio]:
    """What the callbacks share; files that people gave are removed at the end."""
    rooms, jobs = Rooms(options.folder or usual_root(), options.rooms), Jobs()
    try:
        yield Studio(rooms, jobs, options)
    finally:
        jobs.close()
        rooms.close()


def application(options: AppOptions, engine: LiveEngine, shared: Studio) -> Starlette:
    """The app for an ASGI server; `engine` and what is shared stay their owner's."""
    serving = ServerOptions(live=options.live, caption=options.caption, hosts=options.hosts, limits=_LIMITS)
    app = create_app(serving, engine, routes=routes(), rooms=shared.rooms, jobs=shared.jobs)
    app.add_middleware(PageHeaders, framed_by=options.framed_by)
    asyncio.run(_mount(app, shared))
    return app


async def _mount(app: Starlette, shared: Studio) -> None:
    """Put the page at `/`; within a loop, since Gradio otherwise makes some that nobody closes."""
    gr.mount_gradio_app(
        app,
        page(shared),
        path="/",
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        head=head(),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
    )


def page(shared: Studio) -> gr.Blocks:
    """The Gradio page: a bar with the tabs, and a panel for each."""
    blocks = gr.Blocks(title="accessify", analytics_enabled=False)
    queue = blocks._queue  # noqa: SLF001 - nothing is queued there, yet it looks a thousand times a second
    queue.sleep_when_free = queue.progress_update_sleep_when_free = 0.5
    with blocks:
        gr.HTML(
            html_template=(files("accessify_app") / "web" / "bar.html").read_text("utf-8"),
            js_on_load='import(new URL("web/app.js", document.baseURI)).then((app) => app.head(element));',
            apply_default_css=False,
            elem_id="page",
        )
        for name, tab in TABS.items():
            panel(name, tab.CALLBACKS, shared)
    return blocks
