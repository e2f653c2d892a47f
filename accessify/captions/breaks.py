"""What it costs to break a text between two words.

One table for line ends and caption ends, after the break lists of the style guides: Netflix Timed
Text Style Guide, general requirements (NFLX 215758617, Line Treatment) and BBC Subtitle Guidelines
§3.4. Both ask to break after punctuation and before conjunctions and prepositions, and never to
part an article or adjective from its noun, a first from a last name, a subject pronoun, auxiliary
or negation from its verb, a verb from its preposition. There is no tagger here: classes are closed
word lists (`english.py`), so an unlisted adjective goes unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accessify.captions import english, german

NEVER = 60.0
"""Cost of a break that breaks the writing system itself; still finite: text is never lost."""
SENTENCE = 0.0
CLAUSE = 1.0
PLAIN = 6.0

_CLOSERS = "\"'”’»)]}）】》」』〉〕♪♫#"
_OPENERS = "\"'“‘«([{（【《「『〈〔¿¡♪♫#"
_SENTENCE_END = re.compile(rf"[.!?…。！？｡⋯؟۔।॥][{re.escape(_CLOSERS)}]*$")
_TRAILING = re.compile(rf"(?:\.\.\.|[…⋯])[{re.escape(_CLOSERS)}]*$")
_CLAUSE_END = re.compile(rf"(?:[,;:，、；：､،؛]|--|[–—])[{re.escape(_CLOSERS)}]*$")
_NUMBER = re.compile(r"[$€£¥#]?\d[\d.,:/]*(?:st|nd|rd|th)?")
_INITIAL = re.compile(r"(?:[A-Z]\.)+$|[a-zäöü]\.$")
"""`J.` and `U.S.`, the halves of `z. B.`"""
_ABBREVIATIONS = english.ABBREVIATIONS | german.ABBREVIATIONS
_UNCLEAR = re.compile(r"(?:^|-)\(\?\)$")
"""What was unclear in signing (`(?)`, `J-O-(?)`); a mark of irony stands at a word: `sure(?)`."""


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with `word`: final punctuation, of no abbreviation and of nothing unclear."""
    if not _SENTENCE_END.search(word) or _UNCLEAR.search(word):
        return False
    core = word.rstrip(_CLOSERS).lstrip(_OPENERS)
    return not (_INITIAL.match(core) or core.removesuffix(".").lower() in _ABBREVIATIONS)


def ends_clause(word: str) -> bool:
    """Whether `word` ends with a comma, semicolon, colon or dash."""
    return _CLAUSE_END.search(word) is not None


def trails_off(word: str, following: str) -> bool:
    """Whether `word` ends with an ellipsis and the sentence goes on with `following`, in lower case."""
    return following[:1].islower() and _TRAILING.search(word) is not None


@dataclass(frozen=True, slots=True)
class Seam:
    """The place between two words."""

    left: str
    right: str
    """As written, with punctuation."""
    before: str
    after: str
    """The same in lower case without punctuation."""
    opens: bool
    """Whether the left word begins a sentence."""
    earlier: str = ""
    """The word before the left one, like `before`."""
    listed: bool = False
    """Whether the left word ends an item of a list: the next comma is two words away at most."""


def _is_number(word: str) -> bool:
    return word in english.NUMBERS or _NUMBER.fullmatch(word) is not None


def _is_auxiliary(word: str) -> bool:
    return word in english.AUXILIARIES or word in english.CONTRACTED or word.endswith(english.CONTRACTIONS)


def _is_adjective(word: str) -> bool:
    return word in english.ADJECTIVES or (len(word) > 5 and word.endswith(english.ADJECTIVE_ENDINGS))


def _is_particle(seam: Seam) -> bool:
    """Whether the right word completes the verb before it: `give | up`, and `go | on.` at an end."""
    at_end = ends_sentence(seam.right) or ends_clause(seam.right)
    return seam.after in english.CLOSE_PARTICLES or (at_end and seam.after in english.PREPOSITIONS)


def _completes(seam: Seam) -> bool:
    """Whether the right word completes `as long`, `anything` and the like."""
    if seam.after == "as":
        return seam.earlier in ("as", "so")
    return seam.before in english.INDEFINITES and (
        seam.after in ("more", "else") or _is_adjective(seam.after)
    )


def _thinks(seam: Seam) -> bool:
    """Whether a short main clause is parted from what is thought: `I don't think | there's a way`."""
    clause = seam.after in english.SUBJECTS or seam.after in english.CONTRACTED
    short = seam.earlier in english.SUBJECTS or _is_auxiliary(seam.earlier)
    return seam.before in english.THINKING and clause and short


def _is_possessive(word: str) -> bool:
    return word.endswith(("'s", "s'")) and word not in english.CONTRACTED


def _is_name(word: str) -> bool:
    return word[:1].isupper() and word != "I" and not word.startswith(("I'", "I’"))


def _is_function_word(word: str) -> bool:
    return (
        word in english.DETERMINERS
        or word in english.PREPOSITIONS
        or word in english.CONJUNCTIONS
        or word in english.SUBJECTS
        or _is_auxiliary(word)
    )


def _opens_noun(seam: Seam) -> bool:
    """Whether the left word is an article or the like, and not a pronoun by itself (`all of`)."""
    alone = seam.before in english.PRONOMINAL and _is_function_word(seam.after)
    return seam.before in english.DETERMINERS and not alone


def _unmarked_sentence(seam: Seam) -> bool:
    """Whether recognised speech shows by a capital alone that a sentence starts (`it | By listening`)."""
    if not _is_name(seam.right) or seam.right.isupper() or _is_name(seam.left):
        return False
    opener = _is_function_word(seam.after) and seam.after not in english.AUXILIARIES
    tied = seam.before in english.PREPOSITIONS or seam.before in english.CONJUNCTIONS
    return (opener or seam.after in english.INTERJECTIONS) and not tied


def _is_modifier(seam: Seam) -> bool:
    """Whether the left word is an adverb of the next one: `to visually | inspect`, not `so far | like`."""
    if seam.before in ("far", "much") and seam.earlier in ("so", "as", "this", "that", "very"):
        return False
    if seam.before in ("more", "most", "less", "least") and seam.after in english.SUBJECTS:
        return False
    adverb = seam.before.endswith("ly") and (seam.earlier == "to" or _is_auxiliary(seam.earlier))
    return seam.before in english.INTENSIFIERS or adverb


def _joins(seam: Seam) -> bool:
    """Whether the left words are `and then`, `but now` and the like."""
    return seam.earlier in english.COORDINATORS and seam.before in ("then", "now", "again", "yet")


def _inside_noun(seam: Seam) -> bool:
    """Whether an article stands before the left word, which then may be an adjective."""
    return seam.earlier in english.DETERMINERS


def _may_be_adjective(seam: Seam) -> bool:
    """Whether an article or `most` stands before the left word and no verb or function word behind it."""
    modified = _inside_noun(seam) or seam.earlier in english.INTENSIFIERS
    return modified and not _is_function_word(seam.after) and not seam.after.endswith("ed")


def _is_titled(seam: Seam) -> bool:
    return seam.before in english.TITLES and _is_name(seam.right) and not ends_sentence(seam.left)


def _names(seam: Seam) -> bool:
    """Two capitalised words in a row; a sentence's first word counts when it is no function word."""
    if not (_is_name(seam.left.lstrip(_OPENERS)) and _is_name(seam.right)):
        return False
    return not seam.opens or not _is_function_word(seam.before)


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of break, how bad it is, and how to recognise it."""

    name: str
    cost: float
    """0 is as good as a break gets, `PLAIN` is one that nothing speaks for or against."""
    holds: Callable[[Seam], bool]


RULES = (
    Rule("title and name", 30, _is_titled),
    Rule("initial and name", 30, lambda s: bool(_INITIAL.match(s.left)) and _is_name(s.right)),
    Rule("number sign and number", 30, lambda s: s.left in ("No.", "no.") and s.right[0].isdigit()),
    Rule("after a sentence", SENTENCE, lambda s: ends_sentence(s.left) and not trails_off(s.left, s.right)),
    Rule("inside a list", 4, lambda s: s.listed),
    Rule("after a clause", CLAUSE, lambda s: ends_clause(s.left) or trails_off(s.left, s.right)),
    Rule("before a dash", NEVER / 2, lambda s: s.right[0] in "–—" or s.right.startswith("--")),
    Rule("before a bracket", 1.5, lambda s: s.right[0] in "([♪"),
    Rule("before an unmarked sentence", 1.5, _unmarked_sentence),
    Rule("between a word and the same again", PLAIN, lambda s: s.before == s.after),
    Rule("number and unit", 24, lambda s: _is_number(s.before) and s.after in english.UNITS),
    Rule("number and number", 20, lambda s: _is_number(s.before) and _is_number(s.after)),
    Rule("article and noun", 24, lambda s: _opens_noun(s) or s.before == "of"),
    Rule("particle and rest", 10, lambda s: s.before in english.CLOSE_PARTICLES and not _inside_noun(s)),
    Rule("preposition and phrase", 18, lambda s: s.before in english.PREPOSITIONS),
    Rule("auxiliary or negation and verb", 18, lambda s: _is_auxiliary(s.before)),
    Rule("conjunction and clause", 18, lambda s: s.before in english.CONJUNCTIONS or _joins(s)),
    Rule("adverb and what it modifies", 14, _is_modifier),
    Rule("first and last name", 20, _names),
    Rule("verb and reflexive or object pronoun", 11, lambda s: s.after in english.OBJECTS),
    Rule("before and, but, or", 2, lambda s: s.after in english.COORDINATORS),
    Rule("as long and as, anything and more", 12, _completes),
    Rule("before a conjunction", 2.5, lambda s: s.after in english.CONJUNCTIONS),
    Rule("before of", 8, lambda s: s.after == "of"),
    Rule("verb and particle", 10, _is_particle),
    Rule("before a preposition", 3.5, lambda s: s.after in english.PREPOSITIONS),
    Rule("I think and what is thought", 10, _thinks),
    Rule("subject pronoun and verb", 18, lambda s: s.before in english.SUBJECTS),
    Rule("possessive and noun", 14, lambda s: _is_possessive(s.before)),
    Rule("number and noun", 14, lambda s: _is_number(s.before)),
    Rule("adjective and noun", 14, lambda s: _is_adjective(s.before) and not _is_function_word(s.after)),
    Rule("compound and noun", 10, lambda s: "-" in s.before),
    Rule("perhaps adjective and noun", 8, _may_be_adjective),
    Rule("verb and you", 8, lambda s: s.after == "you"),
    Rule("before a new clause", 4, lambda s: s.after in english.CLAUSE_OPENERS),
    Rule("before a verb group", 5.5, lambda s: _is_auxiliary(s.after)),
    Rule("before a noun phrase", 5, lambda s: s.after in english.DETERMINERS),
)
"""The first rule that holds decides; where none does the break costs `PLAIN`."""

_PUNCTUATION = tuple(rule for rule in RULES if rule.name in ("after a sentence", "after a clause"))


def _is_dated(seam: Seam) -> bool:
    return re.fullmatch(r"\d{1,2}\.", seam.left) is not None and seam.after in german.MONTHS


GERMAN = (
    Rule("ordinal number and month", 24, _is_dated),
    Rule(
        "halves of an abbreviation",
        30,
        lambda s: bool(_INITIAL.fullmatch(s.left) and _INITIAL.match(s.right)),
    ),
    *_PUNCTUATION,
    Rule("number and noun", 14, lambda s: _NUMBER.fullmatch(s.before) is not None),
    Rule("article and noun", 24, lambda s: s.before in german.DETERMINERS),
    Rule("preposition and phrase", 18, lambda s: s.before in german.PREPOSITIONS),
    Rule("conjunction and clause", 18, lambda s: s.before in german.CONJUNCTIONS),
    Rule("negation and what it denies", 14, lambda s: s.before == "nicht"),
    Rule("before und, oder, aber", 2, lambda s: s.after in ("und", "oder", "aber", "sondern")),
    Rule("before a conjunction", 2.5, lambda s: s.after in german.CONJUNCTIONS),
    Rule("before a preposition", 3.5, lambda s: s.after in german.PREPOSITIONS),
    Rule("subject pronoun and verb", 14, lambda s: s.before in german.SUBJECTS or s.after in german.SUBJECTS),
    Rule("before a noun phrase", 5, lambda s: s.after in german.DETERMINERS),
)
"""The same for German."""

_RULES = {"en": RULES, "*": RULES, "de": GERMAN}


def seam_costs(words: Sequence[str], language: str = "en") -> list[float]:
    """Cost of a break behind each of `words`, the last one included (as at the end of the text).

    `language` is a BCP 47 tag, or `*`, which is taken as English. In languages other than English and
    German only punctuation counts: there are no word lists for them.
    """
    rules = _RULES.get(language.lower().split("-")[0], _PUNCTUATION)
    bare = [_bare(word) for word in words]
    costs: list[float] = []
    opens = True
    for index in range(len(words) - 1):
        earlier = bare[index - 1] if index else ""
        listed = _in_list(words, bare, index)
        seam = Seam(words[index], words[index + 1], bare[index], bare[index + 1], opens, earlier, listed)
        costs.append(next((rule.cost for rule in rules if rule.holds(seam)), PLAIN))
        opens = ends_sentence(seam.left) and not trails_off(seam.left, seam.right)
    return [*costs, SENTENCE] if words else []


def _in_list(words: Sequence[str], bare: Sequence[str], index: int) -> bool:
    """Whether the word ends an item of a list, whose next item is at most two words long and not the last."""
    if not words[index].endswith(",") or bare[index + 1] in english.COORDINATORS:
        return False
    return any(word.endswith(",") for word in words[index + 1 : index + 3])


def _bare(word: str) -> str:
    core = word.strip(_CLOSERS + _OPENERS + ".,;:!?…-–—*").lower().replace("’", "'")
    return core or word
