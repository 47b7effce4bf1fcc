"""The bench's client against a real socket."""

import asyncio
from contextlib import asynccontextmanager, closing, suppress
from itertools import repeat

import pytest
from bench.load import redirects

ANSWER = (
    b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n"
)


@asynccontextmanager
async def answering(*, answer=ANSWER, after=None, seen=None):
    """A server that answers each request head with ``answer``, in two pieces."""
    heads = [] if seen is None else seen

    async def serve(reader, writer):
        with suppress(asyncio.IncompleteReadError, ConnectionError), closing(writer):
            while after is None or len(heads) < after:
                head = await reader.readuntil(b"\r\n\r\n")
                heads.append(head.split()[1].decode())
                writer.write(answer[:20])
                await writer.drain()
                await asyncio.sleep(0)
                writer.write(answer[20:])

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def load(paths, *, limit_s=10.0, **server):
    async def run():
        async with answering(**server) as port:
            return await redirects(port, iter(paths), connections=4, limit_s=limit_s)

    return asyncio.run(run())


def test_each_path_is_asked_for_once_and_counted():
    seen = []
    paths = [f"/bench-{n}" for n in range(100)]
    done = load(paths, seen=seen)
    assert sorted(seen) == sorted(paths)
    assert done.statuses == {307: 100}
    assert done.seconds > 0


def test_a_server_that_closes_is_an_error():
    with pytest.raises(ConnectionError):
        load(repeat("/x", 100), after=10)


def test_an_answer_that_is_no_http_is_an_error():
    with pytest.raises(ConnectionError, match="no HTTP answer"):
        load(repeat("/x", 100), answer=b"220 mail.example ESMTP ready\r\n\r\n")


def test_a_server_that_never_answers_meets_the_limit():
    with pytest.raises(TimeoutError):
        load(repeat("/x", 100), answer=b"", limit_s=0.2)
