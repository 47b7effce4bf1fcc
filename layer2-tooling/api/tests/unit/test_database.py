"""How long hop waits for a database's answer."""

import asyncio
import time

import pytest

from hop.storage.database import in_time

LIMIT_S = 0.4


async def test_a_machine_that_stood_still_is_not_a_database_that_does_not_answer():
    async def answer():
        asyncio.get_running_loop().call_soon(time.sleep, 2 * LIMIT_S)
        await asyncio.sleep(LIMIT_S / 4)
        await asyncio.sleep(LIMIT_S / 4)
        return "here"

    assert await in_time(answer(), LIMIT_S) == "here"


async def test_an_answer_that_does_not_come_is_given_up_whatever_cleaning_up_takes():
    async def never():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(60)

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        await in_time(never(), LIMIT_S)
    assert time.monotonic() - started < 20 * LIMIT_S


async def test_what_went_wrong_in_time_is_said():
    async def broken():
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await in_time(broken(), LIMIT_S)
