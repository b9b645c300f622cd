"""The servers of a soak, which come and go while jobs run."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent / "servers"
PATIENCE = 600.0


class Server:
    """A server of the scripts in Tests/servers, on a port of 127.0.0.1."""

    def __init__(
        self, script: str, port: int, arguments: list[str], log: Path, *, end: int, health: str | None = None
    ) -> None:
        self.command = [str(SCRIPTS / script), *arguments]
        self.port = port
        self.log = log
        self.end = end
        self.health = health
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        # The port of a server that was killed is free only when the system has closed it.
        wait(lambda: not is_open(self.port), f"port {self.port} stays in use")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait(self.answers, f"{self.command[0]} does not answer, see {self.log}")

    def answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise SystemExit(f"{self.command[0]} has ended, see {self.log}")
        if self.health is None:
            return is_open(self.port)
        try:
            return urllib.request.urlopen(self.health, timeout=2).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """Lets it write what it holds."""
        self.signal(self.end)
        self.wait()

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def freeze(self, seconds: float) -> None:
        self.signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, number)

    def wait(self) -> None:
        if self.process is not None:
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def is_open(port: int) -> bool:
    with socket.socket() as plug:
        plug.settimeout(2)
        return plug.connect_ex(("127.0.0.1", port)) == 0


def wait(condition, complaint: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(complaint)
        time.sleep(0.05)


def milvus_lite(folder: Path, port: int) -> Server:
    return Server("milvus-lite.sh", port, [str(folder / "lite"), str(port)], folder / "lite.log", end=signal.SIGINT)


def full_milvus(folder: Path) -> Server:
    return Server(
        "milvus-full.sh",
        19530,
        [str(folder / "full")],
        folder / "full.log",
        end=signal.SIGTERM,
        health="http://127.0.0.1:9091/healthz",
    )


def rest_gateway(folder: Path, port: int, milvus: int) -> Server:
    arguments = [str(port), f"http://127.0.0.1:{milvus}"]
    return Server("rest-gateway.sh", port, arguments, folder / "gateway.log", end=signal.SIGTERM)


def kafka(folder: Path, port: int) -> Server:
    return Server("kafka.sh", port, [str(folder / "kafka"), str(port)], folder / "kafka.log", end=signal.SIGTERM)
