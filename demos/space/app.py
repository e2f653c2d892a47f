"""The app on Hugging Face Spaces, which asks for port 7860 and shows the page in a frame of its own."""

import os
from contextlib import suppress

from accessify.cli.interrupt import ended_by_request
from accessify.server.rooms import RoomLimits
from accessify_app.app import launch
from accessify_app.studio import AppOptions

OPTIONS = AppOptions(
    hosts=None,  # the Space's proxy decides which names lead here
    framed_by=("https://huggingface.co",),
    rooms=RoomLimits(file_bytes=2 << 30, room_bytes=4 << 30, rooms=100, kept_seconds=3600),
)
HOST = "0.0.0.0"  # noqa: S104 - the proxy is outside the container


if __name__ == "__main__":
    with ended_by_request(), suppress(KeyboardInterrupt):  # films that are left are removed
        launch(HOST, int(os.environ.get("PORT", "7860")), OPTIONS, on_ready=print)
