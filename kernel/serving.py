"""Serving: one command that starts what the product needs, answers requests, and leaves nothing running behind it."""

import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence

from flask import Flask

from kernel.children import Child
from kernel.embedded_cache import EmbeddedCache
from kernel.errors import SettingsError
from kernel.places import cache_socket, make_directory
from kernel.settings import Settings
from kernel.webserver import BACKLOG, WebServer


def serve(
    settings: Settings,
    *,
    make_app: Callable[[], Flask],
    prepare: Callable[[], None],
    announce: Callable[[], str | None],
    worker_command: Sequence[str],
    streamer_command: Sequence[str] = (),
) -> None:
    """Run the product until SIGTERM, SIGINT or the terminal's end. Ends in SystemExit, code 0 when it was asked to.

    In this order: take the port, start the embedded cache (if the settings want it), `prepare`, start the
    background worker and the streamer (where there is a command for one), start the web workers (each calls
    `make_app`), and print what `announce` says once the first one answers. The embedded cache and the others start
    again when they crash. Whatever happens to this process, SIGKILL included, nothing it started goes on running.
    Raises SettingsError when the port or the cache cannot be had.
    """
    owner = os.getpid()
    _end_on_signals()
    make_directory(settings.var)
    listener = _listening(settings.host, settings.port)
    cache = EmbeddedCache(cache_socket(settings.var)) if settings.embedded_cache else None
    background = _background(worker_command, streamer_command)
    try:
        if cache:
            cache.start()
        prepare()
        _start(background)
        WebServer(
            listener=listener,
            workers=settings.web_concurrency,
            make_app=make_app,
            announce=announce,
            children=[cache.child, *background] if cache else background,
        ).run()
    finally:
        if os.getpid() == owner:  # the forked web workers leave through here too
            _stop(background, cache)


def _background(worker_command: Sequence[str], streamer_command: Sequence[str]) -> list[Child]:
    named = (("background worker", worker_command), ("streamer", streamer_command))
    return [Child(name, command) for name, command in named if command]


def _start(children: Sequence[Child]) -> None:
    for child in children:
        child.start()


def _stop(children: Sequence[Child], cache: EmbeddedCache | None) -> None:
    for child in children:
        child.stop()
    if cache:
        cache.stop()


def _end_on_signals() -> None:
    """Until gunicorn has its own handlers: end in order, so that `prepare` is undone and children are stopped."""
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: sys.exit(0))


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything that takes time: who calls early waits, and nobody else gets the port.

    Raises SettingsError when it cannot be had.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(_why_not(host, port, error)) from None


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken; set PORTSIDE_PORT or stop what runs there."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this account has; set PORTSIDE_PORT to 1024 or above."
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}; set PORTSIDE_HOST or PORTSIDE_PORT."
