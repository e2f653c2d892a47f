"""The demo app: five tabs over the pipelines of accessify, as one Gradio page.

Widgets and callbacks only; every callback calls one pipeline.
"""
