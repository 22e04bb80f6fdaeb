internal import StatorCore

/// Chooses keys as `keyChoice` says. The tables are shared by copies.
struct KeyChooser: Sendable {
    private enum Method: Sendable {
        case uniform
        case hot
        case zipfian(ZipfTable)
        case scrambled(ZipfTable, Scatter)
        case ycsb(YCSBScrambledZipfian)
        case latest(ZipfTable)
        case hotspot(hotKeys: Int, share: Double)
    }

    private let keys: Int
    private let method: Method

    init(_ settings: WorkloadSettings) {
        keys = settings.keys
        switch settings.keyChoice {
        case .uniform: method = .uniform
        case .hot: method = .hot
        case .zipfian: method = .zipfian(ZipfTable(count: keys, theta: settings.theta))
        case .scrambledZipfian:
            method = .scrambled(ZipfTable(count: keys, theta: settings.theta), Scatter(count: keys))
        case .ycsbCompat: method = .ycsb(YCSBScrambledZipfian(keys: keys))
        case .latest: method = .latest(ZipfTable(count: keys, theta: settings.theta))
        case .hotspot:
            // YCSB rounds down, and fails where that leaves no hot key.
            let hotKeys = max(1, Int(Double(keys) * settings.hotSetFraction))
            method = .hotspot(hotKeys: hotKeys, share: settings.hotOperationFraction)
        }
    }

    /// - Parameter inserted: how many keys there are beyond those of the start.
    /// - Returns: a number below `keys + inserted`.
    func choose(_ random: inout RandomGenerator, inserted: Int) -> Int {
        switch method {
        case .uniform: return random.below(keys + inserted)
        case .hot: return random.chance(0.9) ? 0 : random.below(keys)
        case .zipfian(let table): return table.draw(&random)
        case .scrambled(let table, let scatter): return scatter(table.draw(&random))
        case .ycsb(let generator): return generator.draw(&random)
        case .latest(let table): return keys + inserted - 1 - table.draw(&random, grown: inserted)
        case .hotspot(let hotKeys, let share):
            // A hot set of all keys leaves no cold ones.
            if random.chance(share) || hotKeys == keys { return random.below(hotKeys) }
            return hotKeys + random.below(keys - hotKeys)
        }
    }
}
