"""How good and how fast captioning is, measured on any folder of clips with known text.

Scorers are functions from values to values; `run.py` plays the systems over the data and puts the
figures together, `tables.py` turns the saved figures into the tables of the documents.
"""
