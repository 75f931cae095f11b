"""Measures the server under load: looking persons up, with leave asked and an audit entry durable before each answer,
and durable writes; on SQLite and on PostgreSQL, which share the machine with the load generator (wrk).

Usage: bench_server.py --huimin PATH --out DIR [--people 20000] [--seconds 15] [--runs 3] [--markdown FILE]

HUIMIN_TEST_POSTGRES names an empty PostgreSQL database that waits for the disk (scripts/with_postgres.sh with
HUIMIN_TEST_POSTGRES_FSYNC=on makes one).
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from bench import FIRST, PACK, ROOT, machine, registered

CONNECTIONS = 32
OVERLOAD = 5
PASSWORD = "bench of a horse and a battery"
LUA = ROOT / "scripts" / "lib" / "load.lua"


def quietly(command, environment, **options):
    done = subprocess.run(command, env=environment, capture_output=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stderr.decode()}")


class Place:
    """A data folder that one month was published in, with two accounts, on one kind of database."""

    def __init__(self, args, kind, city, url):
        self.huimin, self.kind, self.city = args.huimin, kind, city
        self.data = args.out / f"data-load-{kind.lower()}"
        self.environment = dict(os.environ) | ({"HUIMIN_DATABASE": url} if url else {})
        shutil.rmtree(self.data, ignore_errors=True)
        place = ["--data", self.data]
        self.run("run", "--pack", PACK, "--feeds", city / "feeds", *place, "--period", FIRST)
        self.run("organisation", "import", "--pack", PACK, *place)
        for name, role, more in (
            ("bench", "auditor", ["--grant", "supervision"]), ("security", "security_admin", []), ("target", "case_worker", []),
        ):
            self.run("user", "set", *place, "--username", name, "--role", role, "--organisation", "ca-4401", *more,
                     "--password-stdin", input=PASSWORD.encode())

    def run(self, *command, **options):
        quietly([self.huimin, *command], self.environment, **options)

    def __enter__(self):
        self.server = subprocess.Popen(
            [self.huimin, "serve", "--data", self.data, "--pack", PACK, "--listen", "127.0.0.1:0", "--requests-per-minute", "0"],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.address = re.search(r"127\.0\.0\.1:\d+", self.server.stdout.readline().decode()).group()
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()

    def sign_in(self, username):
        connection = http.client.HTTPConnection(self.address)
        body = json.dumps({"username": username, "password": PASSWORD})
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"signing in as {username} failed with {answer.status}: {answer.read()}")
        return answer.getheader("Set-Cookie").split(";")[0]

    def cpu(self):
        """CPU seconds of the server so far."""
        fields = pathlib.Path(f"/proc/{self.server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def load(self, requests, cookie, connections, seconds):
        """Sends requests, each of a path and, for what is posted, its body."""
        with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
            file.write("\n".join(f"{path}\t{json.dumps(body)}" if body else path for path, body in requests))
            file.flush()
            environment = dict(os.environ) | {
                "HUIMIN_LOAD": file.name, "HUIMIN_LOAD_COOKIE": cookie, "HUIMIN_LOAD_PURPOSE": "supervision",
            }
            before, own = self.cpu(), resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", LUA, f"http://{self.address}"],
                env=environment, capture_output=True, check=True,
            )
        figures = json.loads(re.search(r"RESULT (.*)", done.stdout.decode()).group(1))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        figures["server_cpu_s"] = self.cpu() - before
        figures["load_cpu_s"] = after.ru_utime + after.ru_stime - own.ru_utime - own.ru_stime
        figures["a_second"] = figures["ok"] / figures["seconds"]
        if figures["other"] or figures["errors"]:
            sys.exit(f"{self.kind}: answers that were not expected: {figures}")
        return figures


def median(runs):
    return sorted(runs, key=lambda run: run["a_second"])[len(runs) // 2]


def measure(place, queries, args):
    """Median runs: look-ups, a person's whole file, writes, and look-ups at several times that many connections."""
    cookie, security = place.sign_in("bench"), place.sign_in("security")
    lookups = [("/api/v1/people/searches", {"q": query}) for query in queries]
    found = place_persons(place, cookie, lookups[:40])
    files = [(f"/api/v1/people/{person}?period={FIRST}", None) for person in found]
    grant = {"purpose": "casework", "until": "2099-01-01T00:00:00Z", "reason": "bench"}
    grants = [("/api/v1/users/target/grants", grant)]
    # Tables and index are opened by whoever comes first.
    place.load(lookups, cookie, CONNECTIONS, 2)
    several = lambda one: median([one() for _ in range(args.runs)])
    return {
        "look-up by identity number": several(lambda: place.load(lookups, cookie, CONNECTIONS, args.seconds)),
        "durable write (a purpose granted)": several(
            lambda: place.load(grants, security, CONNECTIONS, args.seconds)),
        "whole file of a person": several(lambda: place.load(files, cookie, CONNECTIONS, args.seconds)),
        f"look-ups, {OVERLOAD} times the connections": several(
            lambda: place.load(lookups, cookie, CONNECTIONS * OVERLOAD, args.seconds)),
        f"look-ups, {4 * OVERLOAD} times the connections": several(
            lambda: place.load(lookups, cookie, CONNECTIONS * OVERLOAD * 4, args.seconds)),
    }


def place_persons(place, cookie, searches):
    connection = http.client.HTTPConnection(place.address)
    found = []
    for path, search in searches:
        connection.request("POST", path, json.dumps(search), {"Cookie": cookie, "Huimin-Purpose": "supervision"})
        found += [one["person_id"] for one in json.loads(connection.getresponse().read())["people"]]
    return found


def markdown(results):
    lines = [
        f"Machine: {results['machine']}. Program: {results['version']}. Measured on {results['day']} with `make bench`: {results['people']:,}"
        f" people, {CONNECTIONS} connections of wrk on the same machine, {results['runs']} runs of {results['seconds']} s each, the median one.",
        "",
        "| database | what | a second | p50 ms | p99 ms | refused (429, 503) a second | CPU s of the server | CPU s of wrk |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind, figures in results["kinds"].items():
        for what, one in figures.items():
            lines.append(
                f"| {kind} | {what} | {one['a_second']:,.0f} | {one['p50_ms']:.1f} | {one['p99_ms']:.1f}"
                f" | {one['refused'] / one['seconds']:,.0f} | {one['server_cpu_s']:.1f} | {one['load_cpu_s']:.1f} |"
            )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--huimin", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--markdown", type=pathlib.Path, help="write the table here as well")
    args = parser.parse_args()
    args.huimin, args.out = args.huimin.resolve(), args.out.resolve()
    args.out.mkdir(parents=True, exist_ok=True)
    city = args.out / f"city-{args.people}"
    if not (city / "feeds" / FIRST).exists():
        quietly([args.huimin, "sim", "generate", "--people", str(args.people), "--start", FIRST, "--months", "1",
                 "--seed", "1", "--out", city], dict(os.environ))
    rows = random.Random(7).choices(registered(city), k=2000)
    queries = [number for _, number in rows if re.fullmatch(r"[0-9]{17}[0-9X]", number)]
    results = {
        "machine": machine(), "people": args.people, "seconds": args.seconds, "runs": args.runs,
        "day": time.strftime("%Y-%m-%d"),
        "version": subprocess.run([args.huimin, "--version"], capture_output=True, check=True).stdout.decode().strip(),
        "kinds": {},
    }
    for kind, url in (("SQLite", None), ("PostgreSQL", os.environ["HUIMIN_TEST_POSTGRES"])):
        with Place(args, kind, city, url) as place:
            results["kinds"][kind] = measure(place, queries, args)
        print(markdown(results), file=sys.stderr)
    (args.out / "server.json").write_text(json.dumps(results, indent=2) + "\n")
    table = markdown(results)
    print(table)
    if args.markdown:
        args.markdown.write_text(table)


if __name__ == "__main__":
    main()
