/// What the two drivers may define. Whatever decides what is stored, grouped, synced, acknowledged, sent again or dropped
/// is in the node core, which both run; a driver keeps threads, sockets and files, or virtual time and chance.
///
/// A new type in a driver has to be named here: that is the moment to ask whether the other driver would need it too.
enum DriverRules {
    /// Threads, sockets, files and their counters; time, chance, disks, networks and what looks on.
    static let allowed: [String: [String]] = [
        "NIORuntime": [
            "ClientReply", "Courier", "LinkFaults", "Locked", "MembershipDriver", "NodeEvents",
            "NodeRuntime", "POSIXDisk", "POSIXFile", "POSIXLock", "PeerConnection", "PeerListener",
            "PeerSet", "Reception", "ReceptionHandler", "RepeatedLines", "ReplyTable", "RuntimeCounters",
            "RuntimeLimits",
            "ShardDriver", "ShardStore", "SystemClock", "WeakPeerSet", "WireShards",
        ],
        "Simulation": [
            "Carriage", "Chance", "ConnectionStep", "ConnectionTable", "DiskCall", "DiskCounters",
            "DiskFaultCounters", "DiskFaults", "DiskTime", "EntryChange", "EventQueue", "FileContent",
            "Inode", "LatencyDistribution", "LatencySampler", "LatencyShare", "LinkClass", "LinkSettings",
            "LinkState", "MessageFate", "MessagePurpose", "NetworkCounters", "NetworkLimits",
            "NetworkSettings", "NetworkTransport", "PartitionShape", "PortableMath", "RottenBit",
            "SimulatedClock", "SimulatedCluster", "SimulatedConnection", "SimulatedDisk", "SimulatedEvent",
            "SimulatedFile", "SimulatedLinks", "SimulatedLock", "SimulatedNetwork", "SimulatedNode",
            "SimulatedShard", "SimulatedStoreThreads", "SimulatedStream", "SimulatedTraffic",
            "SimulationObserver", "StorageWriteNotice", "TimerPlace", "TraceStep", "Transmission",
            "UnsyncedChange", "UnsyncedFate",
        ],
    ]

    private static let declaration = Pattern(
        #"^(?:(?:public|package|internal|private|fileprivate|final|indirect)\s+)*(?:struct|class|enum|actor|protocol)\s+(\w+)"#
    )

    /// Types at the top level of a file that its driver's list does not name, and names that no file has.
    static func violations(_ files: [SourceFile], of driver: String, allowed: [String]) -> [Violation] {
        var violations: [Violation] = []
        var found: Set<String> = []
        for file in files {
            for (index, line) in file.code.enumerated() {
                guard let name = declaration.matches(in: line).first?[1] else { continue }
                found.insert(name)
                if !allowed.contains(name) {
                    violations.append(
                        file.violation(index, "\(driver) may not define \(name): NodeCore, or this list, is its place"))
                }
            }
        }
        for name in allowed where !found.contains(name) {
            violations.append(Violation(path: "Modules/\(driver)", line: 0, message: "\(name) is gone: unlist it"))
        }
        return violations
    }
}
