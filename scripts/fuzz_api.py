"""Sends what the API's own description allows, and what it does not, to a running server (schemathesis), as four accounts of the
staff, a citizen and a partner's program.

Usage: fuzz_api.py --url URL --password PASSWORD --messages URL --citizens JSON [--examples 12] [--seed 1]

No answer may be a fault of the server (5xx), each that is described has the form that the description says, and nearly
every operation has to be answered well (2xx, or led on) at least once. The server has the accounts of scripts/lib/small_city.sh.
"""

import argparse
import base64
import collections
import hmac
import json
import struct
import sys
import time
import warnings

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from lib.signed_request import SignedRequest, new_key
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

CITIZEN, PARTNER = "citizen", "partner"
ACCOUNTS = {"auditor": "supervision", "security": None, "worker": "casework", "steward": "data_quality"}
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
WELL = 0.95


class Account:
    auth = None

    def __init__(self, url, username, password):
        self.url, self.username, self.password, self.purpose = url, username, password, ACCOUNTS.get(username)
        self.cookie = self.sign_in()

    def sign_in(self):
        answer = requests.post(f"{self.url}/api/v1/session", json={"username": self.username, "password": self.password}, timeout=30)
        answer.raise_for_status()
        return answer.headers["set-cookie"].split(";")[0]

    def headers(self):
        return {"Cookie": self.cookie} | ({"Huimin-Purpose": self.purpose} if self.purpose else {})

    def first_person(self):
        answer = requests.post(f"{self.url}/api/v1/people/searches", json={"limit": 1}, headers=self.headers(), timeout=30)
        answer.raise_for_status()
        return answer.json()["people"][0]["person_id"]

    def get(self, path, **query):
        answer = requests.get(f"{self.url}/api/v1/{path}", params=query, headers=self.headers(), timeout=30)
        answer.raise_for_status()
        return answer.json()


class Citizen:
    """Somebody in the portal, who signs in by a code."""

    # Of no account.
    auth, username, password = None, CITIZEN, "none of this city"

    def __init__(self, url, messages, who, relative, statuses):
        self.url, self.messages, self.who, self.relative, self.statuses = url, messages, who, relative, statuses
        self.cookie = self.sign_in()

    def code(self):
        for _ in range(200):
            for message in requests.get(f"{self.messages}/messages", timeout=30).json()["messages"]:
                if message["to"] == self.who["phone"]:
                    return message["parameters"]["code"]
            time.sleep(0.1)
        sys.exit("no code came")

    def sign_in(self):
        requests.post(f"{self.url}/api/v1/citizen/codes", json=self.who, timeout=30).raise_for_status()
        answer = requests.post(f"{self.url}/api/v1/citizen/session", json=self.who | {"code": self.code()}, timeout=30)
        self.statuses["create_citizen_session"][answer.status_code] += 1
        answer.raise_for_status()
        self.person = answer.json()["people"][0]["person_id"]
        return answer.headers["set-cookie"].split(";")[0]

    def headers(self):
        return {"Cookie": self.cookie}


class Partner:
    """A program of a partner, that signs its requests."""

    username, password = PARTNER, "none of this city"

    def __init__(self, security, policy):
        self.url, self.policy = security.url, policy
        key, public = new_key()
        client = self.written(security, "", client_id=PARTNER, name="助学系统", organisation="ca-4401")["client_id"]
        written = self.written(security, f"/{client}/keys", public_key=public, until=tomorrow())
        self.written(security, f"/{client}/agreements", policy=policy, basis="助学", until=tomorrow())
        # Others that are changed and ended, so that this one stays as it is.
        for other in ("changed", "ended"):
            self.written(security, "", client_id=other, name="某系统", organisation="ca-4401")
        self.auth = SignedRequest(key, written["key_id"])

    def written(self, security, path, **body):
        answer = requests.post(f"{self.url}/api/v1/api-clients{path}", json=body, timeout=30,
                               headers=security.headers() | {"Idempotency-Key": f"partner-{path}-{body.get('client_id')}"})
        answer.raise_for_status()
        return answer.json()

    def headers(self):
        return {}


def known_things(accounts, auditor):
    """Things that there are, by the names of parameters."""
    period = auditor.get("meta")["periods"][0]
    person = auditor.first_person()
    decided = auditor.get(f"people/{person}", period=period)["decisions"]
    task = accounts["steward"].get("tasks")["tasks"][0]
    for account in accounts.values():
        account.known = {
            "task_id": task["task_id"],
            "period": period, "person_id": person, "policy": decided[0]["policy"], "username": "target", "grant_id": "none",
            "representation_id": "none", "client_id": "changed", "key_id": "none", "agreement_id": "none", "whom": "staff",
            "if-match": '"1"',
        }
    portal = accounts[CITIZEN]
    affairs = requests.get(f"{portal.url}/api/v1/citizen/people/{portal.person}", headers=portal.headers(), timeout=30).json()
    portal.known |= {"person_id": portal.person, "policy": affairs["decisions"][0]["policy"], "representation_id": "none"}
    local = accounts["worker"]
    local.known["person_id"] = local.first_person()


def good(operation, account, number):
    """A request that ought to be answered well, or `None` when this one needs something to have happened before."""
    body = {
        "create_session": lambda: {"username": account.username, "password": account.password},
        "search_people": lambda: {"limit": 1},
        "reveal_attribute": lambda: {"attribute": "id_number", "reason": "test"},
        "create_organisation": lambda: {
            "organisation_id": f"o{number}", "name_zh": "某街道办事处", "kind": "civil_affairs", "division": "440104001", "parent": "ca-440104",
        },
        "create_user": lambda: {
            "username": f"u{number}", "display_name": "某人", "organisation": "ca-440104", "roles": ["case_worker"],
            "password": "only for this test, made up",
        },
        "create_grant": lambda: {"purpose": "casework", "until": "2099-01-01T00:00:00Z", "reason": "test"},
        "reset_password": lambda: {"password": "another one for this test"},
        "change_user": lambda: {"display_name": "某人"},
        "create_code": lambda: account.who,
        "entrust": lambda: name_and_number(account) | {"until": tomorrow()},
        "create_representative": lambda: name_and_number(account) | {"kind": "guardian", "until": tomorrow(), "basis": "户口簿"},
        "begin_oidc": lambda: {"next": "/console/overview"},
        "set_oidc_link": lambda: {"subject": "somebody"},
        "create_client": lambda: {"client_id": f"c{number}", "name": "某系统", "organisation": "ca-440104"},
        "create_client_key": lambda: {"public_key": new_key()[1], "until": tomorrow()},
        "create_agreement": lambda: {"policy": account.known["policy"], "basis": "助学", "until": tomorrow()},
        "verify": lambda: {"id_number": account.who["id_number"], "name": account.who["name"], "policy": account.policy}
        if account.username == PARTNER else None,
        "act_on_task": lambda: {"act": "note", "note": "test"},
    }.get(name_of(operation))
    known = account.known | {"idempotency-key": f"good-{name_of(operation)}-{number}"}
    fill = lambda parameters: {one.name: known[one.name] for one in parameters if one.name in known}
    return operation.Case(
        path_parameters=fill(operation.path_parameters), query=fill(operation.query), headers=fill(operation.headers),
        body=body() if body else schemathesis.core.NOT_SET, media_type="application/json" if body else None,
    )


def prepared(account, operation, statuses):
    """What has to be so before a good request: it is made by the API as well."""
    name = name_of(operation)
    if name == "act_on_task" and account.username == "steward":
        answer = requests.get(f"{account.url}/api/v1/tasks/{account.known['task_id']}", headers=account.headers(), timeout=30)
        account.known["if-match"] = answer.headers["etag"]
    path = {("worker", "end_representation"): "people", (CITIZEN, "end_own_representation"): "citizen/people"}.get((account.username, name))
    if path:
        listed = f"{account.url}/api/v1/{path}/{account.known['person_id']}/representatives"
        found = requests.get(listed, headers=account.headers(), timeout=30).json()["representatives"]
        if not found:
            sys.exit(f"nobody acts for the person of {account.username}; entrusting was answered {dict(statuses['entrust'])}, "
                     f"writing down {dict(statuses['create_representative'])}")
        account.known["representation_id"] = found[0]["representation_id"]
    if account.username != "security":
        return
    if name in ("revoke_client_key", "end_agreement"):
        file = requests.get(f"{account.url}/api/v1/api-clients/changed", headers=account.headers(), timeout=30).json()
        in_force = [one for one in file["keys"] + file["agreements"] if one.get("counts") or one.get("in_force")]
        account.known |= {kind: one[kind] for one in in_force for kind in ("key_id", "agreement_id") if kind in one}
    if name == "revoke_grant":
        body = {"purpose": "casework", "until": "2099-01-01T00:00:00Z", "reason": "to be taken back"}
        made = requests.post(f"{account.url}/api/v1/users/target/grants", json=body, timeout=30,
                             headers=account.headers() | {"Idempotency-Key": "to-revoke"})
        account.known["grant_id"] = made.json()["grant_id"]
    if name == "change_user":
        answer = requests.get(f"{account.url}/api/v1/users/target", headers=account.headers(), timeout=30)
        account.known["if-match"] = answer.headers["etag"]


def name_of(operation):
    return operation.definition.raw["operationId"]


def name_and_number(account):
    return {"id_number": account.relative["id_number"], "name": account.relative["name"]}


def tomorrow():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))


def walk(schema, account, args, statuses):
    for found in schema.get_all_operations():
        operation = found.ok()
        name = name_of(operation)
        # Signing out, and wrong passwords of one's own, would end the walk; they are asked without a session.
        ends_session = name in (
            "delete_session", "create_session", "change_password", "delete_citizen_session", "create_citizen_session",
        )

        def call(case, operation=operation, name=name, ends_session=ends_session):
            headers = {} if ends_session else account.headers()
            answer = case.call(base_url=account.url, headers=headers, auth=account.auth, allow_redirects=False)
            statuses[name][answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

        account.known["client_id"] = "ended" if name == "end_client" else "changed"
        known = {one.name: account.known[one.name] for one in operation.path_parameters if one.name in account.known}
        forms = [operation.as_strategy(), operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)]
        if known:
            forms += [operation.as_strategy(path_parameters=known)]
        for form in forms:
            try:
                run = given(case=form)(lambda case: call(case))
                run = settings(
                    max_examples=args.examples, database=None, deadline=None, phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )(hypothesis.seed(args.seed)(run))
                run()
            except hypothesis.errors.Unsatisfiable:
                # Nothing of this operation can be wrong.
                pass
        prepared(account, operation, statuses)
        call(good(operation, account, 1))


def code_of(secret):
    """What a telephone shows now (RFC 6238)."""
    moment = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), moment, "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def first_days(security, statuses):
    """What needs one thing after the other: a new account changes its password and sets up a second factor, which is then
    taken away."""
    def call(name, method, path, headers, **body):
        answer = requests.request(method, f"{security.url}/api/v1/{path}", headers=headers, json=body or None, timeout=30)
        statuses[name][answer.status_code] += 1
        answer.raise_for_status()
        return answer

    def sign_in(password):
        return {"Cookie": Account(security.url, "newcomer", password).cookie}

    first, own = "only for this test, made up", "and this one is their own choice"
    call("create_user", "POST", "users", security.headers() | {"Idempotency-Key": "newcomer"}, username="newcomer",
         display_name="新人", organisation="ca-440104", roles=["case_worker"], password=first)
    call("change_password", "PUT", "session/password", sign_in(first), password=first, new_password=own)
    headers = sign_in(own)
    secret = call("begin_second_factor", "POST", "session/second-factor", headers).json()["secret"]
    call("confirm_second_factor", "PUT", "session/second-factor", headers, code=code_of(secret))
    call("reset_second_factor", "DELETE", "users/newcomer/second-factor", security.headers())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--messages", required=True, help="address of the SMS gateway's simulator")
    parser.add_argument("--citizens", required=True, help="people who can sign in to the portal, as scripts/lib/citizens.py prints them")
    parser.add_argument("--examples", type=int, default=12, help="of each form of each operation and account")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    schema = schemathesis.openapi.from_url(f"{args.url}/api/v1/openapi.json")
    accounts = {name: Account(args.url, name, args.password) for name in ACCOUNTS}
    statuses = collections.defaultdict(collections.Counter)
    citizens = json.loads(args.citizens)
    for account in accounts.values():
        account.who, account.relative = citizens[2], citizens[1]
    accounts[CITIZEN] = Citizen(args.url, args.messages, citizens[0], citizens[1], statuses)
    accounts[PARTNER] = Partner(accounts["security"], accounts["auditor"].get("meta")["policies"][0]["id"])
    accounts[PARTNER].who, accounts[PARTNER].relative = citizens[0], citizens[1]
    known_things(accounts, accounts["auditor"])
    for account in accounts.values():
        walk(schema, account, args, statuses)
    first_days(accounts["security"], statuses)
    # A browser that comes back from a provider is led on, whatever it comes with.
    well = [name for name, counts in statuses.items() if any(200 <= status < 300 or status == 303 for status in counts)]
    sent = sum(sum(counts.values()) for counts in statuses.values())
    for name, counts in sorted(statuses.items()):
        print(f"{name:24} {dict(sorted(counts.items()))}")
    print(f"{sent} requests, {len(statuses)} operations, {len(well)} of them answered well")
    faults = sum(count for counts in statuses.values() for status, count in counts.items() if status >= 500)
    if faults or len(well) < WELL * len(statuses):
        sys.exit(f"{faults} faults; not answered well: {sorted(set(statuses) - set(well))}")


if __name__ == "__main__":
    main()
