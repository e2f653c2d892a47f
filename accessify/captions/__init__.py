"""From words to readable captions: composing, line breaking, checking, file formats.

Row 1 of the house: pure functions between core values. No file is opened here.
"""
