internal import NIOCore
internal import Simulation
internal import StatorCore
internal import Workload

/// The keys of a workload by number, each made once; inserted ones are added behind.
struct KeyTable {
    struct Entry {
        let name: String
        let key: Key
        let token: Token
    }

    private(set) var entries: [Entry] = []
    /// How many there are before any is inserted.
    let loaded: Int
    private let name: (Int) -> String

    /// - Parameters:
    ///   - trace: whose keys they are, where the workload replays one.
    ///   - name: of a key by its number, where it does not.
    init(_ workload: WorkloadSettings, trace: Trace?, cluster: SimulatedCluster, name: @escaping (Int) -> String) {
        self.name = name
        loaded = trace?.keys.count ?? workload.keys
        entries.reserveCapacity(loaded)
        for number in 0..<loaded { add(trace?.keys[number] ?? name(number), cluster) }
    }

    /// How many keys were inserted since.
    var inserted: Int { entries.count - loaded }

    /// - Returns: the new key's number.
    mutating func insert(_ cluster: SimulatedCluster) -> Int {
        add(name(entries.count), cluster)
        return entries.count - 1
    }

    private mutating func add(_ name: String, _ cluster: SimulatedCluster) {
        let key = Key(unchecked: .init(string: name))
        entries.append(Entry(name: name, key: key, token: cluster.token(of: key)))
    }
}
