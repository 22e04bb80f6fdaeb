import Processes
import Testing

extension EndToEnd {
    /// `statorctl` against a running cluster.
    @Suite struct ControlTool {
        @Test func exitStatusesAndOutputsAreThoseDocumented() throws {
            let control = try Binaries.control()
            try withCluster(["A", "B", "C"]) { cluster in
                let urls = cluster.nodes.map { "http://127.0.0.1:\($0.client.port)" }.joined(separator: ",")
                func run(_ arguments: String...) throws -> ChildProcess.Finished {
                    try ChildProcess.run([control] + arguments + ["--node", urls])
                }
                let put = try run("put", "greeting", "hello")
                #expect(put.status == 0, "\(put.errors)")
                let get = try run("get", "greeting")
                #expect(get.status == 0)
                #expect(get.output.hasPrefix("hello"))
                #expect(try run("put", "person", #"{"name":"Ada"}"#, "--json-value").status == 0)
                let json = try run("get", "person", "--json")
                #expect(try JSON(Array(json.output.utf8))["value"]["name"].text == "Ada")

                let explain = try run("explain", "greeting")
                #expect(explain.status == 0)
                for node in cluster.nodes { #expect(explain.output.contains(node.name)) }
                let status = try run("status")
                #expect(status.status == 0, "\(status.output)\(status.errors)")
                #expect(status.output.contains("healthy") && !status.output.contains("\u{1B}"))

                let missing = try run("get", "never-written")
                #expect(missing.status == 2)
                #expect(missing.output.isEmpty && !missing.errors.isEmpty)
                #expect(try run("delete", "greeting").status == 0)
                #expect(try run("get", "greeting").status == 2)
                #expect(try run("put", "one").status == 64)
                #expect(try run("frobnicate").status == 64)
                #expect(try run("get", "person", "-r", "9").status == 1)

                try cluster["C"].kill()
                try eventually("A to notice that C is gone") {
                    try cluster["A"].stats()["transport"]["links_up"].int == 1
                }
                let unmet = try run("put", "person", "other", "-w", "all")
                #expect(unmet.status == 3, "\(unmet.errors)")
                #expect(try run("get", "person").status == 0, "two of three are a quorum")
                let unhealthy = try run("status")
                #expect(unhealthy.status == 1, "\(unhealthy.output)")

                let nobody = "http://127.0.0.1:\(try FreePorts.take())"
                #expect(try ChildProcess.run([control, "get", "person", "--node", nobody]).status == 4)
            }
        }
    }
}
