/// What an engine found in its folder when it was opened.
public enum StorageFinding: Hashable, Sendable {
    /// Nothing of this store: it was made now, and is empty.
    case made
    /// All that it knows to have been durable.
    case whole
    /// Some of what had been durable is changed or missing.
    case damaged(StorageDamage)
}

/// What of a store was changed or is missing although it had been durable, as far as can be told.
public struct StorageDamage: Hashable, Sendable, CustomStringConvertible {
    /// The most reasons that are kept; the others are counted.
    public static let maximumReasons = 8
    static let maximumReasonBytes = 200

    /// Records that are known to be lost or unreadable. Where bytes are missing there may be more.
    public internal(set) var records = 0
    /// Bytes that are damaged or missing, as far as they can be counted.
    public internal(set) var bytes = 0
    /// In the order in which they were found.
    public internal(set) var reasons: [String] = []
    /// Reasons beyond the first few.
    public internal(set) var otherReasons = 0

    /// The files are copies of what was written, or were put back from such.
    public internal(set) var isCopy = false

    public init() {}

    /// Nothing but that they are copies was found.
    public var isCopyAlone: Bool { isCopy && reasons.count + otherReasons == 1 }

    public var isNone: Bool { reasons.isEmpty }

    public mutating func note(_ reason: String, records: Int = 0, bytes: Int = 0) {
        self.records += records
        self.bytes += bytes
        if reasons.count < StorageDamage.maximumReasons {
            reasons.append(String(reason.prefix(StorageDamage.maximumReasonBytes)))
        } else {
            otherReasons += 1
        }
    }

    /// Adds what was found before.
    mutating func add(_ other: StorageDamage) {
        for reason in other.reasons { note(reason) }
        records += other.records
        bytes += other.bytes
        otherReasons += other.otherReasons
        isCopy = isCopy || other.isCopy
    }

    public var description: String {
        let others = otherReasons > 0 ? "; and \(otherReasons) more" : ""
        return "\(reasons.joined(separator: "; "))\(others) (\(bytes) bytes, \(records) known records)"
    }
}
