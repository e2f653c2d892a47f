"""A signing avatar in the corner of a film, signing its captions in their times.

python demos/signer_over_film.py film.mp4 film.srt signed.mp4  # needs accessify[avatar]

The signs stand in the order of the text: signed words, no translation. The picture says that it is an avatar.
Have somebody who signs, best of all a deaf person, look at it before others see it.
"""

import sys
from pathlib import Path

import accessify

film, captions, target = map(Path, sys.argv[1:4])
document = accessify.read_captions(captions)
performance = accessify.sign(document.cues, accessify.SignOptions(language="ase"))
for gloss in performance.glosses:
    print(f"{gloss.text}: {gloss.origin}")  # lexicon, notation, spelled or missing
options = accessify.FilmOptions(over=film, captions=document)  # the signer does not cover the captions
written = accessify.write_performance(performance, target, options)
for note in (*performance.glosses.notes, *written.notes):
    print(note.text)
