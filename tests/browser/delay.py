"""A network between the browser and JupyterLab that takes its time: every byte arrives later, in order."""

import asyncio
import threading
from contextlib import contextmanager

CHUNK = 1 << 16


async def _later(reader, writer, delay_s):
    """Carries bytes from one side to the other, each `delay_s()` after it came."""
    loop = asyncio.get_running_loop()
    waiting = asyncio.Queue()

    async def write():
        while True:
            due, chunk = await waiting.get()
            if (left := due - loop.time()) > 0:
                await asyncio.sleep(left)
            if not chunk:
                writer.close()
                return
            writer.write(chunk)
            await writer.drain()

    task = asyncio.create_task(write())
    try:
        while chunk := await reader.read(CHUNK):
            waiting.put_nowait((loop.time() + delay_s(), chunk))
    except ConnectionError:
        pass
    waiting.put_nowait((loop.time() + delay_s(), b""))
    try:
        await task
    except ConnectionError:
        pass


@contextmanager
def delayed(port, delay_ms):
    """The address of a proxy in front of a local port; half of the delay on the way there, half on the way back.

    Args:
        port: the local port.
        delay_ms: a number, or a function that says it at each moment.
    """
    loop = asyncio.new_event_loop()

    def one_way_s():
        return (delay_ms() if callable(delay_ms) else delay_ms) / 2000

    async def serve(reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(_later(reader, back, one_way_s), _later(there, writer, one_way_s))
        except asyncio.CancelledError:
            pass  # the end: a browser keeps connections open, and asyncio would print each that is cut

    async def end():
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # In a thread of its own: Playwright's loop runs in the caller's.
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(serve, "127.0.0.1", 0), loop).result()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
