import Foundation

/// The arrows that Package.swift draws, read from its text.
struct Manifest {
    struct Entry: Equatable {
        /// The folder of the target's sources, relative to the root.
        let folder: String
        /// Targets of ours that it names.
        let targets: [String]
        /// Products of other packages that it names.
        let products: [String]
    }

    private(set) var entries: [String: Entry] = [:]

    init(text: String) {
        // Comments go, URLs stay.
        let code = text.components(separatedBy: "\n")
            .filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            .joined(separator: " ")
        var products: [String: String] = [:]
        for match in Pattern(#"let (\w+) = Target\.Dependency\.product\(name: "(\w+)""#).matches(in: code) {
            products[match[1]] = match[2]
        }
        let lists = Pattern(#"let (\w+): \[Target\.Dependency\] = \[([^\]]*)\]"#).matches(in: code)
        let pattern =
            #"\b(module|app|tests|testProgram)\(\s*"([\w-]+)",\s*(?:folder: "(\w+)",\s*)?"#
            + #"((?:\w+ \+ )*)\[([^\]]*)\]"#
        for match in Pattern(pattern).matches(in: code) {
            var items = match[5]
            for list in lists where match[4].contains(list[1] + " +") { items += "," + list[2] }
            let named = Pattern(#""([\w-]+)"|\b(\w+)\b"#).matches(in: items)
            let folder =
                switch match[1] {
                case "module": "Modules/\(match[2])"
                case "app": "Apps/\(match[3])"
                case "testProgram": "Tests/\(match[3])"
                default: "Tests/\(match[2])"
                }
            entries[match[2]] = Entry(
                folder: folder,
                targets: named.map { $0[1] }.filter { !$0.isEmpty },
                products: named.map { $0[2] }.filter { !$0.isEmpty }.map { products[$0] ?? $0 })
        }
        for match in Pattern(#"systemLibrary\("(\w+)""#).matches(in: code) {
            entries[match[1]] = Entry(folder: "Modules/\(match[1])", targets: [], products: [])
        }
    }

    /// The entry of the target that holds `path`.
    func entry(holding path: String) -> Entry? {
        entries.values.first { path.hasPrefix($0.folder + "/") }
    }
}
