"""Fetches the packages of packages.toml by name with the ordinary clients of their registries, and unpacks them.

A package that is in the cache is not asked for again. One that cannot be had is said, and counts for nothing.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("SEKIMORI_CORPORA", Path.home() / ".cache" / "sekimori-corpora"))
SECONDS = 300
"""Longest wait for one package."""


def run(command, cwd):
    """Runs a client; its last words become the error."""
    done = subprocess.run(command, cwd=cwd, timeout=SECONDS, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no word of why"]
        # Addresses of registries are nobody's business here.
        raise OSError(" ".join(word for word in words[-1].split() if "://" not in word))


def apt_sources():
    """Options by which apt knows the source packages of this machine's release, without a change to its own lists."""
    home = CACHE / "apt"
    (home / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (home / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    lists = home / "debian.sources"
    options = ["-o", f"Dir::Etc::sourcelist={lists}", "-o", "Dir::Etc::sourceparts=-"]
    options += ["-o", f"Dir::State::lists={home / 'lists'}", "-o", f"Dir::Cache={home / 'cache'}"]
    if not lists.exists():
        text = Path("/etc/apt/sources.list.d/debian.sources").read_text(encoding="utf-8")
        lines = ["Types: deb-src" if line.startswith("Types:") else line for line in text.splitlines()]
        lists.write_text("\n".join(lines) + "\n", encoding="utf-8")
        try:
            run(["apt-get", "-qq", *options, "update"], home)
        except OSError:
            lists.unlink()
            raise
    return options


def fetch_debian_source(package, folder):
    """The newest version that the mirror has: its list may name one before all its files are there."""
    options = apt_sources()
    shown = subprocess.run(["apt-cache", *options, "showsrc", package], capture_output=True, text=True, check=False).stdout
    versions = sorted((line.split()[1] for line in shown.splitlines() if line.startswith("Version: ")), reverse=True)
    for version in versions[:-1]:
        try:
            return run(["apt-get", "-qq", *options, "source", "--download-only", f"{package}={version}"], folder)
        except OSError:
            continue
    return run(["apt-get", "-qq", *options, "source", "--download-only", "=".join((package, *versions[-1:]))], folder)


def fetch_debian(package, folder):
    run(["apt-get", "-qq", "download", package], folder)


def fetch_pypi_sdist(package, folder):
    run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", ".", package], folder)


def fetch_pypi_wheel(package, folder):
    run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", ".", package], folder)


def fetch_npm(package, folder):
    run(["npm", "pack", "--silent", package], folder)


def fetch_crates(package, folder):
    """As a dependency of a package without code: cargo has no other way to hand over a crate's files."""
    name, version = package.split("@")
    whole = folder / "whole"
    (whole / "src").mkdir(parents=True)
    (whole / "src" / "lib.rs").write_text("", encoding="utf-8")
    manifest = f'[package]\nname = "corpora"\nversion = "0.0.0"\n[workspace]\n[dependencies]\n{name} = "{version}"\n'
    (whole / "Cargo.toml").write_text(manifest, encoding="utf-8")
    run(["cargo", "vendor", "-q", "vendor"], whole)
    shutil.move(whole / "vendor" / name, folder / name)
    shutil.rmtree(whole)


REGISTRIES = {
    "debian-source": fetch_debian_source,
    "debian": fetch_debian,
    "pypi-sdist": fetch_pypi_sdist,
    "pypi-wheel": fetch_pypi_wheel,
    "npm": fetch_npm,
    "crates": fetch_crates,
}


def unpack(folder):
    """Unpacks what was fetched, in its place."""
    for file in sorted(folder.iterdir()):
        if ".tar." in file.name and not file.name.endswith(".asc") or file.suffix == ".tgz":
            with tarfile.open(file) as archive:
                # Links and devices are left out: only files are wanted.
                wanted = [member for member in archive if member.isfile() or member.isdir()]
                archive.extractall(folder, members=wanted, filter="data")
        elif file.suffix == ".whl":
            with zipfile.ZipFile(file) as archive:
                archive.extractall(folder)
        elif file.suffix == ".deb":
            run(["dpkg-deb", "-x", str(file), str(folder)], folder)
        elif file.is_dir():
            continue
        file.unlink()


def packages():
    """Every package as (registry, name)."""
    table = tomllib.loads((HERE / "packages.toml").read_text(encoding="utf-8"))
    return [(registry, package) for registry in REGISTRIES for package in table[registry]["packages"]]


def fetch_all():
    """Folders by package name, and what could not be had, with why."""
    folders, missing = {}, []
    for registry, package in packages():
        name = package.replace("==", "@").split("@")[0]
        folder = CACHE / "packages" / registry / package.replace("==", "@")
        if not (folder / ".done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                REGISTRIES[registry](package, folder)
                unpack(folder)
            except (OSError, subprocess.SubprocessError, tarfile.TarError) as error:
                shutil.rmtree(folder, ignore_errors=True)
                missing.append((f"{registry}: {package}", str(error)))
                continue
            (folder / ".done").touch()
        folders[name] = folder
    return folders, missing


def readers():
    """The interpreter of the virtual environment with the independent readers, made when it is not there."""
    home = CACHE / "readers"
    python = home / "bin" / "python"
    if not (home / ".done").exists():
        shutil.rmtree(home, ignore_errors=True)
        table = tomllib.loads((HERE / "packages.toml").read_text(encoding="utf-8"))
        run([sys.executable, "-m", "venv", str(home)], HERE)
        run([str(python), "-m", "pip", "install", "-q", *table["readers"]["packages"]], HERE)
        (home / ".done").touch()
    return python
