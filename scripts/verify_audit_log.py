#!/usr/bin/env python3
"""Check an exported audit log with nothing of Huimin's: the formats are public ones.

    huimin audit key --data DATA > key
    huimin audit export --data DATA --out log
    scripts/with_python.sh scripts/verify_audit_log.py log "$(cat key)"

Reads `checkpoint` (C2SP signed-note and tlog-checkpoint, Ed25519) and `tile/` (C2SP tlog-tiles), computes the
root of all leaves as RFC 6962, section 2.1, says, and compares the root, the tiles and the signature. With
`--self-test BINARY` it makes a log by itself, checks it, and then checks that changes of it are found.

Exits with 1 when the log does not hold, with 2 when it can't be read.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    """The log does not hold."""


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def root_of(hashes):
    """The Merkle tree hash of a list of leaf hashes, as the RFC defines it."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = root_of(hashes[:split]), root_of(hashes[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def open_checkpoint(note, key):
    """The number of leaves and the root that the key has signed."""
    name, key_id, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded)
    if public[0] != 1 or hashlib.sha256(f"{name}\n".encode() + public).digest()[:4].hex() != key_id:
        raise Wrong("the key's id is not that of the key")
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    if origin != name:
        raise Wrong(f"the checkpoint is of {origin}, the key of {name}")
    for line in signatures.splitlines():
        dash, signer, value = line.split(" ")
        signature = base64.b64decode(value)
        if dash == "—" and signer == name and signature[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], text.encode())
            except InvalidSignature as error:
                raise Wrong("the signature is false") from error
            return int(size), base64.b64decode(root)
    raise Wrong("the log has not signed the checkpoint")


def tile_path(level, number, width):
    parts = [f"{number % 1000:03}"]
    number //= 1000
    while number:
        parts.insert(0, f"x{number % 1000:03}")
        number //= 1000
    partial = "" if width == 256 else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{partial}"


def leaves_of(folder, size):
    for first in range(0, size, 256):
        width = min(256, size - first)
        bundle = (folder / tile_path("entries", first // 256, width)).read_bytes()
        found = 0
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            yield bundle[2 : 2 + length]
            bundle = bundle[2 + length :]
            found += 1
        if found != width:
            raise Wrong(f"the bundle of leaf {first} has {found} leaves instead of {width}")


def check_tiles(folder, hashes):
    level = 0
    while hashes:
        for first in range(0, len(hashes), 256):
            part = hashes[first : first + 256]
            if (folder / tile_path(level, first // 256, len(part))).read_bytes() != b"".join(part):
                raise Wrong(f"tile {first // 256} of level {level} is not what its leaves give")
        full = len(hashes) - len(hashes) % 256
        hashes = [root_of(hashes[first : first + 256]) for first in range(0, full, 256)]
        level += 1


def check(folder, key):
    size, root = open_checkpoint((folder / "checkpoint").read_text(encoding="utf-8"), key)
    leaves = list(leaves_of(folder, size))
    for leaf in leaves:
        if set(json.loads(leaf)) != {"id", "at", "what", "sealed", "commitment"}:
            raise Wrong("a leaf says something else than it should")
    hashes = [leaf_hash(leaf) for leaf in leaves]
    if root_of(hashes) != root:
        raise Wrong("the leaves do not give the root that was signed")
    check_tiles(folder, hashes)
    return size


def self_test(binary):
    def huimin(*arguments, **options):
        done = subprocess.run([binary, *arguments], capture_output=True, check=True, **options)
        return done.stdout.decode()

    with tempfile.TemporaryDirectory() as temporary:
        data, log = Path(temporary) / "data", Path(temporary) / "log"
        # Each password that is set is an entry.
        for number in range(6):
            user = ["user", "set", "--data", data, "--username", "admin", "--password-stdin"]
            huimin(*user, input=f"only for this test {number}".encode())
        key = huimin("audit", "key", "--data", data)
        huimin("audit", "export", "--data", data, "--out", log)
        size = check(log, key)
        if size < 6:
            raise Wrong(f"the log has {size} leaves only")
        changed = 0
        for file in sorted(path for path in log.rglob("*") if path.is_file()):
            copy = Path(temporary) / "copy"
            shutil.copytree(log, copy)
            place = copy / file.relative_to(log)
            content = bytearray(place.read_bytes())
            content[len(content) // 2] ^= 1
            place.write_bytes(content)
            try:
                check(copy, key)
            except (Wrong, ValueError):
                changed += 1
            else:
                raise Wrong(f"a change of {file.relative_to(log)} is not found")
            shutil.rmtree(copy)
        print(f"✔ a log of {size} leaves holds, and a change of each of its {changed} files is found")


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if sys.argv[1] == "--self-test":
            self_test(sys.argv[2])
        else:
            print(f"✔ the log holds: {check(Path(sys.argv[1]), sys.argv[2])} leaves")
    except Wrong as error:
        print(f"✘ {error}")
        return 1
    except OSError as error:
        print(f"✘ {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
