import Foundation
import Processes
import Testing

extension EndToEnd {
    /// `statorctl cluster`: nodes that a supervisor runs, breaks and mends.
    @Suite struct ClusterTool {
        private func withSupervisor(nodes: Int, _ more: [String] = [], _ body: (LocalSupervisor) throws -> Void) throws
        {
            let supervisor = try LocalSupervisor()
            defer { supervisor.end() }
            try supervisor.up(nodes: nodes, more)
            try body(supervisor)
        }

        private func isAlive(_ pid: Int) -> Bool { kill(pid_t(pid), 0) == 0 }

        @Test func nodesAreKilledPausedCutSlowedWipedAndMended() throws {
            try withSupervisor(nodes: 4) { cluster in
                try cluster.waitUntilAllServe()
                let a = try cluster.client("A")
                for number in 0..<40 { #expect(try a.put("before-\(number)", "value").status == 201) }

                // Killed: the others take over, and hand over when it is back.
                try cluster.done("kill", "C")
                #expect(try cluster.node("C")["state"].text == "stopped")
                #expect(try cluster.run(["status"]).status == 1)
                #expect(try cluster.run(["kill", "C"]).status == 1, "it is dead already")
                for number in 0..<40 { #expect(try a.put("meanwhile-\(number)", "value").isStored) }
                try eventually("A to take C for dead") {
                    try cluster.node("A")["sample"]["members"].elements
                        .contains { $0["node"].text == "C" && $0["liveness"].text == "dead" }
                }
                try eventually("hints for C") {
                    try cluster.state["nodes"].elements.contains { ($0["sample"]["hints"]["pending"].int ?? 0) > 0 }
                }
                try cluster.done("start")
                try cluster.waitUntilAllServe()
                try eventually("hints to be handed over") {
                    try cluster.state["nodes"].elements.allSatisfy { $0["sample"]["hints"]["pending"].int == 0 }
                }

                // Paused: no answer, and then all goes on.
                try cluster.done("pause", "D")
                #expect(try cluster.node("D")["state"].text == "paused")
                #expect(try a.put("while-paused", "value").isStored)
                try cluster.done("resume", "D")
                try cluster.waitUntilAllServe()

                // Cut in two: each side goes on with what it can have, and both meet again.
                try cluster.done("partition", "A,B|C,D")
                #expect(try cluster.node("A")["cut"].elements.compactMap(\.text) == ["C", "D"])
                try eventually("A to miss C and D") {
                    try cluster.node("A")["sample"]["members"].elements.filter { $0["liveness"].text != "alive" }.count
                        == 2
                }
                try eventually("status to tell that neither side is a majority") {
                    let said = try cluster.run(["status"])
                    return said.status == 1 && said.output.contains("A and B reach 2 of 4 members")
                        && said.output.contains("C and D reach 2 of 4 members")
                }
                #expect(try a.put("left", "value", query: "w=one").isStored)
                #expect(try cluster.client("D").put("right", "value", query: "w=one").isStored)
                try cluster.done("heal")
                try eventually("both sides to meet again", within: 60) {
                    try cluster.client("D").get("left", query: "r=all").status == 200
                        && a.get("right", query: "r=all").status == 200
                }

                // Slow: late, and not lost.
                try cluster.done("slow", "B", "50ms")
                #expect(try cluster.node("B")["delay_ms"].int == 50)
                #expect(try a.put("slow", "value", query: "w=all").isStored)
                // Who is started again is slow as before.
                try cluster.done("kill", "B")
                try cluster.done("start", "B")
                try eventually("B to be slow again") {
                    try cluster.node("B")["sample"]["faults"]["delay_ms"].int == 50
                }
                try cluster.done("slow", "B", "0ms")

                // Wiped: what it owned comes back.
                let keys = try cluster.node("C")["sample"]["keys"]["live"].int ?? 0
                #expect(keys > 0)
                try cluster.done("wipe", "C")
                try eventually("C to have its keys again", within: 60) {
                    (try cluster.node("C")["sample"]["keys"]["live"].int ?? 0) >= keys
                }
                for number in 0..<40 { #expect(try a.get("before-\(number)", query: "r=all").status == 200) }
                try tellsTheStory(cluster)
            }
        }

        private func tellsTheStory(_ cluster: LocalSupervisor) throws {
            let told = try cluster.state["events"].elements.compactMap { $0["text"].text }
            for part in ["C was killed", "started C", "D is paused", "the network is cut: A,B | C,D", "whole again"] {
                #expect(told.contains { $0.contains(part) }, "\(told)")
            }
            let url = try cluster.node("A")["url"].text ?? ""
            let events = try ChildProcess.run([try Binaries.control(), "events", "--limit", "500", "--node", url])
            #expect(events.status == 0)
            for part in ["takes C for dead", "hears C again", "is cut off from C, D", "has whole links again"] {
                #expect(events.output.contains(part), "\(events.output)")
            }
        }

        /// With the configurations that the repository ships, on other ports.
        @Test func aNodeIsAddedAndAnotherRemoved() throws {
            let shipped = try ShippedFiles(try PortMap.moved())
            let cluster = try LocalSupervisor(shipped)
            defer { cluster.end() }
            try cluster.up()
            try cluster.waitUntilAllServe()
            let a = try cluster.client("A")
            for number in 0..<60 { #expect(try a.put("key-\(number)", "value").status == 201) }
            try cluster.done("add")
            try expectOwnAddresses(of: "E", in: shipped)
            try eventually("E to be a member", within: 60) {
                try cluster.node("E")["sample"]["members"].elements.first { $0["node"].text == "E" }?["status"].text
                    == "active"
            }
            try cluster.done("remove", "B")
            try eventually("B to be gone", within: 60) {
                try cluster.state["nodes"].elements.compactMap { $0["node"].text } == ["A", "C", "D", "E"]
            }
            try cluster.waitUntilAllServe()
            for number in 0..<60 { #expect(try a.get("key-\(number)", query: "r=all").status == 200) }
            // The next `up` goes on with those that the cluster has now.
            try cluster.done("down")
            try cluster.up()
            #expect(try cluster.state["nodes"].elements.compactMap { $0["node"].text } == ["A", "C", "D", "E"])
            try cluster.waitUntilAllServe()
            for number in 0..<60 {
                #expect(try cluster.client("E").get("key-\(number)", query: "r=all").status == 200)
            }
            #expect(try cluster.run(["add", "../evil"]).status == 64)
            #expect(try cluster.run(["add", "A"]).status == 1)
            let gone = try cluster.run(["add", "B"])
            #expect(gone.status == 1 && gone.errors.contains("name"), "\(gone.errors)")
        }

        /// Each behind the last of its kind, and served.
        private func expectOwnAddresses(of name: String, in shipped: ShippedFiles) throws {
            let file = try JSON(Array(try shipped.text("run/config/\(name).json").utf8))["node"]
            for (kind, port) in [("peer", 7004), ("http", 5004), ("resp", 6404)] {
                #expect(file[kind].text == "127.0.0.1:\(shipped.ports[port])")
                #expect(!FreePorts.isFree(shipped.ports[port]), "\(kind) of \(name)")
            }
        }

        @Test func twoOfItAtOnceAndAnEndThatLeavesNothing() throws {
            try withSupervisor(nodes: 3) { cluster in
                let pids = try cluster.state["nodes"].elements.compactMap { $0["pid"].int }
                #expect(pids.count == 3 && pids.allSatisfy(isAlive))
                try cluster.done("kill", "B")
                // A second `up` starts what is down and leaves the rest alone.
                try cluster.up(nodes: 3)
                let again = try cluster.state["nodes"].elements.compactMap { $0["pid"].int }
                #expect(again[0] == pids[0] && again[1] != pids[1] && again[2] == pids[2])
                try cluster.done("down")
                try eventually("all processes to be gone") { !again.contains(where: isAlive) }
                let nobody = try cluster.run(["status"])
                #expect(nobody.status == 1 && nobody.errors.contains("statorctl cluster up"))
            }
        }

        @Test func interruptsAndKillsOfTheSupervisorEndTheNodes() throws {
            for signal in [SIGINT, SIGHUP, SIGKILL] {
                let cluster = try LocalSupervisor()
                defer { cluster.end() }
                let log = "\(cluster.folder.path)/foreground.log"
                let foreground = try ChildProcess(
                    "statorctl cluster up",
                    [try Binaries.control(), "cluster"] + LocalSupervisor.upArguments
                        + ["--nodes", "3", "--folder", cluster.folder.path], log: log, folder: cluster.folder.path)
                try eventually("the cluster to serve", within: 60) {
                    try cluster.state["nodes"].elements.count == 3
                }
                let pids = try cluster.state["nodes"].elements.compactMap { $0["pid"].int }
                // Of no meaning, and so no end.
                foreground.signal(SIGUSR1)
                #expect(try cluster.state["nodes"].elements.count == 3)
                foreground.signal(signal)
                let status = try foreground.waitForEnd(within: 60)
                #expect(status == (signal == SIGKILL ? -SIGKILL : 0))
                try eventually("all nodes to be gone") { !pids.contains(where: isAlive) }
                if signal != SIGKILL {
                    let ownLog = try String(contentsOfFile: "\(cluster.folder.path)/logs/A.log", encoding: .utf8)
                    #expect(ownLog.contains("stopped"), "\(ownLog)")
                }
                let said = try String(contentsOfFile: log, encoding: .utf8)
                #expect(said.contains("Dashboard: http://127.0.0.1:"))
            }
        }

        @Test func whatIsWrongIsSaidBeforeAnythingStarts() throws {
            let cluster = try LocalSupervisor()
            defer { cluster.end() }
            func up(_ arguments: String...) throws -> ChildProcess.Finished {
                try cluster.run(LocalSupervisor.upArguments + arguments)
            }
            let wrong = try up("--nodes", "3", "--set", "replication.w=9", "--set", "replication.x=1")
            #expect(wrong.status == 78)
            #expect(wrong.errors.contains("replication.w") && wrong.errors.contains("replication.x"), "\(wrong.errors)")
            #expect(try up("--nodes", "99").status == 64)
            #expect(try up("--nodes", "3", "--config", "a.json").status == 64)
            #expect(try up("--config", "no-such-file.json").status == 78)
            #expect(try up("--nodes", "3", "--program", "/no/such/program").status == 1)

            // A port that another process has.
            let taken = try FreePorts.take()
            let listener = try ChildProcess(
                "listener", ["/usr/bin/env", "python3", "-c", Self.listening(on: taken)],
                log: "\(cluster.folder.path)/listener.log", folder: cluster.folder.path)
            defer { listener.end() }
            try eventually("the listener") { !FreePorts.isFree(taken) }
            let busy = try cluster.run([
                "up", "--nodes", "3", "--http-port", "\(taken)", "--peer-port", "0", "--dashboard", "0",
            ])
            #expect(busy.status == 1)
            #expect(busy.errors.contains("127.0.0.1:\(taken)") && busy.errors.contains("in use"), "\(busy.errors)")
            #expect(try cluster.run(["status"]).status == 1, "nothing runs")
        }

        private static func listening(on port: Int) -> String {
            "import socket, time; s = socket.create_server(('127.0.0.1', \(port))); time.sleep(120)"
        }

        @Test func pagesOfOtherSitesAndUnknownThingsAreRefused() throws {
            try withSupervisor(nodes: 3, ["--no-faults"]) { cluster in
                let port = try #require(Int(cluster.dashboard.split(separator: ":").last ?? ""))
                let client = HTTPClient(port: port)
                let json = ["Content-Type": "application/json"]
                #expect(try client.send("GET", "/").status == 200)
                #expect(try client.send("GET", "/dashboard/members.js").status == 200)
                #expect(try client.send("GET", "/nodes/A/ring").status == 200)
                #expect(try client.send("GET", "/nodes/A/admin/leave").status == 404)
                #expect(try client.send("GET", "/nodes/Z/ring").status == 404)
                let foreign = ["Origin": "http://evil.example"]
                #expect(try client.send("POST", "/cluster/down", headers: foreign, body: []).status == 403)
                #expect(try client.send("POST", "/cluster/frobnicate", headers: json, body: []).status == 400)
                #expect(try client.send("POST", "/cluster/kill", headers: json, body: Array("{".utf8)).status == 400)
                // Without faults nobody kills, and nodes refuse them, too.
                #expect(try cluster.run(["kill", "A"]).status == 1)
                #expect(try cluster.client("A").send("POST", "/admin/faults?cut=B", body: []).status == 409)
            }
        }
    }
}
