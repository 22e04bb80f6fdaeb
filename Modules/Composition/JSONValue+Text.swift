extension JSONValue {
    /// The document as text: members in their order, numbers as Swift prints them, equal trees as equal text.
    ///
    /// - Parameter pretty: two spaces a level, except that an array or object without another one inside stays on one
    ///   line where it fits into 100 columns; ends with a line feed. Otherwise one line with no spaces.
    package func text(pretty: Bool) -> String {
        var text = ""
        if pretty {
            writePretty(into: &text, indentation: 0, prefix: 0)
            text += "\n"
        } else {
            writeLine(into: &text, spaced: false)
        }
        return text
    }

    private var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    private var isFlat: Bool {
        switch self {
        case .array(let elements): !elements.contains { $0.isContainer }
        case .object(let members): !members.contains { $0.value.isContainer }
        default: true
        }
    }

    private func writePretty(into text: inout String, indentation: Int, prefix: Int) {
        if isFlat {
            var line = ""
            writeLine(into: &line, spaced: true)
            if !isContainer || line.count <= 2 || indentation + prefix + line.count <= 100 { return text += line }
        }
        let margin = String(repeating: " ", count: indentation + 2)
        let end = "\n" + String(repeating: " ", count: indentation)
        switch self {
        case .array(let elements):
            text += "["
            for (position, element) in elements.enumerated() {
                text += (position == 0 ? "\n" : ",\n") + margin
                element.writePretty(into: &text, indentation: indentation + 2, prefix: 0)
            }
            text += end + "]"
        case .object(let members):
            text += "{"
            for (position, member) in members.enumerated() {
                text += (position == 0 ? "\n" : ",\n") + margin
                JSONValue.writeString(member.name, into: &text)
                text += ": "
                member.value.writePretty(into: &text, indentation: indentation + 2, prefix: member.name.count + 4)
            }
            text += end + "}"
        default:
            writeLine(into: &text, spaced: true)
        }
    }

    private func writeLine(into text: inout String, spaced: Bool) {
        switch self {
        case .null: text += "null"
        case .boolean(let boolean): text += boolean ? "true" : "false"
        case .integer(let integer): text += String(integer)
        case .number(let number): text += number.description
        case .text(let string): JSONValue.writeString(string, into: &text)
        case .array(let elements):
            text += "["
            for (position, element) in elements.enumerated() {
                if position > 0 { text += spaced ? ", " : "," }
                element.writeLine(into: &text, spaced: spaced)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (position, member) in members.enumerated() {
                if position > 0 { text += spaced ? ", " : "," }
                JSONValue.writeString(member.name, into: &text)
                text += spaced ? ": " : ":"
                member.value.writeLine(into: &text, spaced: spaced)
            }
            text += "}"
        }
    }

    private static func writeString(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // Control characters of both kinds, and what would reorder or break a line of a message.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{2069}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
