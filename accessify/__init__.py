"""Captions, sign-language recognition and a sign avatar for deaf and hard-of-hearing people."""
