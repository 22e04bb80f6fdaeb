import Foundation
import Testing

extension EndToEnd {
    /// A replica that is slow costs nobody a request.
    @Suite struct SlowReplica {
        @Test func aStoppedReplicaWithOpenConnectionsOverloadsNobody() throws {
            try withCluster(["A", "B", "C"], settings: ["replication.maximumRequestsInFlight": 64]) { cluster in
                cluster["C"].process?.signal(SIGSTOP)
                defer { cluster["C"].process?.signal(SIGCONT) }
                let ports = [cluster["A"].client.port, cluster["B"].client.port]
                let failed = try Lanes.run(Array(0..<2000), ports: ports) { number, client -> String? in
                    let answer = try client.put("key-\(number)", "\(number)")
                    return answer.isStored ? nil : "\(number): \(answer)"
                }
                #expect(failed.isEmpty, "\(failed.count) failed, as \(failed.first ?? "")")
            }
        }
    }
}
