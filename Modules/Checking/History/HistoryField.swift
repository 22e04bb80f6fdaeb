/// The fields of a line, and which kinds of operations have them.
enum HistoryField: String, CaseIterable {
    case id, client, kind, key, value, values, basis, context, result, saw, shows, start, end, outcome, error, node, r,
        w, sloppy, condition, timeout, coordinator, life
    case final

    static let names = allCases.map(\.rawValue).joined(separator: ", ")

    private static let byName: [String: HistoryField] = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    init?(name: String) {
        guard let field = HistoryField.byName[name] else { return nil }
        self = field
    }

    func isRequired(of kind: HistoryOperation.Kind) -> Bool {
        switch self {
        case .id, .client, .kind, .key, .start, .end, .outcome: true
        case .basis: kind != .read
        case .value: kind == .write
        default: false
        }
    }

    func isAllowed(of kind: HistoryOperation.Kind) -> Bool {
        switch self {
        case .value: kind == .write
        case .values, .shows, .final: kind == .read
        case .basis, .context, .saw, .w, .condition, .coordinator, .life: kind != .read
        default: true
        }
    }
}

/// What is needed to tell which fields a line gave: one bit a field.
struct HistoryFieldSet {
    private var bits: UInt32 = 0

    private static func bit(_ field: HistoryField) -> UInt32 {
        1 << UInt32(HistoryField.allCases.firstIndex(of: field) ?? 0)
    }

    func contains(_ field: HistoryField) -> Bool { bits & HistoryFieldSet.bit(field) != 0 }

    /// - Returns: false where it was there before.
    mutating func insert(_ field: HistoryField) -> Bool {
        let isNew = !contains(field)
        bits |= HistoryFieldSet.bit(field)
        return isNew
    }
}
