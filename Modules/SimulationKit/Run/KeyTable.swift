internal import NIOCore
internal import Simulation
internal import StatorCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The keys of a workload, made once, and how they are chosen.
struct KeyTable {
    struct Entry {
        let name: String
        let key: Key
        let token: Token
    }

    let entries: [Entry]
    /// Of `zipfian`: how likely a key of this number or a lower one is.
    private var cumulative: [Double] = []
    private let choice: WorkloadSettings.KeyChoice

    init(_ workload: WorkloadSettings, cluster: SimulatedCluster) {
        entries = (0..<workload.keys).map { number in
            let name = "k\(number)"
            let key = Key(unchecked: .init(string: name))
            return Entry(name: name, key: key, token: cluster.token(of: key))
        }
        choice = workload.keyChoice
        guard choice == .zipfian else { return }
        var sum = 0.0
        for rank in 1...workload.keys {
            sum += pow(Double(rank), -workload.theta)
            cumulative.append(sum)
        }
    }

    /// O(log keys) for `zipfian`, otherwise O(1).
    func choose(_ random: inout RandomGenerator) -> Int {
        switch choice {
        case .uniform: return random.below(entries.count)
        case .hot: return random.chance(0.9) ? 0 : random.below(entries.count)
        case .zipfian:
            let drawn = random.fraction() * (cumulative.last ?? 1)
            var low = 0
            var high = cumulative.count - 1
            while low < high {
                let middle = (low + high) / 2
                if cumulative[middle] <= drawn { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
