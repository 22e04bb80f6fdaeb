/// What the two drivers may define. Whatever decides what is stored, grouped, synced, acknowledged, sent again or dropped
/// is in the node core, which both run; a driver keeps threads, sockets and files, or virtual time and chance.
///
/// A new type in a driver has to be named here: that is the moment to ask whether the other driver would need it too.
enum DriverRules {
    static let drivers = ["NIORuntime", "Simulation"]

    private static let declaration = Pattern(
        #"^(?:(?:public|package|internal|private|fileprivate|final|indirect)\s+)*(?:struct|class|enum|actor|protocol)\s+(\w+)"#
    )

    /// Types at the top level of a file that its driver's list does not name, and names that no file has.
    static func violations(_ files: [SourceFile], of driver: String, allowed: [String]) -> [Violation] {
        var violations: [Violation] = []
        var found: Set<String> = []
        for file in files {
            for (index, line) in file.code.enumerated() {
                guard let name = declaration.matches(in: line).first?[1] else { continue }
                found.insert(name)
                if !allowed.contains(name) {
                    violations.append(
                        file.violation(index, "\(driver) may not define \(name): NodeCore, or this list, is its place"))
                }
            }
        }
        for name in allowed where !found.contains(name) {
            violations.append(Violation(path: "Modules/\(driver)", line: 0, message: "\(name) is gone: unlist it"))
        }
        return violations
    }
}
