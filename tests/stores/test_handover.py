"""What a web server does to a connection that it has handed over does not reach the client."""

import socket

import pytest

from feeds.handover import forgotten


@pytest.mark.parametrize("forgets", [True, False], ids=["forgotten", "the control: not forgotten"])
def test_the_web_servers_half_close_ends_only_what_was_not_forgotten(forgets: bool) -> None:
    client, connection = socket.socketpair()
    with client, connection, connection.dup() as handed_over:
        if forgets:
            forgotten(connection)

        connection.shutdown(socket.SHUT_WR)
        connection.close()

        if forgets:
            handed_over.sendall(b"still here")
            assert client.recv(100) == b"still here"
        else:
            assert client.recv(100) == b""
