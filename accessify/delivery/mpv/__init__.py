"""Live captions over whatever mpv plays."""
