"""The figures of the landmarks bench: formulas, and what each has to reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from accessify.evaluation.figures import Figure, Target

_RATIO = (
    "median over rounds of MediaPipe's wall seconds / accessify's, taking turns on the same pictures in "
    "memory"
)
_BOTH = "pictures in which both find it"


HALF_GATE = 0.2
"""Pixels of the crop: how far the points of a network in 16 bits may be from those in 32 bits on average.
Two equally right ways of sampling the same crop differ by more."""


def _at_least(limit: float) -> Target:
    return Target(limit, at_most=False)


CLIPS: tuple[Figure, ...] = (
    Figure(
        "speed",
        "Speed",
        "× MediaPipe Holistic",
        f"{_RATIO}; complexity 1, defaults of accessify",
        _at_least(1.75),
        2,
    ),
    Figure(
        "speed_settled",
        "  without the first two pictures of MediaPipe",
        "×",
        "the same, but of MediaPipe only the pictures from the third on: its landmark networks meet their "
        "first picture in the timed part, as in every file, while accessify's were warmed on two real "
        "pictures by another landmarker",
        None,
        2,
    ),
    Figure(
        "speed_one_core",
        "  both on one core",
        "×",
        f"{_RATIO}; both processes kept to one core",
        _at_least(1.4),
        2,
    ),
    Figure(
        "speed_two_processes",
        "  two files at a time, in two processes",
        "×",
        "median over rounds of the pictures a second of both processes together (both whole clips / the "
        "seconds of the slower) / those of one process of MediaPipe Holistic, which uses all cores",
        _at_least(2),
        2,
    ),
    Figure(
        "speed_hands",
        "  hands only",
        "× MediaPipe Hands",
        f"{_RATIO}; MediaPipe Hands with two hands",
        _at_least(2),
        2,
    ),
    Figure(
        "latency_p50",
        "Latency of a picture, median",
        "ms",
        "from handing over a picture to its pose, nothing else on its way, no decoding; median over rounds",
    ),
    Figure(
        "latency_p95",
        "  95 % are within",
        "ms",
        "95th percentile of the same; median over rounds",
        Target(20),
    ),
    Figure(
        "hands_more",
        "Hands found more than MediaPipe Holistic",
        "pictures",
        "pictures with a left hand + pictures with a right hand, accessify minus reference",
        _at_least(0),
        0,
    ),
    Figure(
        "hands_only_more",
        "  hands only, more than MediaPipe Hands",
        "pictures",
        "hands found in all pictures, accessify hands-only minus MediaPipe Hands",
        _at_least(0),
        0,
    ),
    Figure(
        "body_error",
        "Body, off by",
        "% of shoulder width",
        "100 × mean distance of the points with visibility ≥ 0.5 in the reference / its mean shoulder width",
        None,
        3,
    ),
    Figure("face_error", "Face, off by", "px", f"mean distance of the 468 points, {_BOTH}", None, 3),
    Figure("left_median", "Left hand, off by", "px", f"median distance of all points, {_BOTH}", None, 3),
    Figure(
        "left_close",
        "  pictures off by less than 0.5 px",
        "%",
        f"share of the {_BOTH} whose mean distance is below 0.5 px",
        None,
        0,
    ),
    Figure(
        "left_box",
        "  mean",
        "% of its box",
        f"100 × mean distance of all points / mean longer side of the box around the reference's, {_BOTH}",
        None,
        2,
    ),
    Figure("right_median", "Right hand, off by", "px", "as of the left hand", None, 3),
    Figure("right_close", "  pictures off by less than 0.5 px", "%", "as of the left hand", None, 0),
    Figure("right_box", "  mean", "% of its box", "as of the left hand", None, 2),
    Figure(
        "jitter",
        "Trembling, unsmoothed",
        "× reference",
        "median |p(t+1) - 2 p(t) + p(t-1)| over all points / the same of the reference, in pictures where "
        "both have all three; the worst of body (visible points), left hand, right hand and face",
        Target(1.1),
        2,
    ),
    Figure(
        "smoothing_jitter",
        "  with smoothing, hands, slow pictures",
        "× unsmoothed",
        "the same median of both hands, smoothed / unsmoothed, in the slowest 30 % of pictures (mean over "
        "points of |p(t+1) - p(t-1)| / 2)",
        Target(0.6),
        2,
    ),
    Figure(
        "smoothing_lag",
        "  lag of smoothing, fast pictures",
        "px",
        "mean distance of the smoothed from the unsmoothed hand against its motion, fastest 30 % of pictures",
        None,
        2,
    ),
    Figure(
        "smoothing_lag_frames",
        "  the same",
        "pictures",
        "smoothing_lag / the mean speed in those pictures",
        None,
        2,
    ),
    Figure(
        "rival_repeats",
        "MediaPipe in this run and the reference, off by",
        "px",
        "largest distance of any point of any part that both found; it says how far decoder and machine are "
        "those the reference was made with",
        None,
        3,
    ),
    Figure(
        "rival_finds",
        "  parts that only one of them found",
        "parts",
        "body, left hand, right hand and face, each counted in every picture in which one has it and the "
        "other has not",
        None,
        0,
    ),
    Figure(
        "half_error",
        "Networks in 16 bits, the worst part off by",
        "px",
        "largest of the median distances of body, left hand, right hand and face from those found with the "
        "same networks in 32 bits",
        None,
        3,
    ),
)
"""Figures of one clip."""

RUN: tuple[Figure, ...] = (
    Figure(
        "graph_error",
        "Converted networks beside TensorFlow Lite, off by",
        "millionths",
        "1,000,000 × largest difference of any value of an output / the largest value of that output (at "
        "least 1 for a single value), crop by crop, from TensorFlow Lite's interpreter with its own kernels; "
        "the worst crop and output of the worst network",
        Target(10),
    ),
    Figure(
        "graph_error_fast",
        "  from its XNNPACK kernels",
        "millionths",
        "the same with the interpreter's default kernels",
    ),
    Figure(
        "graph_error_own",
        "  XNNPACK from TensorFlow Lite's own kernels",
        "millionths",
        "the same between the interpreter's two kinds of kernels, without accessify: how far apart two right "
        "ways of rounding are",
    ),
    Figure(
        "graph_pace",
        "  time on one thread, the slowest of them",
        "× TensorFlow Lite",
        "median over rounds of median milliseconds of a network on onnxruntime / on TensorFlow Lite's "
        "interpreter, taking turns crop by crop; the largest of all networks",
        Target(1.0),
        2,
    ),
    Figure(
        "graph_pace_body",
        "  the body's",
        "× TensorFlow Lite",
        "the same of pose_landmark_full",
        Target(0.6),
        2,
    ),
    Figure(
        "half_moves",
        "Networks in 16 bits, points off by",
        "px of the crop",
        "mean distance of a network's points (of a detector, its boxes and keypoints where its score is at "
        "least 0.5) from those of the same network in 32 bits, on crops of the clips; the worst network",
        Target(HALF_GATE),
        3,
    ),
    Figure(
        "memory_1_min",
        "Peak memory, 1 minute of 1280×720",
        "MB",
        "highest sampled sum of resident set sizes (1 MB = 10⁶ bytes) of "
        "`accessify landmarks VIDEO -o a.pose`",
        None,
        0,
    ),
    Figure("memory_10_min", "Peak memory, 10 minutes", "MB", "the same for 10 minutes", None, 0),
    Figure(
        "memory_growth", "  10 minutes compared with 1", "×", "memory_10_min / memory_1_min", Target(1.2), 2
    ),
)
"""Figures of the whole run."""

LANDMARKS = (*CLIPS, *RUN)

CLIP_TARGETS: Mapping[str, Mapping[str, Target]] = MappingProxyType(
    {
        "sentence_320x240": {
            "body_error": Target(0.1),
            "face_error": Target(0.02),
            "left_median": Target(0.1),
            "right_median": Target(0.1),
            "left_close": _at_least(80),
            "right_close": _at_least(80),
        },
        "test_video": {"body_error": Target(0.6), "right_box": Target(2.5)},
    }
)
"""Clip → targets that hold for it alone: how near two samplings of a picture come depends on its blur."""


def figure_for(figure: Figure, clip: str) -> Figure:
    """The figure with its target for the clip called `clip`."""
    own = CLIP_TARGETS.get(clip, {}).get(figure.name)
    return replace(figure, target=own) if own else figure
