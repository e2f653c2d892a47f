"""Training the networks that accessify ships: letters from real and synthetic hands, signs from synthetic
ones.

Needs the extra `train` (torch). What is trained is exported to ONNX, which is all that using it needs.
"""
