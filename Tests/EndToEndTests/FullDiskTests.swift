import Foundation
import Testing

extension EndToEnd {
    /// A node whose disk is full costs no write, and goes on by itself once there is room.
    @Suite(.enabled(if: SmallDisk.isUsable, "needs root to mount a small file system")) struct FullDisk {
        /// No engine compresses it away.
        private let value = (0..<1800).map { _ in UUID().uuidString }.joined()

        private func failedPuts(_ keys: [String], _ ports: [Int]) throws -> [String] {
            let value = value
            return try Lanes.run(keys, ports: ports) { key, client -> String? in
                let answer = try client.put(key, value)
                return answer.isStored ? nil : "\(key): \(answer)"
            }
        }

        @Test func writesGoOnAroundAFullDiskAndItCatchesUp() throws {
            try withCluster(starting: false) { cluster in
                let disk = try SmallDisk(at: cluster["A"].file.dataFolder, mebibytes: 6)
                defer { disk.end() }
                try cluster.startAndWait()
                let others = ["B", "C", "D"].map { cluster[$0].client.port }
                let keys = (0..<300).map { "key-\($0)" }
                var failed = try failedPuts(keys, others)
                #expect(
                    failed.isEmpty, "\(failed.count) of \(keys.count) failed at the others, as \(failed.first ?? "")")
                #expect(cluster["A"].log.contains("takes no records for now"), "the disk was to be full")
                // Also those that are given to it.
                let more = (0..<60).map { "more-\($0)" }
                failed = try failedPuts(more, [cluster["A"].client.port])
                #expect(failed.isEmpty, "\(failed.count) of \(more.count) failed there, as \(failed.first ?? "")")
                #expect(cluster["A"].log.split(separator: "\n").count < 200, "each failure has a line of its own")

                try disk.grow(toMebibytes: 128)
                try cluster.waitUntilHintsAreDelivered()
                try cluster.waitUntilConverged(keys + more, asking: cluster["B"])
                #expect(try cluster["A"].client.send("GET", "/health").status == 200)
            }
        }
    }
}
