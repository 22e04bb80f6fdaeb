package import StatorCore

extension WorkloadSettings {
    /// The largest value in bytes, the default limit of the store.
    package static let maximumValueBytes = 1 << 20

    package static var fields: [SettingField<WorkloadSettings>] {
        pace + keyFields + valueFields + stepFields
    }

    private static var pace: [SettingField<WorkloadSettings>] {
        [
            .choice(
                "preset", \.preset,
                "a known mix: sets the weights, and how keys are chosen where nothing else is said"),
            .integer("clients", \.clients, 1...10_000, "sessions"),
            .choice("loop", \.loop, "whether an operation waits for the answer before it, or comes when it is due"),
            .number(
                "operationsPerSecond", \.operationsPerSecond, 0...1_000_000,
                "of all clients together, about; 0 in a closed loop: as fast as answered"),
            .choice("arrivals", \.arrivals, "how the operations of an open loop are spread over time"),
        ]
    }

    private static var keyFields: [SettingField<WorkloadSettings>] {
        [
            .integer("keys", \.keys, 1...10_000_000, "distinct keys at the start"),
            .choice("keyChoice", \.keyChoice, "how keys are chosen"),
            .number("theta", \.theta, 0...4, "the exponent of `zipfian`, `scrambled-zipfian` and `latest`"),
            .number("hotSetFraction", \.hotSetFraction, 0...1, "the share of the keys that `hotspot` prefers"),
            .number(
                "hotOperationFraction", \.hotOperationFraction, 0...1, "the share of operations that those keys get"),
        ]
    }

    private static var valueFields: [SettingField<WorkloadSettings>] {
        let sizes = 16...maximumValueBytes
        return [
            .choice("valueSizes", \.valueSizes, "how the sizes of values are distributed"),
            .bytes("valueBytes", \.value, sizes, "the size of a value; the largest, or the median if `log-normal`"),
            .bytes("valueMinimumBytes", \.valueMinimum, sizes, "the smallest size, unless all are alike"),
            .number("valueSigma", \.valueSigma, 0...4, "the standard deviation of a `log-normal` size's logarithm"),
        ]
    }

    private static var stepFields: [SettingField<WorkloadSettings>] {
        [
            .number("reads", \.reads, 0...1000, "the weight of plain reads"),
            .number("updates", \.updates, 0...1000, "the weight of writes that read first and present the context"),
            .number("heldWrites", \.heldWrites, 0...1000, "the weight of writes without context"),
            .number("siblingWrites", \.siblingWrites, 0...1000, "the weight of writes that ask for a sibling"),
            .number("deletes", \.deletes, 0...1000, "the weight of deletes that read first and present the context"),
            .number("inserts", \.inserts, 0...1000, "the weight of writes of keys that are new"),
            .number("batches", \.batches, 0...1000, "the weight of reads of several consecutive keys"),
            .integer("batchKeys", \.batchKeys, 1...1000, "how many keys a batch reads"),
            .boolean("sticky", \.isSticky, "whether a client stays with its node while that answers"),
            .text("trace", \.trace, maximumLength: 4096, "the path of a CSV of operations to replay; empty for none"),
            .number("traceSpeed", \.traceSpeed, 0.001...1000, "how fast a trace's times pass; 1 as recorded"),
        ]
    }
}
