"""One `gr.HTML` for each tab: an empty panel that its module fills, and the callbacks that it may ask.

Gradio's own widgets are not used inside: their players, tables and uploads cannot be worked by keyboard or
read by screen readers well enough.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from accessify.core.errors import AccessifyError
from accessify.server.problem import problem_of
from accessify.server.refusal import Refused
from accessify_app.studio import Studio

log = logging.getLogger(__name__)

Callback = Callable[..., Any]
"""Takes the studio, the page's room and what the page gives (JSON); gives JSON. Takes a second at most."""

_MOUNT = (
    'import(new URL("web/app.js", document.baseURI))'
    ".then((app) => app.mount({name!r}, element, (request) => server.call(request)));"
)


def panel(name: str, callbacks: Sequence[Callback], studio: Studio) -> gr.HTML:
    """The panel of one tab."""
    table = {callback.__name__: callback for callback in callbacks}

    def call(request: dict[str, Any]) -> dict[str, Any]:
        return answered(table, studio, request)

    return gr.HTML(
        html_template=f'<section class="panel" id="{name}" role="tabpanel" tabindex="-1" hidden></section>',
        js_on_load=_MOUNT.format(name=name),
        server_functions=[call],
        apply_default_css=False,
    )


def answered(table: Mapping[str, Callback], studio: Studio, request: Any) -> dict[str, Any]:
    """What a callback gives as `{"answer": …}`, or `{"problem": …}` for the page to tell."""
    room = None
    try:
        callback, key, args = _parts(table, request)
        room = studio.rooms.find(key)
        return {"answer": callback(studio, room, *args)}
    except (AccessifyError, Refused) as error:
        return {"problem": problem_of(error, room)}
    except Exception as error:  # the edge: whatever a callback forgot must not leave the page without a word
        log.exception("a callback failed")
        return {"problem": problem_of(error, room)}


def _parts(table: Mapping[str, Callback], request: Any) -> tuple[Callback, str, list[Any]]:
    match request:
        case {"callback": str(name), "key": str(key), "args": list(args)} if name in table:
            return table[name], key, args
    raise Refused("bad-request", "the page asks for something that is not there; load it anew")
