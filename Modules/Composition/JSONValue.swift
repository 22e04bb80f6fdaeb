/// A JSON document as a tree whose objects keep the order of their members.
///
/// Integers are kept apart from other numbers, so that a field that counts something can refuse `3.0`.
package enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// A number written without fraction and exponent that fits `Int`.
    case integer(Int)
    /// Any other number; always finite.
    case number(Double)
    case text(String)
    case array([JSONValue])
    /// No name occurs twice.
    case object([JSONMember])
}

package struct JSONMember: Hashable, Sendable {
    package let name: String
    package var value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}

extension [JSONMember] {
    /// The value of a member, or `nil`. O(members).
    package subscript(name: String) -> JSONValue? {
        first { $0.name == name }?.value
    }
}

extension JSONValue {
    /// The value of an object's member; `nil` where there is none or this is no object. O(members).
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// What was found, for a message of one line, whatever the value holds.
    package var finding: String {
        switch self {
        case .null: "null"
        case .boolean(let boolean): "\(boolean)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .text(let text): JSONValue.quoted(text)
        case .array(let elements): elements.isEmpty ? "an empty array" : "an array"
        case .object: "an object"
        }
    }

    /// Text from outside in a message: quoted, escaped, and cut after 60 characters.
    package static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(60)
        let isCut = shown.endIndex != text.unicodeScalars.endIndex
        return JSONValue.text(String(String.UnicodeScalarView(shown)) + (isCut ? "…" : "")).text(pretty: false)
    }
}
