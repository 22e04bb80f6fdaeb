"""What the drills do. Each has a cluster of its own; a fault is a sentence about what should not have happened."""

import base64
import json
import os
import shutil
import signal
import subprocess
import threading
import time

from cluster import Cluster, Writer, lost

MEBIBYTE = 1 << 20


class Skipped(Exception):
    """This machine cannot do it."""


class Result:
    def __init__(self, held):
        self.held = held
        self.acknowledged = 0
        self.lost = []
        self.faults = []

    def expect(self, holds, fault):
        if not holds:
            self.faults.append(fault)

    def count(self, cluster, acknowledged, nodes, query="?r=all"):
        self.acknowledged += len(acknowledged)
        self.lost += lost(cluster, acknowledged, nodes, query)


class Drill:
    is_quick = True

    def __init__(self, program, is_short):
        self.program = program
        self.writes = 60 if is_short else 400


class LeaveWithOneCopy(Drill):
    """Writes acknowledged by one replica, each member leaves and is stopped for good, in turn."""

    name = "leave-w1"

    def run(self):
        result = Result("every write outlives its only holder's leave")
        with Cluster(self.program, "ABCDE") as cluster:
            cluster.start_all()
            cluster.wait_until_healthy()
            members = list("ABCDE")
            for leaver in "ED":
                writer = Writer(cluster, members, "?w=1&sloppy=false", prefix=f"{leaver}-")
                time.sleep(0.5)
                self._leave(cluster, leaver, members, result)
                members.remove(leaver)
                writer.finish()
                cluster.end(leaver)
                cluster.wait_until_healthy(members)
                result.count(cluster, writer.acknowledged, members)
        return result

    def _leave(self, cluster, leaver, members, result):
        status, body = cluster.ask(leaver, "POST", "/admin/leave")
        result.expect(status == 202, f"{leaver} may not leave: {status} {body[:200]!r}")
        other = next(name for name in members if name != leaver)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            _, ring = cluster.ask(other, "GET", "/ring")
            if leaver not in [node["node"] for node in json.loads(ring).get("nodes", [])]:
                return
            time.sleep(0.2)
        result.faults.append(f"{leaver} has not left after a minute")


class SettingsChanged(Drill):
    """All nodes restarted with another number of tokens, then with the right one again."""

    name = "settings-changed"

    def run(self):
        result = Result("other settings of the ring are refused or kept out, nothing is dropped")
        with Cluster(self.program) as cluster:
            cluster.start_all()
            cluster.wait_until_healthy()
            writer = Writer(cluster, "ABCD", count=self.writes).finish()
            for name in "ABCD":
                cluster.end(name, signal.SIGTERM)
                cluster.configure(name, tokensPerNode=16)
            for name in "ABCD":
                cluster.start(name, wait=False)
            time.sleep(8)
            for name in "ABCD":
                if cluster.processes[name].poll() is None:
                    cluster.end(name, signal.SIGTERM)
                cluster.configure(name)
            cluster.start_all()
            cluster.wait_until_healthy()
            result.count(cluster, writer.acknowledged, "ABCD")
        return result


class Damage(Drill):
    """Bytes overwritten among durable records at one node, a segment taken away at another."""

    name = "damage"

    def run(self):
        result = Result("damage is seen, and no acknowledged write is answered with 'never written'")
        with Cluster(self.program) as cluster:
            cluster.start_all()
            cluster.wait_until_healthy()
            writer = Writer(cluster, "ABCD", count=self.writes).finish()
            for node, harm in (("B", self._overwrite), ("C", self._remove)):
                cluster.end(node)
                harm(cluster, node)
                reason = cluster.start(node)
                wrong = lost(cluster, writer.acknowledged, [node], "?r=2")
                result.expect(not wrong, f"{node}: {len(wrong)} of {len(writer.acknowledged)} misread at r=2: {wrong[:2]}")
                if reason:
                    result.faults.append(f"{node} does not serve again: {reason}")
                said = cluster.said(node).lower()
                result.expect("damage" in said or "lost" in said or "missing" in said, f"{node} says nothing of it")
                cluster.wait_until_healthy()
            cluster.end("A")
            cluster.end("D")
            wrong = lost(cluster, writer.acknowledged, ["B", "C"], "?r=1&sloppy=false")
            result.acknowledged = len(writer.acknowledged)
            missing = [entry for entry in wrong if entry[2] == 404]
            result.expect(not missing, f"{len(missing)} are 404 at the nodes that were repaired: {missing[:2]}")
            for node in "AD":
                cluster.start(node)
            cluster.wait_until_healthy()
            result.lost = lost(cluster, writer.acknowledged, "ABCD")
        return result

    def _overwrite(self, cluster, node):
        segment = max(cluster.segments(node), key=os.path.getsize)
        size = os.path.getsize(segment)
        with open(segment, "r+b") as file:
            file.seek(size // 3)
            file.write(os.urandom(size // 3))

    def _remove(self, cluster, node):
        os.remove(max(cluster.segments(node), key=os.path.getsize))


class Restore(Drill):
    """A node's folder is put back to what it was some writes ago: copied after an orderly stop, while the node runs, and
    after a crash; and its stores alone are moved away and moved back. Nothing but the node itself makes good what it lacks.
    """

    name = "restore"

    def run(self):
        result = Result("a copied folder is told, and no write given to it is swallowed")
        for way in ("stopped", "running", "killed"):
            with Cluster(self.program, settings={"antiEntropy": {"enabled": False}}) as cluster:
                self._put_back(cluster, way, result)
        with Cluster(self.program, settings={"antiEntropy": {"enabled": False}}) as cluster:
            self._move_back(cluster, result)
        return result

    def _move_back(self, cluster, result):
        cluster.start_all()
        cluster.wait_until_healthy()
        first = Writer(cluster, "ABCD", count=self.writes, prefix="first-").finish()
        cluster.end("A", signal.SIGTERM)
        folder = cluster.data("A")
        stores = [name for name in os.listdir(folder) if name.startswith("shard-")]
        away = folder + ".away"
        os.mkdir(away)
        for shard in stores:
            os.rename(os.path.join(folder, shard), os.path.join(away, shard))
        cluster.start("A")
        cluster.wait_until_healthy()
        # Two of the owners acknowledge, and what A keeps for D goes with A's stores.
        cluster.end("D")
        second = Writer(cluster, "A", "?sloppy=false", count=self.writes, prefix="second-").finish()
        cluster.end("A", signal.SIGTERM)
        for shard in stores:
            shutil.rmtree(os.path.join(folder, shard))
            os.rename(os.path.join(away, shard), os.path.join(folder, shard))
        cluster.end("B")
        cluster.end("C")
        for away in "BC":
            present = [name for name in "ACBD" if name != away]
            for name in present:
                cluster.start(name, wait=False)
            time.sleep(3)
            wrong = lost(cluster, second.acknowledged, "AD", "?r=2&sloppy=false", tries=1)
            missing = [entry for entry in wrong if entry[2] == 404]
            result.expect(
                not missing, f"moved, without {away}: {len(missing)} of {len(second.acknowledged)} are 404: {missing[:2]}")
            for name in present:
                cluster.end(name)
        result.expect("were put back" in cluster.said("A"), "moved: the log does not say that the stores were put back")
        cluster.start_all()
        cluster.wait_until_healthy()
        result.count(cluster, {**first.acknowledged, **second.acknowledged}, "ABCD")

    def _put_back(self, cluster, way, result):
        cluster.start_all()
        cluster.wait_until_healthy()
        first = Writer(cluster, "ABCD", count=self.writes, prefix="first-").finish()
        copy = cluster.data("A") + ".copy"
        if way != "running":
            cluster.end("A", signal.SIGTERM if way == "stopped" else signal.SIGKILL)
        shutil.copytree(cluster.data("A"), copy)
        if way != "running":
            cluster.start("A")
            cluster.wait_until_healthy()
        # Three times each, so that what the others hold covers the numbers that the copy would issue again.
        for _ in range(3):
            Writer(cluster, "A", count=self.writes, threads=1).finish()
        cluster.end("A")
        shutil.rmtree(cluster.data("A"))
        os.rename(copy, cluster.data("A"))
        cluster.start("A")
        again = Writer(cluster, "A", "?w=2", count=self.writes, value="w", threads=1).finish()
        result.expect(not again.failed, f"{way}: {len(again.failed)} writes failed")
        result.expect("is a copy, or was put back" in cluster.said("A"), f"{way}: the log does not say that it is a copy")
        cluster.wait_until_healthy()
        result.count(cluster, {**first.acknowledged, **again.acknowledged}, "BCD")


class Limits(Drill):
    """The longest keys with a node down, and siblings of the largest values."""

    name = "limits"

    def run(self):
        result = Result("what is refused is refused before it is applied, and every node stays healthy")
        with Cluster(self.program) as cluster:
            cluster.start_all()
            cluster.wait_until_healthy()
            cluster.end("D")
            keys = {f"{number:04d}" + "k" * 1020: f"v-{number}" for number in range(20)}
            acknowledged = {}
            for number, (key, value) in enumerate(keys.items()):
                status, body = cluster.ask(
                    "ABC"[number % 3], "PUT", f"/kv/{key}", value, {"Content-Type": "text/plain"})
                result.expect(status in (200, 201), f"a key of 1,024 bytes: {status} {body[:100]!r}")
                acknowledged[key] = value
            value = os.urandom(MEBIBYTE - 1024)
            refused = 0
            for number in range(70):
                status, body = cluster.ask(
                    "ABC"[number % 3], "PUT", "/kv/siblings", value,
                    {"Content-Type": "application/octet-stream", "X-Stator-Context": "none"}, seconds=60)
                refused += status not in (200, 201)
                if status not in (200, 201, 409, 413, 507):
                    result.faults.append(f"sibling {number + 1}: {status} {body[:100]!r}")
            status, _ = cluster.ask("A", "GET", "/kv/siblings", seconds=60)
            result.expect(status in (200, 300), f"the siblings are read with {status}")
            cluster.start("D")
            cluster.wait_until_healthy()
            for name in "ABCD":
                status, body = cluster.ask(name, "GET", "/health")
                result.expect(status == 200, f"{name} is broken: {body[:200]!r}")
            result.count(cluster, acknowledged, "ABCD")
            result.held += f" ({refused} of 70 siblings were refused)"
        return result


class FailedSync(Drill):
    """Syncs of one node's records fail for a while, with writes to everybody."""

    name = "failed-sync"

    def run(self):
        result = Result("what was acknowledged outlives the failing disk's crash")
        with Cluster(self.program) as cluster:
            shim = self._shim(cluster.folder)
            flag = os.path.join(cluster.folder, "fail")
            environment = {"LD_PRELOAD": shim, "DRILL_FAIL": flag, "DRILL_ONLY": cluster.data("B")}
            for name in "ABCD":
                cluster.start(name, environment if name == "B" else None, wait=False)
            for name in "ABCD":
                cluster.wait_until_ready(name)
            cluster.wait_until_healthy()
            writer = Writer(cluster, "ABCD")
            time.sleep(1)
            open(flag, "w").close()
            time.sleep(2)
            os.remove(flag)
            cluster.end("B")
            cluster.start("B")
            writer.finish()
            cluster.wait_until_healthy()
            cluster.end("A")
            result.count(cluster, writer.acknowledged, "BCD", "?r=2")
        return result

    def _shim(self, folder):
        source, library = os.path.join(folder, "shim.c"), os.path.join(folder, "shim.so")
        with open(source, "w") as file:
            file.write(SHIM)
        compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
        if not compiler:
            raise Skipped("there is no C compiler")
        done = subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], capture_output=True)
        if done.returncode != 0:
            raise Skipped(f"the C compiler fails: {done.stderr[-200:]!r}")
        return library


SHIM = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static int fails(int file) {
    const char *flag = getenv("DRILL_FAIL"), *only = getenv("DRILL_ONLY");
    char link[64], path[512];
    if (!flag || !only || access(flag, F_OK)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strncmp(path, only, strlen(only)) == 0;
}
int fdatasync(int file) { if (fails(file)) { errno = EIO; return -1; } return syscall(SYS_fdatasync, file); }
int fsync(int file) { if (fails(file)) { errno = EIO; return -1; } return syscall(SYS_fsync, file); }
"""


class FullDisk(Drill):
    """One node's disk is full while writes go to all, then has room again; it is started while it is full."""

    name = "full-disk"

    def run(self):
        result = Result("only the full node refuses, and it comes back by itself")
        with Cluster(self.program) as cluster:
            folder = cluster.data("B")
            os.makedirs(folder)
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={24 * MEBIBYTE}", "tmpfs", folder], capture_output=True)
            if done.returncode != 0:
                raise Skipped("no small file system can be mounted")
            try:
                self._run(cluster, folder, result)
            finally:
                for process in cluster.spawned:
                    if process.poll() is None:
                        process.kill()
                        process.wait()
                subprocess.run(["umount", folder], capture_output=True)
        return result

    def _run(self, cluster, folder, result):
        cluster.start_all()
        cluster.wait_until_healthy()
        filler = os.path.join(folder, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass
        writer = Writer(cluster, "ACD", count=self.writes * 5, prefix="full-", value="v" * 500).finish()
        result.expect(
            not writer.failed, f"{len(writer.failed)} writes to healthy nodes failed: {writer.failed[:2]}")
        for name in "ACD":
            status, body = cluster.ask(name, "GET", "/health")
            result.expect(status == 200, f"{name} is broken: {body[:100]!r}")
        cluster.end("B")
        cluster.start("B", wait=False)
        reason = cluster.wait_until_ready("B", 30, "/kv/full-0?r=1")
        result.expect(reason is None, f"B does not read with a full disk: {reason}")
        lines = cluster.said("B").count("\n")
        result.expect(lines < 2000, f"B has logged {lines} lines")
        os.remove(filler)
        cluster.wait_until_healthy()
        result.count(cluster, writer.acknowledged, "ABCD")


class PausedReplica(Drill):
    """One of four nodes is paused while writes go to the others."""

    name = "paused-replica"

    def run(self):
        result = Result("no healthy node refuses for the one that is silent")
        with Cluster(self.program) as cluster:
            cluster.start_all()
            cluster.wait_until_healthy()
            cluster.end("D", signal.SIGSTOP)
            writer = Writer(cluster, "ABC", count=self.writes * 10, threads=16).finish()
            cluster.end("D", signal.SIGCONT)
            # What was given to the silent node before it was taken for dead is of unknown outcome: 504.
            refused = [failure for failure in writer.failed if failure[2] != 504]
            result.expect(not refused, f"{len(refused)} of {self.writes * 10} writes were refused: {refused[:2]}")
            result.held += f" ({len(writer.failed)} of unknown outcome before it was taken for dead)"
            cluster.wait_until_healthy()
            result.count(cluster, writer.acknowledged, "ABCD")
        return result


class Conditions(Drill):
    """SETNX and If-None-Match by five clients at once, INCR by eight over all nodes."""

    name = "conditions"

    def run(self):
        result = Result("one wins, and every increment counts")
        rounds = self.writes // 4
        with Cluster(self.program, settings={"resp": {"conditional": "best-effort"}}) as cluster:
            cluster.start_all()
            cluster.wait_until_healthy()
            several = sum(
                self._winners(5, lambda client: cluster.command("A", "SETNX", f"nx-{number}", f"{client}") == ":1") != 1
                for number in range(rounds))
            result.expect(several == 0, f"SETNX: not one winner in {several} of {rounds} rounds")
            several = sum(self._winners(5, lambda client: cluster.ask(
                "ABCD"[client % 4], "PUT", f"/kv/match-{number}", f"{client}",
                {"Content-Type": "text/plain", "If-None-Match": "*"})[0] == 201) != 1 for number in range(rounds))
            result.expect(several == 0, f"If-None-Match: not one winner in {several} of {rounds} rounds")
            done = []
            each = max(rounds // 8, 5)

            def increment(client):
                for turn in range(each):
                    done.append(cluster.command("ABCD"[(client + turn) % 4], "INCR", "counter").startswith(":"))
                return True

            self._winners(8, increment)
            total = cluster.command("B", "GET", "counter")
            result.expect(
                all(done) and total == str(8 * each),
                f"INCR: {done.count(True)} of {8 * each} were acknowledged, the counter is {total}")
            result.acknowledged = done.count(True)
        return result

    def _winners(self, count, attempt):
        won = []
        threads = [
            threading.Thread(target=lambda client=client: won.append(bool(attempt(client)))) for client in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return won.count(True)


class Contexts(Drill):
    """Contexts that were edited, cut off or belong to another key."""

    name = "contexts"

    def run(self):
        result = Result("a context of another place is refused")
        with Cluster(self.program) as cluster:
            cluster.start_all()
            cluster.wait_until_healthy()
            text = {"Content-Type": "text/plain"}
            contexts = {}
            for key in ("one", "two"):
                cluster.ask("A", "PUT", f"/kv/{key}", f"v-{key}", text)
                _, body = cluster.ask("A", "PUT", f"/kv/{key}", f"v-{key}", text)
                contexts[key] = json.loads(body)["context"]
            whole = base64.b64decode(contexts["one"])
            wrong = [("of another key", contexts["two"]), ("cut off", base64.b64encode(whole[:-2]).decode())]
            for place in range(len(whole)):
                edited = bytearray(whole)
                edited[place] ^= 1
                wrong.append((f"with byte {place} edited", base64.b64encode(bytes(edited)).decode()))
            for what, context in wrong:
                status, _ = cluster.ask("B", "PUT", "/kv/one", "swallowed", {**text, "X-Stator-Context": context})
                result.expect(status == 400, f"a context {what} is answered with {status}")
            result.count(cluster, {"one": "v-one", "two": "v-two"}, "ABCD")
        return result


DRILLS = [
    LeaveWithOneCopy, SettingsChanged, Damage, Restore, Limits, FailedSync, FullDisk, PausedReplica, Conditions, Contexts,
]
