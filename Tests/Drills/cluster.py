"""A cluster of real nodes on loopback, in a folder of its own, with clients that count what was acknowledged."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

READY_SECONDS = 60
REQUEST_SECONDS = 15


class Cluster:
    """Nodes A, B, ... with N = 3, R = W = 2 and small rings. Ends its processes by number and removes its folder."""

    def __init__(self, programs, names="ABCD", settings=None):
        self.programs = programs
        self.folder = tempfile.mkdtemp(prefix="stator-drill-")
        self.names = list(names)
        self.settings = settings or {}
        ports = free_ports(3 * 5)
        self.ports = {name: ports[3 * place:3 * place + 3] for place, name in enumerate("ABCDE")}
        self.processes = {}
        self.spawned = []

    def __enter__(self):
        for name in self.names:
            self.configure(name)
        return self

    def __exit__(self, kind, *_):
        for process in self.spawned:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        subprocess.run(["umount", "-R", self.data("")], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Files

    def data(self, name):
        return os.path.join(self.folder, "data", name)

    def member(self, name):
        peer, client, resp = self.ports[name]
        return {"name": name, "peer": f"127.0.0.1:{peer}", "http": f"127.0.0.1:{client}", "resp": f"127.0.0.1:{resp}"}

    def configure(self, name, **changes):
        """Writes the node's file. Changes are of the partitioner's settings."""
        partitioner = {"kind": "vnode-ring", "tokensPerNode": 32, **changes}
        file = {
            "node": {**self.member(name), "dataFolder": self.data(name), "logFile": self.log(name)},
            "cluster": {"name": "drill", "members": [self.member(other) for other in self.names]},
            "replication": {"n": 3, "r": 2, "w": 2},
            "strategies": {"partitioner": partitioner, "storage": {"kind": "log"}},
            **self.settings,
        }
        with open(os.path.join(self.folder, f"{name}.json"), "w") as output:
            json.dump(file, output, indent=1)

    def log(self, name):
        return os.path.join(self.folder, f"{name}.log")

    def said(self, name):
        try:
            with open(self.log(name), errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def segments(self, name):
        """The files of the node's records, the oldest first: of all shards."""
        found = []
        for folder, _, files in os.walk(self.data(name)):
            if os.path.basename(folder) == "records":
                found += [os.path.join(folder, file) for file in files if file.endswith(".log")]
        return sorted(found)

    # Processes

    def start(self, name, environment=None, wait=True):
        """Returns why it does not serve, or nothing."""
        with open(os.path.join(self.folder, f"{name}.out"), "a") as output:
            process = subprocess.Popen(
                [self.programs("stator-node"), "--config", os.path.join(self.folder, f"{name}.json")],
                env={**os.environ, **(environment or {})}, stdout=output, stderr=subprocess.STDOUT)
        self.processes[name] = process
        self.spawned.append(process)
        return self.wait_until_ready(name) if wait else None

    def start_all(self, environment=None):
        for name in self.names:
            self.start(name, environment, wait=False)
        for name in self.names:
            reason = self.wait_until_ready(name)
            if reason:
                raise DrillError(f"{name} does not start: {reason}")

    def wait_until_ready(self, name, seconds=READY_SECONDS, path="/ready"):
        end = time.monotonic() + seconds
        reason = "no answer"
        while time.monotonic() < end:
            code = self.processes[name].poll()
            if code is not None:
                return f"ended with status {code}: {self.output(name)}"
            status, body = self.ask(name, "GET", path, seconds=2)
            if status == 200:
                return None
            reason = f"{status} {body[:200]!r}"
            time.sleep(0.1)
        return reason

    def output(self, name):
        with open(os.path.join(self.folder, f"{name}.out"), errors="replace") as file:
            return " ".join(file.read().split())[-400:]

    def end(self, name, how=signal.SIGKILL):
        self.processes[name].send_signal(how)
        if how not in (signal.SIGSTOP, signal.SIGCONT):
            self.processes[name].wait(60)

    def url(self, name):
        return f"http://127.0.0.1:{self.ports[name][1]}"

    def control(self, *words):
        done = subprocess.run(
            [self.programs("statorctl"), *words], capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def wait_until_healthy(self, names=None, seconds=90):
        nodes = ",".join(self.url(name) for name in names or self.names)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            code, said = self.control("status", "--node", nodes)
            if code == 0:
                return
            time.sleep(0.5)
        raise DrillError(f"the cluster does not become healthy: {' '.join(said.split())[-400:]}")

    # Requests

    def ask(self, name, method, path, body=None, headers=None, seconds=REQUEST_SECONDS):
        """Returns the status and the body; a status of 0 where there was none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[name][1], timeout=seconds)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error).encode()
        finally:
            connection.close()

    def command(self, name, *words, seconds=REQUEST_SECONDS):
        """One RESP command; returns its first line."""
        request = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
        with socket.create_connection(("127.0.0.1", self.ports[name][2]), timeout=seconds) as connection:
            connection.sendall(request.encode())
            with connection.makefile("rb") as answer:
                first = answer.readline().decode().strip()
                if first.startswith("$") and first != "$-1":
                    return answer.readline().decode().strip()
                return first


class DrillError(Exception):
    """The drill could not be carried out."""


class Writer:
    """Clients that write keys of their own through the nodes in turn, until they are stopped or have written enough."""

    def __init__(self, cluster, nodes, query="", count=None, prefix="k", threads=4, value="v"):
        self.cluster, self.nodes, self.query, self.count = cluster, list(nodes), query, count
        self.prefix, self.value = prefix, value
        self.acknowledged, self.failed = {}, []
        self.lock = threading.Lock()
        self.is_over = False
        self.threads = [threading.Thread(target=self._run, args=(number, threads)) for number in range(threads)]
        for thread in self.threads:
            thread.start()

    def _run(self, first, step):
        number = first
        while not self.is_over and (self.count is None or number < self.count):
            key, value = f"{self.prefix}{number}", f"{self.value}-{self.prefix}{number}"
            node = self.nodes[number % len(self.nodes)]
            status, body = self.cluster.ask(
                node, "PUT", f"/kv/{key}{self.query}", value, {"Content-Type": "text/plain"})
            with self.lock:
                if status in (200, 201):
                    self.acknowledged[key] = value
                else:
                    self.failed.append((node, key, status, body[:200]))
            number += step

    def finish(self):
        """Waits for those that write a given number, stops the others."""
        if self.count is None:
            self.is_over = True
        for thread in self.threads:
            thread.join()
        return self


def lost(cluster, acknowledged, nodes, query="?r=all", tries=10):
    """The acknowledged keys that are not read back, with what was said of them."""
    missing = []
    for number, (key, value) in enumerate(sorted(acknowledged.items())):
        for attempt in range(tries):
            node = nodes[(number + attempt) % len(nodes)]
            status, body = cluster.ask(node, "GET", f"/kv/{key}{query}")
            if status in (200, 300, 404):
                break
            time.sleep(0.3)
        if not shows(status, body, value):
            missing.append((key, node, status, body[:120]))
    return missing


def shows(status, body, value):
    """Whether an answer shows a value, alone or among siblings."""
    if status == 200:
        return body == value.encode()
    return status == 300 and base64.b64encode(value.encode()) in body


def free_ports(count):
    sockets = []
    try:
        for _ in range(count):
            found = socket.socket()
            found.bind(("127.0.0.1", 0))
            sockets.append(found)
        return [found.getsockname()[1] for found in sockets]
    finally:
        for found in sockets:
            found.close()
