"""Runs a command and prints one JSON line: its wall clock, CPU time and peak memory, from wait4.

The CPU time is that of the command and of the children it waited for. `report` is what the command
says about itself: the JSON of --report FILE, or the last line of its standard output. The peak
cannot come out below that of this small process, about 12 MB, because the kernel carries it over.
serverCPUSeconds is what the --server processes used meanwhile, and otherLoad how many cores all other
processes of the machine kept busy.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any


def report(file: pathlib.Path | None, output: bytes) -> Any:
    if file is not None:
        return json.loads(file.read_bytes())
    last_lines = output.splitlines()[-1:]
    try:
        return json.loads(last_lines[0]) if last_lines else None
    except ValueError:
        return None


def cpu_seconds(pid: int) -> float:
    """CPU time of a running process."""
    # The second field is the program's name, in parentheses, and may hold anything.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine_seconds() -> float:
    """CPU time of all processes since the start of the machine, and what other virtual machines took."""
    user, nice, system, _idle, _iowait, *rest = map(int, pathlib.Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", type=pathlib.Path, help="JSON file that the command writes")
    parser.add_argument("--label", action="append", default=[], metavar="KEY=VALUE", help="copied to the result")
    parser.add_argument(
        "--server", type=int, action="append", default=[], metavar="PID", help="a process whose CPU time is taken as well"
    )
    parser.add_argument("--timeout", type=int, default=900, help="seconds after which the command is killed")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if arguments.report is not None:
        arguments.report.unlink(missing_ok=True)

    server_before = sum(map(cpu_seconds, arguments.server))
    machine_before = machine_seconds()
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(arguments.command, stdout=output)

        def stop(number: int, _frame: object) -> None:
            if process.returncode is None:
                os.kill(process.pid, signal.SIGKILL if number == signal.SIGALRM else number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, stop)
        signal.alarm(arguments.timeout)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        machine = machine_seconds() - machine_before
        server = sum(map(cpu_seconds, arguments.server)) - server_before
        signal.alarm(0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read()

    if process.returncode != 0:
        sys.stderr.buffer.write(printed)
        print(f"{arguments.command[0]} ended with {process.returncode} after {seconds:.1f} s", file=sys.stderr)
        return process.returncode if process.returncode > 0 else 128 - process.returncode
    result: dict[str, Any] = dict(label.split("=", 1) for label in arguments.label)
    client = usage.ru_utime + usage.ru_stime
    result |= {
        "wallSeconds": round(seconds, 3),
        "cpuSeconds": round(client, 3),
        "serverCPUSeconds": round(server, 2),
        "otherLoad": round(max(0, machine - client - server) / seconds, 2),
        "peakRSSBytes": usage.ru_maxrss * 1024,
        "report": report(arguments.report, printed),
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
