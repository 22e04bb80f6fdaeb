import StatorCore
import Testing

@testable import Workload

@Test func fieldsNamesAndDefaultsFromBeforeAreTheSame() {
    let defaults: [(String, SettingValue)] = [
        ("clients", .integer(8)), ("operationsPerSecond", .number(50)), ("keys", .integer(20)),
        ("keyChoice", .text("uniform")), ("theta", .number(0.99)), ("valueBytes", .integer(64)),
        ("reads", .number(40)), ("updates", .number(35)), ("heldWrites", .number(10)), ("siblingWrites", .number(5)),
        ("deletes", .number(10)), ("sticky", .boolean(false)),
    ]
    for (name, value) in defaults {
        let field = WorkloadSettings.fields.first { $0.name == name }
        #expect(field?.get(WorkloadSettings()) == value, "\(name)")
    }
    #expect(Set(WorkloadSettings.fields.map(\.name)).count == WorkloadSettings.fields.count)
    #expect(WorkloadSettings().problems() == [])
}

@Test func everyFieldIsSetByItsName() {
    for field in WorkloadSettings.fields {
        var changed = WorkloadSettings()
        let value: SettingValue =
            switch field.type {
            case .integer(let range): .integer(range.upperBound)
            case .number(let range): .number(range.upperBound)
            case .boolean: .boolean(true)
            case .choice(let choices): .text(choices[choices.count - 1])
            case .text: .text("x")
            }
        field.set(&changed, value)
        #expect(field.get(changed) == value, "\(field.name)")
        #expect(changed != WorkloadSettings(), "\(field.name)")
    }
}

@Test func choicesAreSpelledAsDocumented() {
    typealias Settings = WorkloadSettings
    #expect(
        Settings.KeyChoice.allCases.map(\.rawValue) == [
            "uniform", "zipfian", "hot", "scrambled-zipfian", "ycsb-compat", "latest", "hotspot",
        ])
    #expect(Settings.Loop.allCases.map(\.rawValue) == ["closed", "open"])
    #expect(Settings.ArrivalProcess.allCases.map(\.rawValue) == ["poisson", "fixed"])
    #expect(Settings.ValueSizes.allCases.map(\.rawValue) == ["constant", "uniform", "log-normal", "zipfian"])
    #expect(
        Settings.Preset.allCases.map(\.rawValue) == [
            "none", "ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-e", "ycsb-f", "conflict", "delete-heavy",
        ])
}

@Test func thinkingMakesTheRateAndCountsReadsBeforeWrites() {
    // 8 clients, 50 a second, 145 operations in 100 steps: 232 ms, as before this module.
    #expect(abs(WorkloadSettings().thinkNanoseconds - 232e6) < 1)
    let batched = settings {
        $0.inserts = 50
        $0.batches = 50
    }
    #expect(abs(batched.thinkNanoseconds - 8 * 245.0 / 200 / 50 * 1e9) < 1)
    #expect(settings { $0.operationsPerSecond = 0 }.thinkNanoseconds == 0)
}

private func problems(_ change: (inout WorkloadSettings) -> Void) -> [String] {
    settings(change).problems().map(\.field)
}

private func clearWeights(_ settings: inout WorkloadSettings) {
    for (_, path) in WorkloadSettings.weightFields { settings[keyPath: path] = 0 }
}

@Test func impossibleCombinationsAreRefused() {
    #expect(problems(clearWeights) == ["reads"])
    #expect(problems { $0.operationsPerSecond = 0.0001 } == ["operationsPerSecond"])
    #expect(problems { ($0.loop, $0.operationsPerSecond) = (.open, 0) } == ["operationsPerSecond"])
    #expect(problems { $0.arrivals = .fixed } == ["arrivals"])
    #expect(problems { ($0.batches, $0.batchKeys) = (1, 21) } == ["batchKeys"])
    #expect(problems { ($0.keyChoice, $0.theta) = (.ycsbCompat, 1) } == ["theta"])
    #expect(problems { ($0.valueSizes, $0.valueMinimum) = (.uniform, ByteCount(65)) } == ["valueMinimumBytes"])
    #expect(problems { $0.traceSpeed = 2 } == ["traceSpeed"])
    #expect(problems { ($0.trace, $0.preset) = ("a.csv", .ycsbA) } == ["preset"])
    #expect(problems { ($0.preset, $0.keys) = (.ycsbE, 9) } == ["batchKeys"])
}

@Test func possibleCombinationsAreNot() {
    #expect(problems { $0.operationsPerSecond = 0 } == [])
    #expect(problems { ($0.loop, $0.arrivals) = (.open, .fixed) } == [])
    #expect(problems { ($0.batches, $0.batchKeys) = (1, 20) } == [])
    #expect(problems { $0.valueMinimum = ByteCount(65) } == [])
    #expect(problems { ($0.batchKeys, $0.keys) = (21, 20) } == [])
    #expect(problems { ($0.loop, $0.operationsPerSecond, $0.trace, $0.traceSpeed) = (.open, 0, "a.csv", 2) } == [])
    #expect(
        problems {
            clearWeights(&$0)
            $0.preset = .ycsbC
        } == [])
    #expect(
        problems {
            clearWeights(&$0)
            $0.inserts = 1
        } == [])
}

// MARK: Presets

private typealias Choice = WorkloadSettings.KeyChoice

/// Reads, updates, held writes, sibling writes, deletes, inserts, batches.
private let mixes: [(WorkloadSettings.Preset, [Double], Choice, keys: Int)] = [
    (.none, [40, 35, 10, 5, 10, 0, 0], .uniform, 20),
    // YCSB's workloads/workloada ... workloadf.
    (.ycsbA, [50, 0, 50, 0, 0, 0, 0], .scrambledZipfian, 20),
    (.ycsbB, [95, 0, 5, 0, 0, 0, 0], .scrambledZipfian, 20),
    (.ycsbC, [100, 0, 0, 0, 0, 0, 0], .scrambledZipfian, 20),
    (.ycsbD, [95, 0, 0, 0, 0, 5, 0], .latest, 20),
    (.ycsbE, [0, 0, 0, 0, 0, 5, 95], .scrambledZipfian, 20),
    (.ycsbF, [50, 50, 0, 0, 0, 0, 0], .scrambledZipfian, 20),
    (.conflict, [10, 70, 0, 20, 0, 0, 0], .uniform, 4),
    (.deleteHeavy, [30, 15, 20, 0, 35, 0, 0], .uniform, 20),
]

@Test func presetsSetTheirMixes() {
    #expect(mixes.map(\.0) == WorkloadSettings.Preset.allCases)
    for (preset, weights, choice, keys) in mixes {
        let (applied, problems) = settings {
            $0.preset = preset
            $0.theta = preset == .none ? 0.99 : 0.5
        }.applyingPreset(given: [])
        #expect(problems == [])
        #expect(applied.weights == weights, "\(preset)")
        #expect(applied.keyChoice == choice, "\(preset)")
        #expect(applied.keys == keys, "\(preset)")
        if preset.rawValue.hasPrefix("ycsb") { #expect(applied.theta == 0.99) }
        #expect(applied.applyingPreset(given: []).settings == applied)
        #expect(applied.problems() == [])
    }
}

@Test func aWeightBesidesAPresetIsAProblem() {
    let (_, problems) = settings {
        $0.preset = .ycsbA
        $0.reads = 1
    }.applyingPreset(given: ["reads", "batches", "clients"])
    #expect(
        problems == [
            SettingProblem(field: "reads", message: "is set by the preset ycsb-a"),
            SettingProblem(field: "batches", message: "is set by the preset ycsb-a"),
        ])
    #expect(settings { $0.reads = 1 }.applyingPreset(given: ["reads"]).problems == [])
}

@Test func howKeysAreChosenOverridesAPreset() {
    let given = settings {
        $0.preset = .ycsbD
        $0.keyChoice = .hotspot
        $0.theta = 0.7
    }
    let kept = given.applyingPreset(given: ["keyChoice", "theta"]).settings
    #expect(kept.keyChoice == .hotspot && kept.theta == 0.7 && kept.inserts == 5)
    #expect(given.applyingPreset(given: ["theta"]).settings.keyChoice == .latest)
    let conflict = settings {
        $0.preset = .conflict
        $0.keys = 7
    }
    #expect(conflict.applyingPreset(given: ["keys"]).settings.keys == 7)
}
