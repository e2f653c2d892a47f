"""The figures of the live bench: formulas, and what each has to reach."""

from __future__ import annotations

from accessify.evaluation.figures import Figure, Target

EIGHT, TWENTY = 8, 20
"""Numbers of streams at once that have to reach something."""

_WER = "(substitutions + deletions + insertions) / spoken words, Whisper's English normaliser"
_WORDS = (
    "over words that the alignment of all committed words with the reference takes as equal or substituted "
    "one for one and whose end a forced alignment of the published text measured (PocketSphinx)"
)
_SPOKEN = "from the end of the spoken word, sound played at true pace in pieces of 32 ms, to the moment "

LIVE: tuple[Figure, ...] = (
    Figure(
        "committed_p50",
        "From spoken to committed, median",
        "s",
        _SPOKEN + "at which our callback was told that it is committed; wall clock, " + _WORDS,
        Target(0.7),
        2,
    ),
    Figure("committed_p95", "  95 % within", "s", "95th percentile of the same", Target(1.3), 2),
    Figure(
        "shown_p50",
        "From spoken to on the screen for good, median",
        "s",
        _SPOKEN + "from which on the word that is committed in the end stands at its place without "
        "interruption, committed or not; the same words; negative where it was guessed before it ended",
        Target(0.4),
        2,
    ),
    Figure("shown_p95", "  95 % within", "s", "95th percentile of the same", Target(0.9), 2),
    Figure(
        "seen_p50",
        "  the same wherever on the screen it stands, median",
        "s",
        "a word stays where the least edit distance from one screen to the next keeps it, though words "
        "before it came or went; the same words",
        None,
        2,
    ),
    Figure("seen_p95", "  95 % within", "s", "95th percentile of the same", None, 2),
    Figure(
        "recommitted",
        "Committed words that changed",
        "words",
        "letter by letter, from one update to the next, and updates whose numbers have gaps",
        Target(0),
        0,
    ),
    Figure(
        "changed",
        "Words on the screen that changed, for each word",
        "",
        "words on the screen, committed or not, that the next screen has substituted or deleted (least edit "
        "distance; case and marks ignored), summed over all screens / words committed in the end",
        Target(0.3),
        2,
    ),
    Figure(
        "wer_live",
        "Word error rate of what was committed",
        "%",
        f"{_WER}; clips aligned as one text",
        None,
        2,
    ),
    Figure(
        "wer_saved", "Word error rate of the saved transcript", "%", "the same, of the final words", None, 2
    ),
    Figure(
        "wer_live_over_saved",
        "  committed minus saved",
        "points",
        "wer_live - wer_saved",
        Target(1.0),
        2,
    ),
    Figure(
        "wer_segments",
        "  the same segments offline",
        "%",
        "the same; utterances as the live detector cuts them, each heard once as in a file",
        None,
        2,
    ),
    Figure(
        "wer_saved_over_segments",
        "  saved minus offline",
        "points",
        "wer_saved - wer_segments",
        Target(0.3),
        2,
    ),
    Figure("wer_file", "  accessify caption on the same sound", "%", "the same", None, 2),
    Figure(
        "load",
        "One stream, part of a core",
        "",
        "CPU seconds of the process and its descendants, from the first sample to the last word, player "
        "included / seconds of sound",
        Target(0.15),
        3,
    ),
    Figure(
        "eight_committed_p95",
        "Eight streams at once on 2 cores: spoken to committed, 95 % within",
        "s",
        "as committed_p95 over the words of all streams, each of which begins with another clip",
        Target(2.0),
        2,
    ),
    Figure(
        "twenty_dropped",
        "Twenty streams at once on 2 cores: stretches of sound left out",
        "",
        "notes of the kind dropped, and updates lost, over all streams",
        Target(0),
        0,
    ),
    Figure(
        "twenty_saved_over_one",
        "  saved transcripts: word error rate minus one stream's",
        "points",
        "the same clips as one stream heard them, each counted as often as it was played",
        None,
        2,
    ),
    Figure("twenty_live_over_one", "  the same for what was committed", "points", "the same", None, 2),
    Figure(
        "twenty_lag",
        "  most speech not listened to, as told",
        "s",
        "highest lag in any update of any stream",
        None,
        1,
    ),
    Figure(
        "memory_growth",
        "One stream for an hour: memory grows after 5 minutes by",
        "%",
        "100 × (highest resident size of the process after each minute of sound from the 5th on / that after "
        "the 5th - 1); played as fast as it is listened to, at most a second waiting",
        Target(5),
        1,
    ),
    Figure("memory", "  highest", "MB", "highest of the same (1 MB = 10⁶ bytes)", None, 0),
)
