package import StatorCore

/// Draws the steps of a workload. Built once; copies share its tables, so that each client or thread may have one.
///
/// The keys are numbered: 0 ..< `keys` are there at the start, those inserted follow. `uniform` and `latest` choose
/// among all of them; the other choices among those of the start, whose popularity is fixed.
///
/// A step draws its key first (one number, for `hot` and `hotspot` two, by rejection seldom more), then its kind (one
/// fraction), then the size of its value, and that only unless sizes are constant: what a seed chose before there were
/// sizes, inserts and batches it still chooses. O(log keys) a step.
///
/// Memory: 8 bytes a key for `zipfian`, `scrambled-zipfian` and `latest` (80 MB and about half a second for ten million
/// keys), else none; 8 bytes a size for sizes by `zipfian`, at most 8 MB.
package struct WorkloadPlan: Sendable {
    /// What the plan was built from.
    package let settings: WorkloadSettings
    private let chooser: KeyChooser
    private let sizes: ValueSizeSampler
    /// The cumulated weights by kind.
    private let mix: [Double]

    /// - Parameter settings: with their preset applied already: ``WorkloadSettings/applyingPreset(given:)``.
    /// - Precondition: they have no ``WorkloadSettings/problems()`` and no field out of its range.
    package init(_ settings: WorkloadSettings) {
        self.settings = settings
        chooser = KeyChooser(settings)
        sizes = ValueSizeSampler(settings)
        var sum = 0.0
        mix = settings.weights.map { weight in
            sum += weight
            return sum
        }
    }

    /// - Parameters:
    ///   - random: the client's.
    ///   - inserted: how many keys beyond those of the start there are by now, at least 0.
    package func next(_ random: inout RandomGenerator, inserted: Int) -> WorkloadStep {
        precondition(inserted >= 0, "keys are only added")
        let key = chooser.choose(&random, inserted: inserted)
        let drawn = random.fraction() * (mix.last ?? 0)
        let kind = mix.firstIndex { drawn < $0 }.flatMap { WorkloadStep.Kind(rawValue: $0) } ?? .read
        let bytes = sizes.draw(&random)
        return WorkloadStep(kind: kind, key: kind == .insert ? settings.keys + inserted : key, valueBytes: bytes)
    }

    /// The numbers of the keys that a batch reads: `batchKeys` consecutive ones, after the last key the first again.
    ///
    /// - Parameter key: the step's.
    package func batch(from key: Int, inserted: Int) -> [Int] {
        let count = settings.keys + inserted
        precondition((0..<count).contains(key), "a key that is there")
        return (0..<min(settings.batchKeys, count)).map { (key + $0) % count }
    }
}
