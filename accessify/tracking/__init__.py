"""Where a person's body, hands and face are: what the networks say, turned into tracked points.

Numpy only. What runs networks is an edge (`accessify.engines`) and comes in as a `Look`.
"""
