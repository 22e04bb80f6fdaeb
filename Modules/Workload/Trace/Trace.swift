/// Operations recorded elsewhere, to be done again.
package struct Trace: Sendable {
    /// At least one, in the order of the file.
    package let entries: [TraceEntry]
    /// The texts of the keys, by their numbers: in the order in which they first appear.
    package let keys: [String]
    /// Whether each entry says when it was; else none does.
    package let hasTimes: Bool
    /// Whether each entry says how large its value was; else none does.
    package let hasValueSizes: Bool

    /// The time of the last entry, in nanoseconds from the start; 0 where there are no times.
    package var nanoseconds: Int64 { entries.last?.nanoseconds ?? 0 }
}

/// One operation of a trace. 24 bytes.
package struct TraceEntry: Hashable, Sendable {
    /// A `read`, `heldWrite`, `delete` or `insert`.
    package let kind: WorkloadStep.Kind
    private let keyNumber: Int32
    private let size: Int32
    private let time: Int64

    /// The key's number: its place in ``Trace/keys``.
    package var key: Int { Int(keyNumber) }
    /// The size of the value in bytes, where the trace tells.
    package var valueBytes: Int? { size < 0 ? nil : Int(size) }
    /// When it was, in nanoseconds from the start, where the trace tells.
    package var nanoseconds: Int64? { time < 0 ? nil : time }

    init(kind: WorkloadStep.Kind, key: Int, valueBytes: Int?, nanoseconds: Int64?) {
        self.kind = kind
        keyNumber = Int32(key)
        size = valueBytes.map { Int32($0) } ?? -1
        time = nanoseconds ?? -1
    }
}
