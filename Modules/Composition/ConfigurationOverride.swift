/// A `--set a.b=c` that was applied, to tell whose fault a problem is.
package struct AppliedOverride {
    /// As it was written, fit for a message.
    let text: String
    /// The path of the topmost value that it made or replaced.
    let origin: String
}

/// One `--set PATH=VALUE`: the path's names and positions are joined by dots, as in `cluster.members.0.peer`; the value
/// is JSON, or a text where it is no JSON.
struct ConfigurationOverride {
    let text: String
    let names: [String]
    let value: JSONValue

    init(parsing text: String) throws(FieldRefusal) {
        guard let sign = text.firstIndex(of: "=") else {
            throw FieldRefusal(message: "found \(JSONValue.quoted(text)), expected PATH=VALUE")
        }
        let valueText = String(text[text.index(after: sign)...])
        let value = (try? JSONParser.parse(Array(valueText.utf8))) ?? .text(valueText)
        try self.init(text: text, path: text[..<sign], value: value)
    }

    init(path: String, value: JSONValue) throws(FieldRefusal) {
        try self.init(text: "\(path)=\(value.text(pretty: false))", path: path[...], value: value)
    }

    private init(text: String, path: Substring, value: JSONValue) throws(FieldRefusal) {
        let names = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !names.contains("") else {
            throw FieldRefusal(message: "found \(JSONValue.quoted(text)), expected a path such as replication.w")
        }
        guard names.count <= JSONParser.maximumDepth else {
            throw FieldRefusal(message: "found \(JSONValue.quoted(text)), a path of \(names.count) names")
        }
        self.text = String(JSONValue.quoted(text).dropFirst().dropLast())
        self.names = names
        self.value = value
    }

    /// Sets the value in `document`, making the objects on the way that are missing.
    func apply(to document: inout JSONValue) throws(FieldRefusal) -> AppliedOverride {
        let origin = self.origin(in: document)
        document = try replacing(names[...], in: document, at: "")
        return AppliedOverride(text: text, origin: origin)
    }

    private func origin(in document: JSONValue) -> String {
        var path = ""
        var current: JSONValue? = document
        for name in names {
            path = path.field(name)
            switch current {
            case .object(let members): current = members[name]
            case .array(let elements): current = Self.position(name, in: elements).map { elements[$0] }
            default: current = nil
            }
            if current == nil { break }
        }
        return path
    }

    private func replacing(
        _ names: ArraySlice<String>, in current: JSONValue?, at path: String
    ) throws(FieldRefusal) -> JSONValue {
        guard let name = names.first else { return value }
        let rest = names.dropFirst()
        switch current {
        case nil:
            return .object([JSONMember(name, try replacing(rest, in: nil, at: path.field(name)))])
        case .object(var members):
            if let position = members.firstIndex(where: { $0.name == name }) {
                members[position].value = try replacing(rest, in: members[position].value, at: path.field(name))
            } else {
                members.append(JSONMember(name, try replacing(rest, in: nil, at: path.field(name))))
            }
            return .object(members)
        case .array(var elements):
            guard let position = Self.position(name, in: elements) else {
                let allowed = elements.isEmpty ? "it is empty" : "its positions are 0 to \(elements.count - 1)"
                throw FieldRefusal(
                    message: "\(text): \(path) has no position \(JSONValue.quoted(name)), \(allowed)")
            }
            elements[position] = try replacing(rest, in: elements[position], at: path.field(name))
            return .array(elements)
        case .some(let other):
            throw FieldRefusal(
                message: "\(text): \(path) is \(other.finding), which has no field \(JSONValue.quoted(name))")
        }
    }

    private static func position(_ name: String, in elements: [JSONValue]) -> Int? {
        guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let position = Int(name) else { return nil }
        return elements.indices.contains(position) ? position : nil
    }
}
