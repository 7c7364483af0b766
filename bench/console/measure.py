"""CPU time, memory and start of a running `sekimori serve`, over real HTTP, on the made-up city.

    python3 console/measure.py [--binary ../target/release/sekimori] [--assets 5000] [--records 1000000]

Makes the city with `sekimori demo` (5,000 assets through the ledger's own writes), serves it with `sekimori serve`, signs in as the
accounts of its card and asks for each page some hundred times. What is printed is the server process's CPU time for each
request (/proc/PID/task/*/schedstat: all its threads, the evaluation beside the requests included), and the longest wait. With
`--records N` the register of assets is filled to N records behind the server's back (records, keys, texts and search index, no
journal: only reading is measured then). Wrong answers fail; slow ones do not.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import shutil
import signal
import statistics
import struct
import subprocess
import tempfile
import time
import urllib.parse

from million import fill

ROUNDS = 300
PORT = 8641


class Server:
    """A `sekimori serve` on a folder of data."""

    def __init__(self, binary, folder):
        config = folder / "serve.toml"
        config.write_text(f'data = "."\nlisten = "127.0.0.1:{PORT}"\nurl = "http://localhost:{PORT}"\n')
        began = time.monotonic()
        self.process = subprocess.Popen([binary, "serve", "--config", config], stdout=subprocess.PIPE, text=True)
        while True:
            try:
                Browser().get("/signin", 200)
                break
            except OSError:
                time.sleep(0.005)
        self.wall, self.cpu_at_start = time.monotonic() - began, self.cpu()

    def cpu(self):
        """Milliseconds of CPU of all threads so far, those that have ended not included."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def memory(self, what="VmRSS"):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{what}:\s+(\d+) kB", status).group(1)) / 1024

    def settle(self):
        """Waits until the evaluation has caught up: a second in which nothing is computed."""
        for _ in range(120):
            before = self.cpu()
            time.sleep(1.2)
            if self.cpu() - before < 8:
                return

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Browser:
    """Keeps cookies and one connection, as a browser does."""

    def __init__(self, token=None):
        self.cookies, self.token = {}, token
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT)

    def ask(self, method, path, body=None, kind=None):
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Host": f"localhost:{PORT}"}
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}"}
        if kind:
            headers["Content-Type"] = kind
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                name, value = value.split(";")[0].split("=", 1)
                self.cookies[name] = value
        return answer, text

    def get(self, path, status=200):
        answer, text = self.ask("GET", path)
        assert answer.status == status, (path, answer.status, text[:400])
        return text

    def post(self, path, page, fields, status=303):
        proof = re.search(r'name="proof" value="([^"]+)"', page).group(1)
        body = urllib.parse.urlencode([("proof", proof), *fields])
        answer, text = self.ask("POST", path, body, "application/x-www-form-urlencoded")
        assert answer.status == status, (path, answer.status, re.sub(r"<[^>]+>", " ", text)[-1500:])
        return answer.getheader("Location")

    def create(self, path, fields):
        answer, text = self.ask("POST", path, json.dumps({"fields": fields}), "application/json")
        assert answer.status == 201, (answer.status, text)
        return json.loads(text)


def signed_in(card, login):
    account = next(account for account in card["accounts"] if account["login"] == login)
    browser = Browser()
    form = browser.get("/signin")
    to = browser.post("/signin", form, [("login", login), ("password", account["password"])])
    if to == "/signin/second":
        form = browser.get("/signin/second")
        browser.post("/signin/second", form, [("code", totp(account["totp"], time.time() + card["shift_ms"] / 1000))])
    return browser


def totp(secret, at):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(int.from_bytes(digest[offset:offset + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def measure(server, name, act, rounds=ROUNDS):
    """Prints the CPU time of one act, after a few that warm up."""
    for _ in range(10):
        act()
    server.settle()
    before, walls = server.cpu(), []
    for _ in range(rounds):
        began = time.monotonic()
        act()
        walls.append((time.monotonic() - began) * 1000)
    cpu = (server.cpu() - before) / rounds
    print(f"| {name} | {cpu:.2f} | {statistics.median(walls):.1f} | {max(walls):.0f} |", flush=True)


def reads(server, card, token, size):
    admin, api = signed_in(card, "admin"), Browser(token)
    page = "/registers/assets"
    records = "/api/v1/registers/assets/records"
    found = json.loads(api.get(f"{records}?limit=25"))
    assert len(found["items"]) == 25, found
    one = found["items"][7]["id"]
    deep = min(size, 10_000) * 4 // 5
    assert "件" in admin.get(page)
    cursor = found["next"]
    for _ in range(20):
        cursor = json.loads(api.get(f"{records}?limit=200&cursor={cursor}"))["next"] or cursor
    name = urllib.parse.quote(found["items"][3]["name"][:6])
    measure(server, "list of 25, page", lambda: admin.get(page))
    measure(server, "list of 25, API", lambda: api.get(f"{records}?limit=25"))
    measure(server, "list of 25 by a field, page", lambda: admin.get(page + "?sort=place"))
    measure(server, f"deep page by offset {deep}, API", lambda: api.get(f"{records}?limit=25&offset={deep}"))
    measure(server, "deep page by cursor, API", lambda: api.get(f"{records}?limit=25&cursor={cursor}"))
    measure(server, "search in the list, page", lambda: admin.get(f"{page}?q={name}"))
    measure(server, "search everywhere, page", lambda: admin.get(f"/search?q={name}"))
    measure(server, "search everywhere, API", lambda: api.get(f"/api/v1/search?q={name}"))
    measure(server, "one record, page", lambda: admin.get(f"{page}/{one}"))
    measure(server, "one record, API", lambda: api.get(f"{records}/{one}"))
    people = {"admin": admin} | {login: signed_in(card, login) for login in ["staff", "head", "ciso"]}
    for login, person in people.items():
        measure(server, f"home page of {login}", lambda person=person: person.get("/"))
    return people


def writes(server, binary, folder, card, head):
    api = Browser(token_of(binary, folder, "head"))
    counted = iter(range(1_000_000))

    def fields():
        return {
            "name": f"測定のための台帳その{next(counted)}", "kind": "paper", "confidentiality": "2", "integrity": "2",
            "availability": "1", "personal": "none", "origin": "made", "place": "書庫",
        }

    measure(server, "create with journal entry, API", lambda: api.create("/api/v1/registers/assets/records", fields()))
    form = head.get("/registers/assets/new")
    measure(
        server,
        "create with journal entry, form",
        lambda: head.post("/registers/assets/new", form, [*fields().items(), ("reviewed_on", card["as_of"])]),
    )


def token_of(binary, folder, login):
    done = subprocess.run(
        [binary, "token", "create", "--data", folder, "--person", login], check=True, capture_output=True, text=True
    )
    return done.stdout.strip().splitlines()[-1]


def make(binary, folder, assets):
    """The city; the demo is stopped once it answers, and is served from then on."""
    demo = subprocess.Popen(
        [binary, "demo", "--data", folder, "--assets", str(assets), "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    assert demo.stdout.readline().startswith("http"), "the demo did not start"
    demo.send_signal(signal.SIGTERM)
    demo.wait()
    return json.loads((folder / "demo.json").read_text())


HEAD = "| what | CPU, ms | median wait, ms | longest, ms |\n|---|---|---|---|"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=pathlib.Path, default=pathlib.Path("../target/release/sekimori"))
    parser.add_argument("--assets", type=int, default=5000)
    parser.add_argument("--records", type=int, default=0)
    parser.add_argument("--keep", type=pathlib.Path, help="folder of the city; made when it is not there, kept afterwards")
    args = parser.parse_args()
    binary = args.binary.resolve()
    folder = args.keep or pathlib.Path(tempfile.mkdtemp(prefix="sekimori-bench-"))
    card = json.loads((folder / "demo.json").read_text()) if (folder / "demo.json").exists() else make(binary, folder, args.assets)
    if args.records:
        fill(folder / "ledger.db", args.records)
    server = Server(binary, folder)
    print(f"start to the first answer: {server.wall * 1000:.0f} ms, {server.cpu_at_start:.0f} ms of CPU", flush=True)
    server.settle()
    print(f"at rest after the start: {server.memory():.0f} MB ({server.memory('VmHWM'):.0f} at most), {server.cpu():.0f} ms of CPU")
    print(HEAD)
    try:
        token = token_of(binary, folder, "admin")
        people = reads(server, card, token, args.records or args.assets)
        if not args.records:
            writes(server, binary, folder, card, people["head"])
        print(f"\nmemory after all this: {server.memory():.0f} MB ({server.memory('VmHWM'):.0f} at most)")
    finally:
        server.stop()
        if not args.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
