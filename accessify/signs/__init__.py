"""Reading signs from landmarks: where signing is, which enrolled sign it is, which letters are spelled.

Numpy only. The network that reads hand shapes is an edge (`accessify.engines.letters`) and comes in as a
`HandReader`.
"""
