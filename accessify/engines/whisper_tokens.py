"""Whisper's tokens: byte pairs by `tiktoken`, and the special ones behind them in Whisper's order.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", arXiv:2212.04356,
section 2.3 and figure 1 (the format of a transcript).
"""

from __future__ import annotations

import base64
import binascii
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from accessify.core.errors import MissingExtra, ModelError, ModelNotFound

if TYPE_CHECKING:
    from tiktoken import Encoding

_CODES = """
en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur
hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si
km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha
ba jw su yue
"""
LANGUAGES = tuple(_CODES.split())
"""Codes in the order of their tokens; a model knows the first 99 or 100 of them."""
UNSPACED = frozenset(("zh", "ja", "th", "lo", "my", "yue"))
"""Languages written without spaces: each group of tokens that is whole characters counts as a word."""

_PATTERN = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
"""How GPT-2 cuts text before byte pairs are joined (Radford et al. 2019)."""
_TIMES = 1501
"""Times that can be written: 0.00 to 30.00 s in steps of 0.02 s."""
_BYTES = 256
"""Each byte is a token; the others are joined from them."""
_MUSIC = "♩♪♫♬♭♮♯"
_BRACKETS = "<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪"
_UNSPOKEN = (*'"#()*+/:;<=>@[\\]^_`{|}~「」『』', *_BRACKETS.split())
"""Marks of speaker names, sounds and lyrics, which nobody says."""
_HOLE = "\ufffd"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The vocabulary of one model."""

    encoding: Encoding
    """Text → numbers and back."""
    languages: tuple[str, ...]
    """Codes that the model tells apart; empty for an English one."""
    end: int
    """Ends a transcript; lower numbers are text."""
    start: int
    translate: int
    transcribe: int
    before: int
    """What follows was said before (the prompt)."""
    no_speech: int
    no_times: int
    times: int
    """The number of 0.00 s; each further one is 0.02 s later."""
    unspoken: tuple[int, ...] = field(repr=False)
    """Tokens of marks that nobody says."""

    def language(self, code: str) -> int:
        """The token of a language."""
        return self.start + 1 + self.languages.index(code)

    def opening(self, code: str | None, *, translate: bool = False, times: bool = True) -> tuple[int, ...]:
        """What a transcript begins with; of an English model, neither language nor task."""
        parts = [self.start]
        if self.languages:
            parts += [self.language(code or "en"), self.translate if translate else self.transcribe]
        return tuple(parts if times else [*parts, self.no_times])

    def encode(self, text: str) -> list[int]:
        """The tokens of `text`, in which nothing is special."""
        return self.encoding.encode(text, disallowed_special=())

    def raw(self, token: int) -> bytes:
        """The bytes of a token of text, perhaps a part of a character."""
        return self.encoding.decode_single_token_bytes(token)

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`; special ones and times have none."""
        return self.encoding.decode([token for token in tokens if token < self.end])

    def words(self, tokens: Sequence[int], code: str) -> list[list[int]]:
        """Tokens of text in groups that are words, or whole characters where `code` has no spaces."""
        groups = self._characters(tokens)
        if code in UNSPACED:
            return groups
        words: list[list[int]] = []
        for group in groups:
            text = self.decode(group)
            if words and not text.startswith(" ") and text.strip() not in string.punctuation:
                words[-1] += group
            else:
                words.append(group)
        return words

    def _characters(self, tokens: Sequence[int]) -> list[list[int]]:
        """The shortest groups that are whole characters, or bytes that are no character anyway."""
        groups: list[list[int]] = []
        whole, place, open_ = self.decode(tokens), 0, list[int]()
        for token in tokens:
            open_.append(token)
            text = self.decode(open_)
            hole = text.find(_HOLE)
            if hole < 0 or whole[place + hole : place + hole + 1] == _HOLE:
                groups.append(open_)
                place, open_ = place + len(text), []
        if open_:  # ends within a character
            groups.append(open_)
        return groups


def read_tokens(path: Path, languages: int, size: int | None = None) -> Tokens:
    """The vocabulary in `path` (`.tiktoken`: base64 and rank in each line).

    `languages`: how many the model tells apart, 0 for an English one. `size`: how many tokens it has in all,
    by which a file that lost its end is noticed.
    Raises `ModelNotFound`, `ModelError` for a damaged file and `MissingExtra`.
    """
    try:
        import tiktoken
    except ImportError as error:
        raise MissingExtra("tiktoken", "whisper-onnx") from error
    ranks = _ranks(path)
    codes = LANGUAGES[: languages or 99]
    names = ["end", "start", *(f"language {code}" for code in codes), "translate", "transcribe"]
    names += ["language model", "before", "no speech", "no times"]
    special = {name: len(ranks) + at for at, name in enumerate(names)}
    times = len(ranks) + len(names)
    if size not in (None, times + _TIMES):
        raise ModelError(f"{path}: {times + _TIMES} tokens, the model knows {size}; export the model again")
    encoding = tiktoken.Encoding(
        path.stem,
        pat_str=_PATTERN,
        mergeable_ranks=ranks,
        special_tokens={f"<|{name}|>": number for name, number in special.items()}
        | {f"<|{at / 50:.2f}|>": times + at for at in range(_TIMES)},
    )
    return Tokens(
        encoding=encoding,
        languages=codes if languages else (),
        end=special["end"],
        start=special["start"],
        translate=special["translate"],
        transcribe=special["transcribe"],
        before=special["before"],
        no_speech=special["no speech"],
        no_times=special["no times"],
        times=times,
        unspoken=_unspoken(encoding),
    )


def _ranks(path: Path) -> dict[bytes, int]:
    try:
        pairs = [line.split() for line in path.read_bytes().splitlines() if line]
        ranks = {base64.b64decode(token): int(rank) for token, rank in pairs}
    except FileNotFoundError as error:
        raise ModelNotFound(f"{path} is missing; export the model again") from error
    except (ValueError, binascii.Error) as error:
        raise ModelError(f"{path}: no vocabulary ({error}); export the model again") from error
    if len(ranks) < _BYTES or sorted(ranks.values()) != list(range(len(ranks))):
        raise ModelError(f"{path}: tokens are missing from the vocabulary; export the model again")
    return ranks


def _unspoken(encoding: Encoding) -> tuple[int, ...]:
    """A hyphen or an apostrophe may stand within a word, not before one; of music signs the first token."""
    found = {encoding.encode(" -")[0], encoding.encode(" '")[0]}
    for mark in (*_UNSPOKEN, *_MUSIC):
        for tokens in (encoding.encode(mark), encoding.encode(" " + mark)):
            if len(tokens) == 1 or mark in _MUSIC:
                found.add(tokens[0])
    return tuple(sorted(found))
