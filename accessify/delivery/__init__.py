"""Results leave the house here: files now, sockets and pages later.

Row 2 of the house, an edge: reads and writes; imports the pure stages and core, no other edge.
"""
