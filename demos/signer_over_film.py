"""A signing avatar in the corner of a film, signing its captions in their times.

python demos/signer_over_film.py film.mp4 film.srt signed.mp4  # needs accessify[avatar]

The signs stand in the order of the text: signed words, no translation. Words without a sign are spelled,
which takes longer than to say them: what is signed late is printed before it is drawn. Drawing takes about as
long as the film. The picture says that it is an avatar. Have somebody who signs, best of all a deaf person,
look at it before others see it.
"""

import sys
from pathlib import Path

import accessify

film, captions, target = map(Path, sys.argv[1:4])
document = accessify.read_captions(captions)
performance = accessify.sign(document.cues, accessify.SignOptions(language="ase"))
for gloss in performance.glosses:
    print(f"{gloss.text}: {gloss.origin}")  # lexicon, notation, spelled or missing
for note in performance.glosses.notes:
    print(note.text, flush=True)  # captions that are signed late, above all
options = accessify.FilmOptions(over=film, captions=document)  # the signer does not cover the captions
written = accessify.write_performance(performance, target, options)
for note in written.notes:
    print(note.text)
