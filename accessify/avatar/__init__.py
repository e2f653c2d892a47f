"""The figure that signs, drawn from formulas: distance fields, meshes, bones and expressions."""
