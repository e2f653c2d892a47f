"""The server: transcription of files, live captions over sockets, event streams and HLS.

It is made of Starlette and uvicorn (extra `server`); only `accessify serve` and embedders load it.
"""
