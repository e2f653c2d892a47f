"""Pictures: skeletons drawn over film.

Row 2 of the house: imports core and the pure stages, never another edge.
"""
