"""From sign notation or landmarks to the turns of bones: pure functions between values."""
