"""Networks and recognisers behind the protocols of `speech`: one file each, one row in `registry.py`.

Heavy packages are imported inside the functions that need them.
"""
