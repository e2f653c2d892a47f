"""Values: immutable, on one clock, knowing no file format and no vendor.

Row 0 of the house: imports the standard library and numpy, nothing else.
"""
