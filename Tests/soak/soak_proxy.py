"""A TCP proxy that damages what passes: it cuts, freezes, slows down and truncates streams.

usage: soak_proxy.py PORT TARGET SEED FAULTS
           listens on 127.0.0.1:PORT, passes on to 127.0.0.1:TARGET, and damages single pieces of the streams (cut, cut
           short, sent twice, turned over in one bit) until it has done so FAULTS times. What is damaged inside of a
           stream is noticed only where TLS protects it.
"""

import asyncio
import contextlib
import random
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

PIECE = 1 << 16
# Damaged pieces come after the first connections are made: a client repeats those slowly and has nothing to lose yet.
FIRST_PIECES = 30


@dataclass(eq=False)
class Passage:
    """One connection of a client, with the one to the server that stands for it."""

    writers: list[asyncio.StreamWriter]
    # What follows of either stream is cut off in the middle.
    truncated: bool = False
    tasks: list[asyncio.Task] = field(default_factory=list)


class Proxy:
    """Listens on 127.0.0.1 in a thread of its own. Its faults may be called from any thread."""

    def __init__(self, port: int, target: int, seed: int) -> None:
        self.port = port
        self.target = target
        self.random = random.Random(seed)
        self.passages: set[Passage] = set()
        self.pause = 0.0
        self.passed = 0
        # Pieces that are still to be damaged, one in so many.
        self.faults = 0
        self.loop = asyncio.new_event_loop()
        self.open = asyncio.Event()
        self.open.set()
        started = threading.Event()
        self.thread = threading.Thread(target=self.serve, args=(started,), daemon=True)
        self.thread.start()
        started.wait()

    def serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self.accept, "127.0.0.1", self.port))
        started.set()
        self.loop.run_forever()

    # Faults.

    def cut(self) -> None:
        """Resets every connection."""
        self.call(lambda: [self.reset(passage) for passage in list(self.passages)])

    def truncate(self) -> None:
        """Ends every stream in the middle of what it carries next."""

        def mark() -> None:
            for passage in self.passages:
                passage.truncated = True

        self.call(mark)

    def set_pause(self, seconds: float) -> None:
        """Holds back every piece for so long."""
        self.pause = seconds

    def set_frozen(self, frozen: bool) -> None:
        """Lets nothing pass, and loses nothing."""
        self.call(self.open.clear if frozen else self.open.set)

    def call(self, change: Callable[[], object]) -> None:
        done = threading.Event()

        def work() -> None:
            change()
            done.set()

        self.loop.call_soon_threadsafe(work)
        done.wait()

    # Passing on.

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passage = Passage([writer])
        self.passages.add(passage)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
            passage.writers.append(server_writer)
            passage.tasks += [
                asyncio.create_task(self.pump(passage, reader, server_writer)),
                asyncio.create_task(self.pump(passage, server_reader, writer)),
            ]
            await asyncio.wait(passage.tasks)
        except OSError:
            pass
        finally:
            self.passages.discard(passage)
            for task in passage.tasks:
                task.cancel()
            for each in passage.writers:
                each.close()

    async def pump(self, passage: Passage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                if self.pause:
                    await asyncio.sleep(self.pause)
                await self.open.wait()
                self.passed += 1
                if self.faults > 0 and self.passed > FIRST_PIECES and self.random.random() < 0.1:
                    self.faults -= 1
                    piece = self.damaged(passage, piece)
                elif passage.truncated:
                    piece = piece[: self.random.randrange(len(piece))]
                writer.write(piece)
                await writer.drain()
                if passage.truncated:
                    break
        with contextlib.suppress(OSError):
            writer.write_eof()
        if passage.truncated:
            for each in passage.writers:
                each.close()

    def damaged(self, passage: Passage, piece: bytes) -> bytes:
        at = self.random.randrange(len(piece))
        match self.random.choice(("cut", "truncate", "twice", "bit")):
            case "cut":
                self.reset(passage)
                return b""
            case "truncate":
                passage.truncated = True
                return piece[:at]
            case "twice":
                return piece[:at] + piece
            case _:
                # Not in the length of a TLS record, for whose end the other side would wait as long as a call may take.
                at = min(at + 5, len(piece) - 1)
                return piece[:at] + bytes([piece[at] ^ 1 << self.random.randrange(8)]) + piece[at + 1 :]

    @staticmethod
    def reset(passage: Passage) -> None:
        for writer in passage.writers:
            if plug := writer.get_extra_info("socket"):
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


def main() -> None:
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    port, target, seed, faults = map(int, sys.argv[1:])
    proxy = Proxy(port, target, seed)
    proxy.faults = faults
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()


if __name__ == "__main__":
    main()
