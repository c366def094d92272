"""Encrypted connections that do not break because another one has ended.

OpenSSL keeps the errors of a thread in a queue, and Python (3.12 to 3.15 at least) does not empty it before it reads or
writes: the end of one connection, ``EPIPE``, is then reported on the next one too, which is sound, and dask gives its
worker up. See https://github.com/python/cpython/issues/148594. Here the queue is emptied after an error, and the
operation is tried once more; an error of its own comes again.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress


class SoundSocket(ssl.SSLSocket):
    """A socket that reports its own errors only."""

    def recv_into(self, *arguments: object, **more: object) -> int:
        """Receive bytes into a buffer."""
        return _tried_again(super().recv_into, *arguments, **more)

    def send(self, *arguments: object, **more: object) -> int:
        """Send bytes."""
        return _tried_again(super().send, *arguments, **more)

    def do_handshake(self, *arguments: object, **more: object) -> None:
        """Agree on keys."""
        _tried_again(super().do_handshake, *arguments, **more)


def use_sound_sockets() -> None:
    """Have all encrypted connections of this process made of sound sockets, from now on."""
    ssl.SSLContext.sslsocket_class = SoundSocket


def dask_setup(_: object) -> None:
    """Be called by a dask worker, or by its nanny, that was started with ``--preload``."""
    use_sound_sockets()


def _tried_again[T](operation: Callable[..., T], *arguments: object, **more: object) -> T:
    try:
        return operation(*arguments, **more)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
        raise
    except OSError:
        _empty_error_queue()
    try:
        return operation(*arguments, **more)
    except OSError:
        _empty_error_queue()
        raise


def _empty_error_queue() -> None:
    """Empty OpenSSL's queue of this thread: a call that cannot succeed empties it, too."""
    with suppress(ssl.SSLError):
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers("none-that-there-is")
