"""The figures of the app's bench: formulas, and what each has to reach."""

from __future__ import annotations

from accessify.evaluation.figures import Figure, Target

_CLOCK = "seconds by the clock of the machine that is both server and browser (Chromium, headless)"

APP: tuple[Figure, ...] = (
    Figure(
        "address_s",
        "From `accessify app` to the printed address",
        "s",
        f"{_CLOCK}; model files are here",
        None,
    ),
    Figure(
        "page_s",
        "From the printed address to a page that can be used",
        "s",
        f"{_CLOCK}; a new browser, all tabs filled (`data-ready`), median over starts",
        Target(3),
        2,
    ),
    Figure(
        "first_caption_s",
        "A film of 10 minutes: from the end of the upload to the first caption on the screen",
        "s",
        f"{_CLOCK}; 1280×720, a recording played again and again; the first film after the start, so that "
        "networks are loaded too",
        Target(10),
    ),
    Figure(
        "all_captions_s",
        "  until all captions can be edited",
        "s",
        f"{_CLOCK}; shots are looked for too",
        None,
    ),
    Figure("upload_s", "  upload of that film", "s", f"{_CLOCK}; over the loopback interface", None, 2),
    Figure(
        "users_first_s",
        "Ten people at once, a film of 45 s each: until the first has all captions",
        "s",
        f"{_CLOCK}; ten browser contexts, films given within a second of each other",
        None,
        0,
    ),
    Figure("users_last_s", "  until the last has", "s", f"{_CLOCK}; the same", None, 0),
    Figure(
        "users_told",
        "  who had to wait was told how many were before",
        "%",
        "people who saw their place in the queue / all but the one whose film came first",
        Target(100, at_most=False),
        0,
    ),
    Figure(
        "foreign_files",
        "  files of others that somebody reached",
        "files",
        "answers other than 404 when each asks for each other's film under a key of their own, and for a "
        "list of rooms",
        Target(0),
        0,
    ),
    Figure(
        "left_bytes",
        "What is left of all that on the disk, once the app has stopped",
        "bytes",
        "sum of the sizes of files in the app's folder",
        Target(0),
        0,
    ),
    Figure(
        "memory_mb",
        "Peak memory of the app and its workers",
        "MB",
        "largest sum of resident sets, twice a second",
        None,
        0,
    ),
)
