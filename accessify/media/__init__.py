"""Films and sound files: what is in them, their sound, their shots, captions muxed into them.

An edge of the house: PyAV (FFmpeg) lives here and nowhere else, and is imported inside functions.
"""
