extension JSONValue {
    /// Sets the value at a path of names and positions joined by dots, as `--set` does, making objects that are missing.
    ///
    /// - Throws: a sentence where the path leads through something that has no fields, or past an array's end.
    package mutating func set(_ path: String, to value: JSONValue) throws(FieldRefusal) {
        _ = try ConfigurationOverride(path: path, value: value).apply(to: &self)
    }
}
