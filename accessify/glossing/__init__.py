"""From text to glosses, the names of signs; no translation."""
