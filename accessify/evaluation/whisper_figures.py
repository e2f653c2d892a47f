"""The figures of the Whisper bench: formulas, and what each has to reach."""

from __future__ import annotations

from accessify.evaluation.figures import Figure, Target

SIZES = ("tiny", "base", "small")
"""Sizes of Whisper that are measured."""
LOSSES = {"fp16": 0.0, "int8": 0.5, "int4": 2.0}
"""Precision → points of word error rate that it may cost."""
MINUTES, GIGABYTES = 2.0, 3.0
"""What an export of base may take."""

_FASTER = "median over rounds of the system's seconds / ours, each the median of its calls in that round"
_ALONE = "windows of 30 s one by one, the same forced number of tokens, each system in its own process"


def _of_size(size: str) -> tuple[Figure, ...]:
    return (
        Figure(
            f"over_openai_{size}",
            f"{size}: int8, compared with openai-whisper (torch)",
            "×",
            f"{_FASTER}; {_ALONE}",
            Target(3, at_most=False),
            2,
        ),
        Figure(
            f"over_faster_{size}",
            f"  {size}: int8, compared with faster-whisper int8",
            "×",
            f"{_FASTER}; {_ALONE}",
            Target(1, at_most=False),
            2,
        ),
        Figure(
            f"over_faster_batch_{size}",
            f"  {size}: the same, 8 windows at once",
            "×",
            f"{_FASTER}; faster-whisper's BatchedInferencePipeline and our batches, 8 windows "
            "(ours takes as many at once as fit in 500 MB: of small 4)",
            None,
            2,
        ),
        Figure(
            f"memory_{size}",
            f"  {size}: peak memory, as a part of faster-whisper's",
            "×",
            "high-water mark of the resident set of our process / of faster-whisper's, Python and all that "
            "was loaded included, windows one by one, largest of all rounds",
            Target(1),
            2,
        ),
    )


WHISPER: tuple[Figure, ...] = (
    *(figure for size in SIZES for figure in _of_size(size)),
    *(
        Figure(
            f"loss_{precision}",
            f"Error that {precision} adds",
            "points",
            "errors of the export minus those of openai-whisper in float32, per word of English and per "
            "character of Mandarin, the worse of the two; small trained model, utterances that it has not "
            "seen by voices that it has not heard, language told",
            Target(limit),
            2,
        )
        for precision, limit in LOSSES.items()
    ),
    Figure(
        "export_minutes",
        "Export of base to int8, verified",
        "minutes",
        "wall time of export_whisper in a process of its own",
        Target(MINUTES),
        2,
    ),
    Figure(
        "export_gb",
        "  its peak memory",
        "GB",
        "high-water mark of the resident set of that process",
        Target(GIGABYTES),
        2,
    ),
)
