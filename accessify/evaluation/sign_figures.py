"""The figures of the signs bench: formulas, and what each has to reach."""

from __future__ import annotations

from accessify.evaluation.figures import Figure, Target
from accessify.signs.match import MatchOptions


def _at_least(limit: float) -> Target:
    return Target(limit, at_most=False)


LETTER_SETS = {
    "letters_kjt": "one signer, webcam of unknown shape",
    "letters_graudt": "another signer, 16:9 webcam",
    "hands_mediapipe": "photographs of several people",
}
"""Name of a letter file → who is in it."""
_LETTER_TARGETS = {"letters_kjt": (86, 90), "letters_graudt": (93, 99), "hands_mediapipe": (74, 87)}
_WORD_TARGETS = {
    (1, "top1"): _at_least(54),
    (1, "top5"): _at_least(79),
    (3, "top1"): _at_least(68),
    (3, "top5"): _at_least(88),
    (1, "equal_error_rate"): Target(33),
    (3, "equal_error_rate"): Target(28),
    (1, "answered_50"): _at_least(75),
    (1, "false_accepts"): Target(100 * MatchOptions().false_signs),
    (3, "false_accepts"): Target(100 * MatchOptions().false_signs),
}
REFERENCES = (1, 3)
"""How many clips of a word are enrolled in the two runs."""
_DRAWN = (
    "every clip is looked for among words with {0} enrolled each, drawn at random from other takes than its "
    "own; ties broken at random; mean over draws"
)
_OPEN = "the same with half of the words enrolled, drawn anew each time; "
_WORDS = (
    ("top1", "right word first", "right answers / clips; " + _DRAWN),
    ("top5", "right word among the first five", "the same, among five answers"),
    (
        "answered_50",
        "right when half are answered",
        "right answers / answers, for the half of the clips with the highest confidence",
    ),
    (
        "equal_error_rate",
        "equal error rate, half of the words enrolled",
        _OPEN + "where as large a share of clips of enrolled words is refused as of other clips is accepted, "
        "by the distance of the first answer",
    ),
    (
        "right_accepted",
        "right and accepted at 10 % false accepts",
        _OPEN + "clips of enrolled words that are answered rightly and not refused / clips of enrolled "
        "words, at the distance that accepts a tenth of the other clips",
    ),
    (
        "false_accepts",
        "false accepts at our own threshold",
        _OPEN + "accepted clips of words that are not enrolled / clips of such words; the threshold is that "
        "of a book at the default setting, which promises 10 %",
    ),
    ("false_rejects", "false rejects at our own threshold", _OPEN + "refused / clips of enrolled words"),
    (
        "calibration_error",
        "how far confidence is from the truth",
        _OPEN + "expected calibration error in ten bins of equal width; an answer to a word that is not "
        "enrolled is wrong",
    ),
)


def _letters() -> tuple[Figure, ...]:
    figures = []
    for name, who in LETTER_SETS.items():
        least, answered = _LETTER_TARGETS[name]
        figures += [
            Figure(
                f"{name}_left_out",
                f"Letters of people not learnt from: {who}",
                "%",
                "hands named right / hands with a still letter, by a network trained as the shipped one but "
                f"without {name}.npz, that is without these people",
                _at_least(least),
            ),
            Figure(
                f"{name}_left_out_70",
                "  right among the surest 70 %",
                "%",
                "the same, of the 70 % with the highest probability",
                _at_least(answered),
            ),
        ]
    return tuple(figures)


def _words() -> tuple[Figure, ...]:
    figures = []
    for count in REFERENCES:
        clips = "1 clip" if count == 1 else f"{count} clips"
        for name, title, formula in _WORDS:
            shown = f"Words of several signers, {clips} enrolled: {title}" if name == "top1" else f"  {title}"
            target = _WORD_TARGETS.get((count, name))
            figures.append(Figure(f"words_{count}_{name}", shown, "%", formula.format(clips), target))
    return tuple(figures)


SIGNS: tuple[Figure, ...] = (
    *_letters(),
    *_words(),
    Figure(
        "again",
        "The same signer again",
        "%",
        "changed clips for which the clip they were made from, or one of the same take, comes first with all "
        "clips enrolled / changed clips; changes are made up: speed 0.7 to 1.4, camera turned by up to 15°, "
        "signer 0.7 to 1.4 times as large, noise of 1 % of the shoulders on every point, 15 % of hands lost",
        _at_least(98),
    ),
    Figure("again_told", "  and near enough to be told", "%", "the same, first and within the threshold"),
    Figure(
        "idle",
        "False signs when nobody signs",
        "a minute",
        "known signs told / minutes, over ten kinds of made-up idleness of the same length, with 25 made-up "
        "signs enrolled",
        Target(1),
        2,
    ),
    Figure("idle_worst", "  in the worst kind of idleness", "a minute", "the same kind by kind", None, 2),
    Figure(
        "idle_unknown",
        "  unknown signs told then",
        "a minute",
        "signs told as unknown / minutes of the same",
        None,
        2,
    ),
    Figure(
        "late_p95",
        "Live: from the end of a sign until it is told, 95 % are within",
        "ms",
        "time of the picture with which a rightly known sign is told - true end of the performed sign, 95th "
        "percentile; made-up signs in rows of five, 25 pictures a second, half of the rows without rest "
        "between signs",
        Target(400),
        0,
    ),
    Figure("late_p50", "  median", "ms", "the same, median", digits=0),
    Figure(
        "live_found", "  performed signs that are found", "%", "rightly known / performed, in the same rows"
    ),
    Figure(
        "live_wrong",
        "  signs told that nobody made",
        "per 100 performed",
        "100 × known signs told that are not the performed one's first right answer / performed signs",
    ),
    Figure(
        "live_picture",
        "  computing for each picture",
        "ms",
        "wall milliseconds of finding signs in a picture's landmarks, mean; finding landmarks not counted",
        None,
        2,
    ),
    Figure(
        "query",
        "1,000 signs enrolled, one clip looked for, one core",
        "ms",
        "wall milliseconds from a clip's landmarks to its answer, median, in a process kept to one core",
        Target(50),
    ),
    Figure("match", "  comparing alone", "ms", "the same, from the encoder's answer on"),
    Figure(
        "letter",
        "Letter network, one hand, one core",
        "ms",
        "wall milliseconds of one call with one hand, median, in a process kept to one core",
        Target(1),
        2,
    ),
    Figure("letter_size", "Size of the letter network", "MB", "bytes of the file / 10⁶", Target(1), 2),
    Figure(
        "sign_size", "Size of the sign encoder with its cohort", "MB", "bytes of both files / 10⁶", None, 2
    ),
)
