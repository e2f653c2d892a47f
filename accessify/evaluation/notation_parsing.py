"""How much of a corpus of HamNoSys our parser reads, and what hinders it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from accessify.core.errors import FormatError
from accessify.motion.hamnosys import parse

_PLACE = re.compile(r"^HamNoSys (?:after symbol \d+, |symbol \d+ \((.*?)\))")


@dataclass(frozen=True, slots=True)
class ParseRates:
    """Counts over texts, each a whole sign."""

    texts: int
    whole: int
    """Give a tree that holds every symbol, though some may stand in unexpected places."""
    clean: int
    """Give a tree, and nothing stands where the notation does not allow it."""
    failed: int
    """Give no tree at all."""
    reasons: tuple[tuple[str, int], ...]
    """What hinders a clean tree, without its place, and in how many texts; the commonest first."""

    @property
    def whole_share(self) -> float:
        """0 to 1; 1 where there are no texts."""
        return self.whole / self.texts if self.texts else 1.0

    @property
    def clean_share(self) -> float:
        """0 to 1; 1 where there are no texts."""
        return self.clean / self.texts if self.texts else 1.0


def parse_rates(texts: Iterable[str]) -> ParseRates:
    """Parse every text and count."""
    reasons: Counter[str] = Counter()
    count = whole = clean = failed = 0
    for text in texts:
        count += 1
        try:
            recoveries = parse(text).recoveries
        except FormatError as error:
            failed += 1
            reasons[error.message] += 1
            continue
        whole += all(recovery.kept for recovery in recoveries)
        clean += not recoveries
        reasons.update({_PLACE.sub(r"\1", recovery.message) for recovery in recoveries})
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ParseRates(count, whole, clean, failed, tuple(ordered))
