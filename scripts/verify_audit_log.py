#!/usr/bin/env python3
"""Check an exported audit log with nothing of Huimin's: the formats are public ones.

    huimin audit key --data DATA > key
    huimin audit export --data DATA --out log
    scripts/with_python.sh scripts/verify_audit_log.py log "$(cat key)" [COSIGNED WITNESS-KEY]

Reads `checkpoint` (C2SP signed-note and tlog-checkpoint, Ed25519) and `tile/` (C2SP tlog-tiles), computes the
root of all leaves as RFC 6962, section 2.1, says, and compares the root, the tiles and the signature. COSIGNED is a
file with a checkpoint that a witness has co-signed (C2SP tlog-cosignature, Ed25519): the log has to begin with it.
With `--self-test BINARY` it makes a log and a witness by itself, checks them, and then checks that changes are found.

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


def decoded(text):
    """Base64 in its one form: others read the same bytes and are refused by stricter programs."""
    read = base64.b64decode(text, validate=True)
    if base64.b64encode(read).decode() != text:
        raise Wrong("a part of the checkpoint is not in the form that it was signed in")
    return read


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


LOG, WITNESS = 1, 4  # what a key signs: checkpoints as they are, or with the moment of a co-signature


def check_signature(note, key, kind):
    """Checks that the key has signed the note, and gives the key's name and the note's text."""
    name, key_id, encoded = key.strip().split("+", 2)
    public = decoded(encoded)
    if public[0] != kind or hashlib.sha256(f"{name}\n".encode() + public).digest()[:4].hex() != key_id:
        raise Wrong("the key's id is not that of the key")
    if any(sign < " " and sign != "\n" for sign in note) or not note.endswith("\n"):
        raise Wrong("the checkpoint is not text in lines")
    text, signatures = note[:-1].rsplit("\n\n", 1)
    text += "\n"
    for line in signatures.split("\n"):
        dash, signer, value = line.split(" ")
        signature = decoded(value)
        if dash == "—" and signer == name and signature[:4].hex() == key_id:
            signed, signature = text, signature[4:]
            if kind == WITNESS:
                signed = f"cosignature/v1\ntime {int.from_bytes(signature[:8], 'big')}\n{text}"
                signature = signature[8:]
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, signed.encode())
            except InvalidSignature as error:
                raise Wrong(f"the signature of {name} is false") from error
            return name, text
    raise Wrong(f"{name} has not signed the checkpoint")


def open_checkpoint(note, key):
    """The number of leaves and the root that the key of the log has signed."""
    name, text = check_signature(note, key, LOG)
    origin, size, root = text.split("\n")[:3]
    if origin != name:
        raise Wrong(f"the checkpoint is of {origin}, the key of {name}")
    return int(size), decoded(root)


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


def check_cosigned(folder, key, note, witness_key):
    """Checks that the log begins with what a witness has co-signed, and gives how many leaves that are."""
    check_signature(note, witness_key, WITNESS)
    seen, root = open_checkpoint(note, key)
    size, _ = open_checkpoint((folder / "checkpoint").read_text(encoding="utf-8"), key)
    if seen > size:
        raise Wrong(f"the witness has seen {seen} leaves, the log has {size}")
    if root_of([leaf_hash(leaf) for leaf in leaves_of(folder, size)][:seen]) != root:
        raise Wrong("the log does not begin with what the witness has seen")
    return seen


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


def cosign(binary, huimin, folder, data, key):
    """What a witness of its own co-signs of the log, and the witness's key."""
    named = ["--folder", folder, "--name", "test.example/witness"]
    listen = ["--log-key", key.strip(), "--witness-listen", "127.0.0.1:0"]
    witness = subprocess.Popen(
        [binary, "witness", "serve", *named, *listen], stdout=subprocess.PIPE, text=True
    )
    try:
        address = witness.stdout.readline().split()[-1]
        witness_key = witness.stdout.readline().strip()
        asked = f"{witness_key} {address}"
        answer = json.loads(huimin("audit", "cosign", "--json", "--data", data, "--ask-witness", asked))
        return answer["witnesses"][0]["checkpoint"], witness_key
    finally:
        witness.kill()
        witness.wait()


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
        note, witness_key = cosign(binary, huimin, Path(temporary) / "witness", data, key)
        huimin(*user, input=b"only for this test, at last")
        huimin("audit", "export", "--data", data, "--out", log)
        size = check(log, key)
        if size < 7:
            raise Wrong(f"the log has {size} leaves only")
        seen = check_cosigned(log, key, note, witness_key)
        if not 6 <= seen < size:
            raise Wrong(f"the witness has seen {seen} leaves of {size}")
        for place in range(len(note.encode())):
            content = bytearray(note.encode())
            content[place] ^= 1
            try:
                check_cosigned(log, key, content.decode(), witness_key)
            except (Wrong, ValueError):
                continue
            raise Wrong(f"a change of byte {place} of what the witness has co-signed is not found")
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
        print(f"✔ it begins with the {seen} leaves that a witness has co-signed; a change of each byte of that is found")


def main():
    if len(sys.argv) not in (3, 5):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if sys.argv[1] == "--self-test":
            self_test(sys.argv[2])
        else:
            folder, key = Path(sys.argv[1]), sys.argv[2]
            print(f"✔ the log holds: {check(folder, key)} leaves")
            if len(sys.argv) == 5:
                note = Path(sys.argv[3]).read_text(encoding="utf-8")
                seen = check_cosigned(folder, key, note, sys.argv[4])
                print(f"✔ it begins with the {seen} leaves that the witness has co-signed")
    except Wrong as error:
        print(f"✘ {error}")
        return 1
    except OSError as error:
        print(f"✘ {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
