extension JSONValue {
    /// Sets the value at a path of names and positions joined by dots, as `--set` does, making objects that are missing.
    ///
    /// - Throws: a sentence where the path leads through something that has no fields, or past an array's end.
    package mutating func set(_ path: String, to value: JSONValue) throws(FieldRefusal) {
        _ = try ConfigurationOverride(path: path, value: value).apply(to: &self)
    }

    /// The value at a path, or `nil` where there is none.
    package func value(at path: String) -> JSONValue? {
        var current = self
        for name in path.split(separator: ".", omittingEmptySubsequences: false) {
            switch current {
            case .object(let members):
                guard let next = members[String(name)] else { return nil }
                current = next
            case .array(let elements):
                guard let position = Int(name), elements.indices.contains(position) else { return nil }
                current = elements[position]
            default: return nil
            }
        }
        return current
    }
}
