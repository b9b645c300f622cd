#!/usr/bin/env python3
"""Prints the manual page, made from the program's own help, so that the two cannot differ.

usage: docs/manual.py PROGRAM > docs/milvus-backfill.1
"""

import json
import re
import subprocess
import sys

FILES = [
    ("JOB.yaml", "The job file. Its keys are described in docs/job-file.md and docs/job.schema.json."),
    ("JOB.checkpoint.json", "How far the job is; another path is set by run.checkpoint. Beside it stand its .lock and "
     "its .history."),
    ("JOB.rejects.jsonl.zst", "Records that could not be written, where record.onReject.policy is file."),
    ("JOB.differences.jsonl.zst", "Messages that mend what verify found."),
]
ENVIRONMENT = [
    ("NO_COLOR", "Where it has a value, nothing is coloured. Where TERM is dumb or unset, nothing is coloured or drawn anew."),
    ("http_proxy, https_proxy, no_proxy", "Proxies for Milvus' RESTful API and for a Pushgateway."),
    ("PATH", "Where milvus-lite is looked for, if the job wants an embedded server."),
    ("Any other", "Where the job file names it, as in ${MILVUS_TOKEN}."),
]


def escaped(text: str) -> str:
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("·", "\\(bu")
    # A leading dot or quote would be taken for a request.
    return re.sub(r"^(?=[.'])", "\\\\&", text, flags=re.MULTILINE)


def definition(term: str, text: str) -> list[str]:
    return [".TP", term, escaped(text)]


def name_of(argument: dict) -> str:
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names", [])]
    if not names:
        return f"\\fI{escaped(argument['valueName'])}\\fR"
    value = f" \\fI{escaped(argument['valueName'])}\\fR" if argument["kind"] == "option" else ""
    return ", ".join(f"\\fB{escaped(name)}\\fR" for name in names) + value


def options(command: dict) -> list[str]:
    lines = []
    for argument in command.get("arguments", []):
        if not argument["shouldDisplay"]:
            continue
        notes = []
        if "allValues" in argument:
            notes.append("one of " + ", ".join(argument["allValues"]))
        if "defaultValue" in argument:
            notes.append("default: " + argument["defaultValue"])
        text = argument.get("abstract", "") + (f" ({'; '.join(notes)})" if notes else "")
        lines += definition(name_of(argument), text)
    return lines


def discussion(text: str, heading: str) -> list[str]:
    """Paragraphs; lines that are indented stay as they are, behind a heading of capitals."""
    lines = []
    for block in text.split("\n\n"):
        rows = block.split("\n")
        if rows[0].isupper():
            lines.append(f"{heading} {rows.pop(0).title() if heading == '.B' else rows.pop(0)}")
        if all(row.startswith("  ") for row in rows):
            lines += [".PP", ".nf"] if heading == ".B" else [".nf"]
            lines += [escaped(row[2:]) for row in rows] + [".fi"]
        else:
            lines += [".PP", escaped("\n".join(rows))]
    return lines


def synopsis(command: dict) -> str:
    needed = [each for each in command.get("arguments", []) if not each["isOptional"]]
    # Options first, as everywhere.
    needed.sort(key=lambda each: each["kind"] == "positional")
    return "\n".join([f".B milvus\\-backfill {command['commandName']}", ".RI [ options ]", *map(name_of, needed)])


def page(root: dict, version: str) -> list[str]:
    commands = [each for each in root["subcommands"] if each["shouldDisplay"] and each["commandName"] != "help"]
    name = root["commandName"]
    lines = [
        ".\\\" Made by docs/manual.py; change the program's help instead.",
        f".TH {name.upper()} 1 \"\" \"{version}\" \"User Commands\"",
        ".ad l", ".nh", ".SH NAME", f"{escaped(name)} \\- {escaped(root['abstract'][0].lower() + root['abstract'][1:].rstrip('.'))}",
        ".SH SYNOPSIS",
    ]
    for command in commands:
        lines += [synopsis(command), ".br"]
    lines.pop()
    lines += [".SH DESCRIPTION"]
    paragraphs = root["discussion"].split("\n\n")
    lines += discussion("\n\n".join(each for each in paragraphs if not each.split("\n")[0].isupper()), ".SH")[1:]
    lines += [".SH COMMANDS"]
    for command in commands:
        lines += [f".SS {escaped(command['commandName'])}", escaped(command["abstract"])]
        blocks = command.get("discussion", "").split("\n\n")
        text = [each for each in blocks if each and not each.split("\n")[0].isupper()]
        if text:
            lines += discussion("\n\n".join(text), ".B")
        lines += options({"arguments": [each for each in command["arguments"] if "help" not in each["valueName"]
                                        and each["valueName"] != "version"]})
        examples = [each for each in blocks if each and each.split("\n")[0].isupper()]
        if examples:
            lines += [".PP", *discussion("\n\n".join(examples), ".B")]
    lines += [".SH OPTIONS OF EVERY COMMAND", *options({"arguments": root["arguments"]})]
    lines += discussion("\n\n".join(each for each in paragraphs if each.split("\n")[0].isupper()), ".SH")
    for heading, entries in [("FILES", FILES), ("ENVIRONMENT", ENVIRONMENT)]:
        lines += [f".SH {heading}"]
        for term, text in entries:
            lines += definition(f"\\fB{escaped(term)}\\fR", text)
    lines += [".SH SEE ALSO", ".BR kcat (1),", ".BR zstd (1)", ".PP", escaped(
        "docs/job-file.md for the job file, docs/operate.md for exit codes, log events, metrics and what to do about each error.")]
    return lines


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)

    def ask(argument: str) -> str:
        return subprocess.run([sys.argv[1], argument], check=True, capture_output=True, text=True).stdout

    root = json.loads(ask("--experimental-dump-help"))["command"]
    print("\n".join(page(root, ask("--version").split("\n")[0])))


if __name__ == "__main__":
    main()
