/// A JSON value as a tree. Numbers keep their text and objects their order, so that what is printed is what came.
package enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// A member's value; `null` where there is none.
    package subscript(_ name: String) -> JSONValue {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    package var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    package var integer: Int? {
        if case .number(let text) = self { return Int(text) }
        return nil
    }

    package var double: Double? {
        if case .number(let text) = self { return Double(text) }
        return nil
    }

    package var isTrue: Bool { self == .boolean(true) }

    package var elements: [JSONValue] {
        if case .array(let elements) = self { return elements }
        return []
    }

    package var members: [Member] {
        if case .object(let members) = self { return members }
        return []
    }

    /// For a table's cell.
    package var shown: String {
        switch self {
        case .null: "-"
        case .string(let text): text
        default: serialized
        }
    }

    // MARK: Writing

    package var serialized: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.quoted(text)
        case .array(let elements): "[\(elements.map(\.serialized).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0.name)):\($0.value.serialized)" }.joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
