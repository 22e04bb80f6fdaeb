package import Checking

extension HistoryOperation {
    /// A value filled up to a size: the name that the history keeps, a full stop, and dashes. As it is where the name
    /// is as long.
    package static func padded(_ name: String, to bytes: Int) -> String {
        let filling = bytes - name.utf8.count - 1
        return filling < 0 ? name : name + "." + String(repeating: "-", count: filling)
    }

    /// The name that a padded value begins with.
    package static func name(ofPadded value: String) -> String {
        value.firstIndex(of: ".").map { String(value[..<$0]) } ?? value
    }
}
