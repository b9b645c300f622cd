#!/usr/bin/env python3
"""Runs random jobs under random faults until each is done, and compares every row and every reject with a model.

usage: soak.py [--minutes M] [--seed S] [--rounds N] [--faults NAME,...] [--server lite|full] [--source dump|topic]
       soak.py --each [--seed S]        one short round for every fault, which has to happen in it

Each round has a seed of its own, beginning with S: it decides schema, source, lanes, batch sizes and faults. A round
is repeated with --seed S --rounds 1. Ends with 1 when a round shows a difference or an exit code that no fault explains.
Run it by soak.sh, which starts it in a network of its own.
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import soak_servers
import soak_source
from property_compare import Comparison
import property_store
from pymilvus import MilvusClient, MilvusException
from soak_proxy import Proxy

BINARY = os.environ["MILVUS_BACKFILL_BINARY"]
LITE, GATEWAY, PROXY, KAFKA = 29630, 28180, 29631, 19192
FULL = 19530
# The most attempts of a round; most need fewer than ten.
PATIENCE = 80
# What a run may end with when nothing but faults of servers, of the network and of the process happen to it.
# The system's way with a signal shows in the first moment, before the program has taken over.
RESUMABLE = {75, 130, 143, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP}


@dataclass
class Scene:
    """What the faults of a round act on."""

    rng: random.Random
    folder: Path
    milvus: soak_servers.Server
    broker: soak_servers.Server
    proxy: Proxy
    injected: Counter = field(default_factory=Counter)
    process: subprocess.Popen | None = None
    disk_was_full: bool = False
    failures: list[str] = field(default_factory=list)

    def send(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def some(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)


def server_kill(scene: Scene) -> None:
    scene.milvus.kill()
    time.sleep(scene.some(0, 2))
    scene.milvus.start()


def server_stop(scene: Scene) -> None:
    scene.milvus.stop()
    time.sleep(scene.some(0, 2))
    scene.milvus.start()


def server_freeze(scene: Scene) -> None:
    scene.milvus.freeze(scene.some(0.2, 4))


def broker_restart(scene: Scene) -> None:
    scene.broker.stop()
    time.sleep(scene.some(0, 2))
    scene.broker.start()


def broker_freeze(scene: Scene) -> None:
    scene.broker.freeze(scene.some(0.2, 4))


def network_delay(scene: Scene) -> None:
    scene.proxy.set_pause(scene.some(0.02, 0.5))
    time.sleep(scene.some(0.5, 2))
    scene.proxy.set_pause(0)


def network_freeze(scene: Scene) -> None:
    scene.proxy.set_frozen(True)
    time.sleep(scene.some(0.2, 3))
    scene.proxy.set_frozen(False)


def disk_full(scene: Scene) -> None:
    scene.disk_was_full = True
    filler = scene.folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 12))
        except OSError:
            time.sleep(scene.some(0.5, 3))
    filler.unlink()


def disk_read_only(scene: Scene) -> None:
    """A run that starts where nothing can be written says so and changes nothing."""
    scene.send(signal.SIGKILL)
    if scene.process is not None:
        scene.process.wait()
    subprocess.run(["mount", "-o", "remount,ro", str(scene.folder)], check=True)
    try:
        run = subprocess.run([BINARY, "run", str(scene.folder / "job.yaml")], capture_output=True, text=True)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(scene.folder)], check=True)
    if run.returncode not in (0, 1, 3) or (run.returncode == 1 and "Read-only" not in run.stderr):
        scene.failures.append(f"on a read-only disk a run ended with {run.returncode}: {run.stderr[-500:]}")


def second_run(scene: Scene) -> None:
    lock = scene.folder / "job.checkpoint.json.lock"
    while scene.process is not None and scene.process.poll() is None and not (lock.exists() and lock.stat().st_size):
        time.sleep(0.01)
    if scene.process is None or scene.process.poll() is not None:
        return
    run = subprocess.run([BINARY, "run", str(scene.folder / "job.yaml")], capture_output=True, text=True)
    # The first one may be over by now, and the second one take its place.
    if run.returncode != 11 and scene.process.poll() is None:
        scene.failures.append(f"a second run ended with {run.returncode}: {run.stderr[-500:]}")


def torn_reject_file(scene: Scene) -> None:
    """A machine that stops leaves the reject file with a part of its last frame."""
    scene.send(signal.SIGKILL)
    if scene.process is not None:
        scene.process.wait()
    path = scene.folder / "job.rejects.jsonl.zst"
    status = subprocess.run(
        [BINARY, "status", str(scene.folder / "job.yaml"), "--json"], capture_output=True, text=True)
    # Nothing is appended any more once the job is done.
    if not path.exists() or json.loads(status.stdout)["state"] == "done":
        return
    frame = subprocess.run(["zstd", "-c", "-q"], input=b"{}\n" * 50, stdout=subprocess.PIPE, check=True).stdout
    with path.open("ab") as file:
        file.write(frame[: scene.rng.randint(1, len(frame) - 1)])


def hangup(scene: Scene) -> None:
    path = scene.folder / "job.yaml"
    job = json.loads(path.read_text())
    job["run"]["rate"] = f"{scene.rng.randint(200, 5000)}/s"
    changed = path.with_name("job.new")
    changed.write_text(json.dumps(job))
    changed.replace(path)
    scene.send(signal.SIGHUP)


FAULTS: dict[str, Callable[[Scene], None]] = {
    "run.kill": lambda scene: scene.send(signal.SIGKILL),
    "run.terminate": lambda scene: scene.send(signal.SIGTERM),
    "run.hangup": hangup,
    "run.second": second_run,
    "server.kill": server_kill,
    "server.stop": server_stop,
    "server.freeze": server_freeze,
    "broker.restart": broker_restart,
    "broker.freeze": broker_freeze,
    "network.cut": lambda scene: scene.proxy.cut(),
    "network.truncate": lambda scene: scene.proxy.truncate(),
    "network.delay": network_delay,
    "network.freeze": network_freeze,
    "disk.full": disk_full,
    "disk.readonly": disk_read_only,
    "rejects.torn": torn_reject_file,
}


@dataclass
class Outcome:
    seed: int
    what: str
    injected: Counter
    rows: int
    values: int
    rejects: int
    attempts: int
    seconds: float
    differences: list[str]

    def line(self) -> str:
        faults = " ".join(f"{name}={count}" for name, count in sorted(self.injected.items()))
        return (
            f"seed {self.seed}: {self.what}: {self.rows} rows ({self.values} values), {self.rejects} rejects, "
            f"{self.attempts} attempts, {self.seconds:.0f} s, {len(self.differences)} differences; {faults}"
        )


class Soak:
    def __init__(self, arguments: argparse.Namespace, work: Path) -> None:
        self.arguments = arguments
        self.work = work
        self.lite = soak_servers.milvus_lite(work, LITE)
        self.full = soak_servers.full_milvus(work)
        self.broker = soak_servers.kafka(work, KAFKA)
        self.proxies = {"lite": Proxy(PROXY, LITE, 1), "full": Proxy(PROXY + 1, FULL, 2)}
        self.gateways = {
            "lite": soak_servers.rest_gateway(work, GATEWAY, PROXY),
            "full": soak_servers.rest_gateway(work, GATEWAY + 1, PROXY + 1),
        }
        self.started: list[soak_servers.Server] = []

    def use(self, server: soak_servers.Server) -> soak_servers.Server:
        if server not in self.started:
            server.start()
            self.started.append(server)
        return server

    def close(self) -> None:
        for server in self.started:
            server.kill()

    def play_each(self, seed: int) -> Iterator[Outcome]:
        """A round for every fault, on Milvus Lite and, where it is the server that fails, on a full one."""
        for name in FAULTS:
            self.arguments.faults = name
            self.arguments.source = "topic" if name.startswith("broker.") else None
            for server in ("lite", "full") if name == "server.kill" else ("lite",):
                self.arguments.server = server
                outcome = self.play(seed)
                if not outcome.injected:
                    outcome.differences.append(f"{name} did not happen")
                yield outcome
                seed += 1

    def play_all(self, seed: int) -> Iterator[Outcome]:
        end = time.monotonic() + self.arguments.minutes * 60
        for number in itertools.count():
            if time.monotonic() > end or (self.arguments.rounds and number == self.arguments.rounds):
                return
            yield self.play(seed + number)

    def play(self, seed: int) -> Outcome:
        rng = random.Random(f"round {seed}")
        server = self.arguments.server or rng.choice(("lite", "lite", "lite", "full"))
        protocol = rng.choice(("grpc", "grpc", "grpc", "rest"))
        kind = self.arguments.source or rng.choice(("dump", "topic"))
        milvus = self.use(self.lite if server == "lite" else self.full)
        self.use(self.broker)
        folder = self.work / f"round-{seed}"
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], check=True)
        try:
            scene = Scene(rng, folder, milvus, self.broker, self.proxies[server])
            return self.play_scene(scene, seed, server, protocol, kind)
        finally:
            subprocess.run(["umount", str(folder)], check=True)
            folder.rmdir()

    def play_scene(self, scene: Scene, seed: int, server: str, protocol: str, kind: str) -> Outcome:
        started = time.monotonic()
        most = 1500 if self.arguments.each else 4000
        source = soak_source.make(seed, server, protocol, kind, most, scene.folder, f"127.0.0.1:{KAFKA}")
        collection = f"soak_{seed}"
        direct = f"http://127.0.0.1:{scene.milvus.port}"
        with connected(direct) as client:
            property_store.create(client, collection, source.model.schema)
        port = scene.proxy.port if protocol == "grpc" else self.use(self.gateways[server]).port
        job = {
            "source": source.spec,
            "record": {"onReject": {"policy": "file"}},
            "target": {"milvus": {"uri": f"http://127.0.0.1:{port}", "collection": collection, "protocol": protocol}},
            "run": {
                # A short round has many requests all the same, so that it is under way when its fault comes.
                "lanes": scene.rng.choice((1, 2) if self.arguments.each else (1, 2, 4, 7, 16)),
                "batch": {"rows": scene.rng.choice((1, 2) if self.arguments.each else (1, 3, 10, 50, 200))},
                "rate": f"{max(1, len(source.messages) // scene.rng.randint(5 if self.arguments.each else 3, 12))}/s",
                "unavailableTimeout": "20s",
            },
        }
        (scene.folder / "job.yaml").write_text(json.dumps(job))
        # A full server takes half a minute to come back.
        few = 1 if server == "full" else 2
        budget = few if self.arguments.each else scene.rng.randint(3, 12)
        attempts = 0
        while True:
            attempts += 1
            ended = self.attempt(scene, budget)
            if ended in (0, 3) and source.growth:
                source.growth.pop(0)()
                continue
            if ended in (0, 3):
                break
            explained = ended in RESUMABLE or (ended == 1 and scene.disk_was_full)
            if not explained or attempts == PATIENCE:
                log = (scene.folder / "run.log").read_text(errors="replace")
                scene.failures.append(f"attempt {attempts} ended with {ended}: {log[-2000:]}")
                break
        comparison = Comparison(source.model)
        differences = scene.failures
        with connected(direct) as client:
            client.load_collection(collection)
            comparison.compare(collection, stored_rows(direct, collection, source.model))
            differences += self.check_verified(scene)
            client.drop_collection(collection)
        differences += comparison.differences
        differences += self.check_rejects(scene, source, ended)
        lanes, rows = job["run"]["lanes"], job["run"]["batch"]["rows"]
        kind += " in rounds" if source.catches_up else ""
        what = f"{server}, {protocol}, {kind}, {lanes} lanes, batches of {rows}, {len(source.messages)} records"
        return Outcome(
            seed, what, scene.injected, len(source.model.rows), comparison.values, len(source.rejects), attempts,
            time.monotonic() - started, differences,
        )

    def attempt(self, scene: Scene, budget: int) -> int:
        """Runs the job once, under faults as long as there are some left."""
        scene.disk_was_full = False
        with (scene.folder.parent / "run.log").open("wb") as log:
            scene.process = subprocess.Popen(
                [BINARY, "run", str(scene.folder / "job.yaml")], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            while scene.process.poll() is None:
                if scene.injected.total() >= budget:
                    scene.process.wait(timeout=300)
                    break
                try:
                    scene.process.wait(timeout=scene.some(0.05, 1))
                except subprocess.TimeoutExpired:
                    name = scene.rng.choice(self.possible(scene))
                    scene.injected[name] += 1
                    FAULTS[name](scene)
        except subprocess.TimeoutExpired:
            scene.process.kill()
            scene.failures.append("a run did not come to its end within 300 s after the last fault")
        ended = scene.process.wait()
        shutil.copy(scene.folder.parent / "run.log", scene.folder / "run.log")
        return ended

    def possible(self, scene: Scene) -> list[str]:
        if self.arguments.faults:
            return self.arguments.faults.split(",")
        names = list(FAULTS)
        if scene.milvus is self.full:
            # It takes up to a minute to come back, so it goes less often.
            names = [name for name in names * 4 if not name.startswith("server.")] + [
                name for name in names if name.startswith("server.")]
        return names

    @staticmethod
    def check_verified(scene: Scene) -> list[str]:
        """The program's own comparison finds what the model says."""
        verify = subprocess.run(
            [BINARY, "verify", str(scene.folder / "job.yaml"), "--full"], capture_output=True, text=True)
        if verify.returncode == 0:
            return []
        return [f"verify ended with {verify.returncode}: {verify.stdout[-500:]} {verify.stderr[-500:]}"]

    @staticmethod
    def check_rejects(scene: Scene, source: soak_source.Source, ended: int) -> list[str]:
        """Every reject stands in the file, once, and the exit code says whether there are any."""
        differences = []
        kept: list[soak_source.Place] = []
        reasons: dict[soak_source.Place, str] = {}
        # A file for each round.
        for path in scene.folder.glob("job.rejects*.jsonl.zst"):
            text = subprocess.run(["zstd", "-dcq", str(path)], stdout=subprocess.PIPE, check=True).stdout
            for line in text.splitlines():
                entry = json.loads(line)
                kept.append((entry["topic"], entry["partition"], entry["offset"]))
                reasons[kept[-1]] = entry["error"]["reason"]
        counted = Counter(kept)
        differences += [f"the reject {place} stands there {count} times" for place, count in counted.items() if count > 1]
        missing = source.rejects - source.replaceable - counted.keys()
        differences += [f"the reject {place} is missing" for place in sorted(missing)]
        differences += [
            f"the reject {place} is none: {reasons[place]}" for place in sorted(counted.keys() - source.rejects)
        ]
        # A round may have been completed by a run that was killed then, and the one after it had nothing to read.
        if not source.catches_up and ended in (0, 3) and ended != (3 if kept else 0):
            differences.append(f"the last run ended with {ended}, and {len(kept)} rejects are kept")
        again = subprocess.run(
            [BINARY, "run", str(scene.folder / "job.yaml"), "--json"], capture_output=True, text=True)
        expected = (0, "nothingNew") if source.catches_up else (ended, "alreadyDone")
        if (again.returncode, json.loads(again.stdout).get("outcome")) != expected:
            differences.append(f"the job did not know that it is done: {again.returncode} {again.stderr[-500:]}")
        return differences


@contextlib.contextmanager
def connected(uri: str) -> Iterator[MilvusClient]:
    """Milvus' own client, closed at once: one that is left open pings a frozen server until that turns it away."""
    deadline = time.monotonic() + 60
    while True:
        try:
            client = MilvusClient(uri)
            break
        except MilvusException:
            # It may have been turned away before.
            if time.monotonic() > deadline:
                raise
            time.sleep(2)
    with contextlib.closing(client):
        yield client


def stored_rows(uri: str, collection: str, model: soak_source.Model) -> list[dict[str, property_store.Stored]]:
    """Every row; a server that was killed takes writes before it answers queries."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return property_store.stored_rows(uri, collection, model)
        except property_store.RefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def summary(outcomes: list[Outcome]) -> str:
    faults: Counter = Counter()
    for outcome in outcomes:
        faults += outcome.injected
    lines = [f"  {name:<17} {faults[name]:>5}" for name in FAULTS if faults[name]]
    lines.append(
        f"{len(outcomes)} rounds, {faults.total()} faults, {sum(each.attempts for each in outcomes)} attempts, "
        f"{sum(each.rows for each in outcomes)} rows and {sum(each.values for each in outcomes)} values compared, "
        f"{sum(each.rejects for each in outcomes)} rejects, "
        f"{sum(each.seconds for each in outcomes) / 60:.1f} minutes, "
        f"differences: {sum(len(each.differences) for each in outcomes)}"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--faults")
    parser.add_argument("--server", choices=("lite", "full"))
    parser.add_argument("--source", choices=("dump", "topic"))
    arguments = parser.parse_args()
    # The servers end with it, however it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(f"first seed {arguments.seed}", flush=True)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak = Soak(arguments, Path(folder))
        try:
            for outcome in (soak.play_each if arguments.each else soak.play_all)(arguments.seed):
                outcomes.append(outcome)
                print(outcome.line(), flush=True)
                for difference in outcome.differences[:10]:
                    print(f"  {difference}", flush=True)
        finally:
            soak.close()
    print(summary(outcomes))
    if not outcomes or any(outcome.differences for outcome in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    main()
