public import StatorCore

/// One field of a settings type, without the type: what the schema, the documentation and conformance suites need.
public struct FieldDescription: Hashable, Sendable {
    /// The field's JSON name.
    public let name: String
    public let type: SettingType
    /// What it is for, in half a sentence.
    public let help: String
    public let defaultValue: SettingValue

    /// The fields of `Settings`, in their order, with the values of `Settings()` as defaults.
    public static func all<Settings: StrategySettings>(of settings: Settings.Type) -> [FieldDescription] {
        let defaults = Settings()
        return Settings.fields.map { field in
            FieldDescription(name: field.name, type: field.type, help: field.help, defaultValue: field.get(defaults))
        }
    }
}

extension SettingValue {
    package var json: JSONValue {
        switch self {
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .boolean(let boolean): .boolean(boolean)
        case .text(let text): .text(text)
        }
    }
}

/// Why a field does not take a value.
package struct FieldRefusal: Error {
    package let message: String
    package var suggestion: String?
}

extension SettingType {
    /// What is allowed, for messages and documentation.
    package var expectation: String {
        switch self {
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .choice(let choices): "one of " + choices.map { "\"\($0)\"" }.joined(separator: ", ")
        case .text(let maximumLength): "a text of at most \(maximumLength) bytes"
        }
    }

    /// The JSON value as a setting, checked against type and range.
    package func value(of json: JSONValue) throws(FieldRefusal) -> SettingValue {
        switch (self, json) {
        case (.integer(let range), .integer(let integer)) where range.contains(integer): return .integer(integer)
        case (.number(let range), .integer(let integer)) where range.contains(Double(integer)):
            return .number(Double(integer))
        case (.number(let range), .number(let number)) where range.contains(number): return .number(number)
        case (.boolean, .boolean(let boolean)): return .boolean(boolean)
        case (.choice(let choices), .text(let text)) where choices.contains(text): return .text(text)
        case (.text(let maximumLength), .text(let text)) where text.utf8.count <= maximumLength:
            // Paths and names end up in system calls and log lines.
            guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
                throw FieldRefusal(message: "found \(json.finding), which holds a control character")
            }
            return .text(text)
        default:
            throw FieldRefusal(
                message: "found \(json.finding), expected \(expectation)", suggestion: suggestion(for: json))
        }
    }

    private func suggestion(for json: JSONValue) -> String? {
        switch (self, json) {
        case (.integer, .text), (.number, .text), (.boolean, .text):
            guard case .text(let text) = json, let bare = try? JSONParser.parse(Array(text.utf8)) else { return nil }
            return (try? value(of: bare)) == nil ? nil : "write it without quotes"
        case (.choice(let choices), .text(let text)):
            return NearestName.suggestion(for: text, among: choices)
        case (.text, .integer), (.text, .number), (.text, .boolean):
            return "write it in double quotes"
        default:
            return nil
        }
    }
}
