"""Prepares a run of the full Milvus server out of the `milvus` wheel.

Unpacks the server's binaries (once) and writes DATA/configs/milvus.yaml. The wheel's own launcher is
not used: it leaves the server running when it is terminated, moves silently to other ports, and
unpacks 246 MB into every data directory.
"""

import argparse
import importlib.util
import lzma
import pathlib
import re
import shutil
import tempfile

# {{ name }}, {{ name: default }}, {{ name(type): default }}
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)(?:\(\w+\))?\s*(?::\s*([^}]*?))?\s*\}\}")
YAML_KEY = re.compile(r"^(?P<indent> *)(?P<key>\w+):(?P<value>[^#]*)")


def wheel_data() -> pathlib.Path:
    spec = importlib.util.find_spec("milvus")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the milvus wheel is not installed, see Tests/servers/requirements.txt")
    return pathlib.Path(spec.submodule_search_locations[0]) / "data"


def unpack(packed: pathlib.Path, binaries: pathlib.Path) -> None:
    if binaries.exists():
        return
    binaries.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=binaries.parent) as scratch:
        partial = pathlib.Path(scratch) / binaries.name
        partial.mkdir()
        for file in packed.glob("*.lzma"):
            unpacked = partial / file.stem
            with lzma.open(file) as source, unpacked.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            unpacked.chmod(0o755)
        try:
            # The rename makes the folder appear complete or not at all.
            partial.rename(binaries)
        except OSError:
            # Another process was faster; its copy is as good as ours.
            if not (binaries / "milvus").exists():
                raise


def fill_placeholders(template: str, values: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        if name in values:
            return values[name]
        if default is None:
            raise SystemExit(f"the configuration template asks for {name}, which has no value")
        return default

    return PLACEHOLDER.sub(value, template)


def set_keys(yaml: str, settings: dict[str, str]) -> str:
    """Replaces scalar values by their dotted keys. A key that is not in the text is an error."""
    missing = set(settings)
    path: list[str] = []
    lines: list[str] = []
    for line in yaml.splitlines():
        match = YAML_KEY.match(line)
        if match:
            path = path[: len(match["indent"]) // 2] + [match["key"]]
            dotted = ".".join(path)
            if dotted in settings:
                line = f"{match['indent']}{match['key']}: {settings[dotted]}"
                missing.discard(dotted)
        lines.append(line)
    if missing:
        raise SystemExit(f"no such keys in milvus.yaml: {', '.join(sorted(missing))}")
    return "\n".join(lines) + "\n"


def setting(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, got {text!r}")
    return key, value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("settings", nargs="*", type=setting, metavar="KEY=VALUE")
    arguments = parser.parse_args()

    packed = wheel_data()
    unpack(packed / "bin", arguments.binaries.resolve())

    data: pathlib.Path = arguments.data.resolve()
    for folder in ("configs", "logs", "data", "run"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    places = {
        "etcd_log_path": str(data / "logs" / "etcd.log"),
        "system_log_path": str(data / "logs"),
        "etcd_data_dir": str(data / "data" / "etcd.data"),
        "local_storage_dir": str(data / "data"),
        "rocksmq_data_dir": str(data / "data" / "rocksmq"),
    }
    template = (packed / "config.yaml.template").read_text(encoding="utf-8")
    yaml = set_keys(fill_placeholders(template, places), dict(arguments.settings))
    (data / "configs" / "milvus.yaml").write_text(yaml, encoding="utf-8")
    shutil.copy(packed / "glog.conf", data / "configs" / "glog.conf")


if __name__ == "__main__":
    main()
