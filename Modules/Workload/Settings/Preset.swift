package import StatorCore

extension WorkloadSettings {
    /// A known mix of operations.
    ///
    /// The core workloads of YCSB (Cooper et al., "Benchmarking cloud serving systems with YCSB", SoCC 2010, section
    /// 4), with four deviations. YCSB's update is a blind write, a `heldWrite` here; only F's read-modify-write is an
    /// `update`. Keys follow an exact Zipf's law over the keys there are, `scrambled-zipfian`, and not YCSB's
    /// approximation of one, for which say `"keyChoice": "ycsb-compat"`. E reads `batchKeys` consecutive keys instead
    /// of a scan, which a hashed store does not have. The number of keys and the sizes of values stay as they are.
    package enum Preset: String, CaseIterable, Sendable {
        case none
        /// Update heavy: half reads, half writes.
        case ycsbA = "ycsb-a"
        /// Read mostly: 95 reads, 5 writes.
        case ycsbB = "ycsb-b"
        /// Reads only.
        case ycsbC = "ycsb-c"
        /// Read latest: 95 reads of mostly new keys, 5 inserts.
        case ycsbD = "ycsb-d"
        /// Short ranges: 95 batches, 5 inserts.
        case ycsbE = "ycsb-e"
        /// Read-modify-write: half reads, half updates.
        case ycsbF = "ycsb-f"
        /// All clients write the same four keys, with the context that they read or asking for siblings: what makes
        /// versions concurrent.
        case conflict
        /// Deletes as often as writes, so that keys come and go: what shows lost tombstones.
        case deleteHeavy = "delete-heavy"
    }

    /// What a preset sets; `nil` stays as it is.
    private struct PresetMix {
        var reads = 0.0
        var updates = 0.0
        var heldWrites = 0.0
        var siblingWrites = 0.0
        var deletes = 0.0
        var inserts = 0.0
        var batches = 0.0
        var keyChoice: KeyChoice?
        var theta: Double?
        var keys: Int?

        var weights: [Double] { [reads, updates, heldWrites, siblingWrites, deletes, inserts, batches] }

        static func ycsb(_ mix: PresetMix, _ keyChoice: KeyChoice = .scrambledZipfian) -> PresetMix {
            var mix = mix
            mix.keyChoice = keyChoice
            mix.theta = 0.99
            return mix
        }
    }

    private static func mix(of preset: Preset) -> PresetMix? {
        switch preset {
        case .none: nil
        case .ycsbA: .ycsb(PresetMix(reads: 50, heldWrites: 50))
        case .ycsbB: .ycsb(PresetMix(reads: 95, heldWrites: 5))
        case .ycsbC: .ycsb(PresetMix(reads: 100))
        case .ycsbD: .ycsb(PresetMix(reads: 95, inserts: 5), .latest)
        case .ycsbE: .ycsb(PresetMix(inserts: 5, batches: 95))
        case .ycsbF: .ycsb(PresetMix(reads: 50, updates: 50))
        case .conflict: PresetMix(reads: 10, updates: 70, siblingWrites: 20, keyChoice: .uniform, keys: 4)
        case .deleteHeavy: PresetMix(reads: 30, updates: 15, heldWrites: 20, deletes: 35)
        }
    }

    /// These settings with what their preset sets. Applying it again changes nothing.
    ///
    /// - Parameter given: the JSON names of the fields that the user set. A weight among them is a problem, as the mix
    ///   would no longer be the preset's; `keyChoice`, `theta` and `keys` among them stay as given.
    package func applyingPreset(given: Set<String>) -> (settings: WorkloadSettings, problems: [SettingProblem]) {
        guard let mix = Self.mix(of: preset) else { return (self, []) }
        var applied = self
        for (field, weight) in zip(Self.weightFields, mix.weights) { applied[keyPath: field.path] = weight }
        if let keyChoice = mix.keyChoice, !given.contains("keyChoice") { applied.keyChoice = keyChoice }
        if let theta = mix.theta, !given.contains("theta") { applied.theta = theta }
        if let keys = mix.keys, !given.contains("keys") { applied.keys = keys }
        let problems = Self.weightFields.filter { given.contains($0.name) }.map { field in
            SettingProblem(field: field.name, message: "is set by the preset \(preset.rawValue)")
        }
        return (applied, problems)
    }
}
