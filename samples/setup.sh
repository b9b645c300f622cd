#!/usr/bin/env bash
# Prepares a Debian 12 machine that has Swift for building and trying milvus-backfill: the few Debian packages
# it needs, and a private Python environment in .venv with Milvus Lite and pymilvus. Safe to run as often
# as you like; it says nothing when nothing is to do.
#
# usage: samples/setup.sh [extra-requirements.txt | extra-debian-package ...]
set -euo pipefail

samples=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
venv=$(dirname -- "$samples")/.venv
stamp=$venv/requirements.sha256
base=$samples/requirements.txt

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

install_packages() {
  local package missing=() run=()
  command -v dpkg-query >/dev/null || {
    say "this is not a Debian system, so please see to these packages yourself: $*"
    return
  }
  for package in "$@"; do
    # A package of several architectures answers one line for each.
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "packages are missing; please run this as root: apt-get update && apt-get install ${missing[*]}"
    run=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  # One broken third-party source fails the update as a whole; whether that matters, the installation will tell.
  "${run[@]}" apt-get -qq update || say "apt-get update failed; trying with the package lists at hand"
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "${missing[@]}" >/dev/null ||
    die "that failed; please run this as root: apt-get update && apt-get install ${missing[*]}"
}

# The system's own Python first: a version manager's may go away under the environment.
find_python() {
  local python
  for python in /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.10; do
    # Without ensurepip a virtual environment comes without pip (Debian keeps it in python3-venv).
    "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 || continue
    printf '%s\n' "$python"
    return
  done
  die "no Python 3.10 or newer with the venv module was found; on Debian 12, install python3 and python3-venv."
}

# The interpreter's version is part of the stamp, as an upgrade of the system's Python leaves the environment empty.
python_version() { "$venv/bin/python" -c 'import sys; print("python", sys.version.split()[0])' 2>/dev/null; }

# A stamp line holds the absolute path, too: an environment does not survive being moved with its checkout.
line_for() { sha256sum -- "$(realpath -- "$1")"; }
is_installed() { grep -qxF -- "$(line_for "$1")" "$stamp" 2>/dev/null; }

pip_install() {
  local file arguments=()
  for file in "$@"; do arguments+=(-r "$file"); done
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${arguments[@]}" ||
    die "pip could not install $*"
}

packages=(libcurl4-openssl-dev librdkafka-dev libzstd-dev pkg-config python3 python3-venv zstd ca-certificates git)
files=()
for argument in "$@"; do
  if [[ $argument == *.txt ]]; then
    [[ -r $argument ]] || die "cannot read $argument"
    files+=("$argument")
  else
    packages+=("$argument")
  fi
done

install_packages "${packages[@]}"

if ! is_installed "$base" || ! version=$(python_version) || ! grep -qxF -- "$version" "$stamp"; then
  python=$(find_python)
  say "making the Python environment in $venv (once; about 460 MB)"
  rm -rf -- "$venv"
  "$python" -m venv "$venv" || die "$python could not make a virtual environment."
  pip_install "$base"
  # Written last, so that an interrupted installation starts over.
  { python_version; line_for "$base"; } >"$stamp"
fi

for file in ${files[@]+"${files[@]}"}; do
  is_installed "$file" && continue
  say "installing $file"
  # Together with the pinned base, so that pip refuses what would change it.
  pip_install "$base" "$file"
  path=$(realpath -- "$file")
  kept=$(grep -vF -- "  $path" "$stamp" || true)
  { printf '%s\n' "$kept"; line_for "$file"; } >"$stamp.new"
  mv -- "$stamp.new" "$stamp"
done
