"""Measures the audit log: readings written down before they are answered, sealing, verifying.

Usage: bench_audit.py --log-speed PATH --out DIR [--entries 10000000] [--seconds 20] [--runs 3] [--markdown FILE]

HUIMIN_TEST_POSTGRES names an empty PostgreSQL database that waits for the disk (scripts/with_postgres.sh with
HUIMIN_TEST_POSTGRES_FSYNC=on makes one). Verifying is measured once, with all entries, on SQLite.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from bench import machine, measured

WRITERS = 32


def emptied_postgres(url):
    psql = ["psql", "--quiet", "--dbname", url, "--command", "DROP SCHEMA public CASCADE; CREATE SCHEMA public"]
    subprocess.run(psql, check=True, stderr=subprocess.DEVNULL)
    return url


def emptied_sqlite(folder):
    for file in folder.glob("audit.db*"):
        file.unlink()
    return f"sqlite:{folder / 'audit.db'}"


def run(log_speed, url, seconds, entries):
    took = measured([log_speed, url, str(seconds), str(WRITERS), str(entries)])
    return took["document"] | {key: took[key] for key in ("cpu_s", "peak_bytes")}


def markdown(results):
    lines = [
        f"Machine: {results['machine']}. Measured on {results['day']} with `make bench`; {WRITERS} writers, each of which waits"
        " for its entry before it writes the next; median of the runs, least and greatest in brackets.",
        "",
        "| readings written down | runs | seconds each | a second | p50 ms | p99 ms |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for kind, runs in results["record"].items():
        rates = sorted(one["recorded"] / one["seconds"] for one in runs)
        p50, p99 = (statistics.median(one[key] for one in runs) for key in ("p50_ms", "p99_ms"))
        lines.append(
            f"| {kind} | {len(runs)} | {runs[0]['seconds']} | {statistics.median(rates):,.0f}"
            f" ({rates[0]:,.0f}–{rates[-1]:,.0f}) | {p50:.1f} | {p99:.1f} |"
        )
    whole = results["whole"]
    lines += [
        "",
        "| the whole log, SQLite | entries | s | entries a second |",
        "|---|--:|--:|--:|",
    ]
    for verb, key in (("sealed", "seal_seconds"), ("verified", "verify_seconds")):
        lines.append(f"| {verb} | {whole['entries']:,} | {whole[key]:.0f} | {whole['entries'] / whole[key]:,.0f} |")
    lines.append(f"\nPeak memory of that process: {whole['peak_bytes'] / 2**20:.0f} MiB.")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--log-speed", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--markdown", type=pathlib.Path, help="write the tables here as well")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    places = {
        "SQLite": lambda: emptied_sqlite(args.out),
        "PostgreSQL": lambda: emptied_postgres(os.environ["HUIMIN_TEST_POSTGRES"]),
    }
    results = {"machine": machine(), "day": time.strftime("%Y-%m-%d"), "record": {}}
    for kind, emptied in places.items():
        print(f"audit log on {kind}", file=sys.stderr, flush=True)
        results["record"][kind] = [run(args.log_speed, emptied(), args.seconds, 0) for _ in range(args.runs)]
    print(f"audit log of {args.entries:,} entries", file=sys.stderr, flush=True)
    results["whole"] = run(args.log_speed, emptied_sqlite(args.out), 1, args.entries)
    emptied_sqlite(args.out)
    (args.out / "audit.json").write_text(json.dumps(results, indent=1))
    text = markdown(results)
    print(text)
    if args.markdown:
        args.markdown.write_text(text)


if __name__ == "__main__":
    main()
