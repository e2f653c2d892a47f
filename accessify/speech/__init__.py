"""From sound to words: where speech is, what was said, when each word was said.

Row 1 of the house: numpy and core values only. The networks live in `engines`, behind the
protocols that these stages define.
"""
