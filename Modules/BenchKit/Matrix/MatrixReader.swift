internal import Analysis
internal import Composition
internal import NodeClient
internal import StatorCore

// A node's answers have a tree of their own.
private typealias JSONValue = Composition.JSONValue

/// Reads a document into a ``MatrixFile``, collecting problems on the way instead of stopping at the first.
struct MatrixReader {
    private static let others = ["$schema", "factors", "exclude", "metrics", "base", "nodes"]
    private static let maximumFactors = 16
    private static let maximumLevels = 1000

    var problems = ProblemList()

    /// - Returns: a matrix that counts only where no problem was found.
    mutating func file(from document: Composition.JSONValue) -> MatrixFile? {
        guard case .object(let root) = document else {
            problems.add("", "found \(document.finding), expected an object with name, question, factors and base")
            return nil
        }
        let read = problems.settings(
            MatrixSettings.self, from: root, at: "", required: MatrixSettings.required, others: Self.others)
        if read.given.contains("name") { problems.add(read.settings.problems(), under: "") }
        let base = problems.object(root["base"], at: "base").map(JSONValue.object) ?? .object([])
        let factors = elements("factors", root, most: Self.maximumFactors).enumerated().compactMap { position, json in
            factor(json, at: "factors.\(position)", base)
        }
        refuseRepeated(factors.map(\.name), at: "factors", "factor")
        refuseSharedPaths(factors)
        let excluded = elements("exclude", root, most: 10_000).enumerated().compactMap { position, json in
            exclusion(json, at: "exclude.\(position)", factors)
        }
        var file = MatrixFile(
            settings: read.settings, factors: factors, excluded: excluded, metrics: metrics(root), base: base,
            nodes: [], document: document)
        readNodes(root, into: &file)
        return file
    }

    private mutating func elements(_ name: String, _ root: [JSONMember], most: Int) -> [JSONValue] {
        switch root[name] {
        case nil: return []
        case .array(let elements) where elements.count <= most: return elements
        case .array(let elements):
            problems.add(name, "found \(elements.count) elements, expected at most \(most)")
            return []
        case .some(let other):
            problems.add(name, "found \(other.finding), expected an array")
            return []
        }
    }

    // MARK: Factors

    private mutating func factor(_ json: JSONValue, at place: String, _ base: JSONValue) -> MatrixFactor? {
        guard let members = problems.object(json, at: place) else { return nil }
        problems.refuseUnknown(members, known: ["name", "path", "values", "levels"], at: place)
        guard case .text(let name)? = members["name"], !name.isEmpty, name.utf8.count <= 64 else {
            problems.add("\(place).name", "found \(members["name"]?.finding ?? "nothing"), expected a short text")
            return nil
        }
        let levels: [MatrixFactor.Level]
        switch (members["path"], members["values"], members["levels"]) {
        case (.text(let path)?, .array(let values)?, nil):
            levels = values.prefix(Self.maximumLevels).enumerated().map { position, value in
                MatrixFactor.Level(
                    name: Self.levelName(of: value), settings: [.init(path: path, value: value)],
                    place: "\(place).values.\(position)")
            }
        case (nil, nil, .array(let elements)?):
            levels = elements.prefix(Self.maximumLevels).enumerated().compactMap { position, element in
                level(element, at: "\(place).levels.\(position)")
            }
        default:
            problems.add(
                place, "expected `path` with an array of `values`, or an array of `levels` with `name` and `set`")
            return nil
        }
        if levels.isEmpty { problems.add(place, "has no level, expected at least one") }
        refuseRepeated(levels.map(\.name), at: place, "level")
        for level in levels { refuseImpossible(level, base) }
        return MatrixFactor(name: name, levels: levels)
    }

    private mutating func level(_ json: JSONValue, at place: String) -> MatrixFactor.Level? {
        guard let members = problems.object(json, at: place) else { return nil }
        problems.refuseUnknown(members, known: ["name", "set"], at: place)
        guard case .text(let name)? = members["name"], !name.isEmpty, name.utf8.count <= 64 else {
            problems.add("\(place).name", "found \(members["name"]?.finding ?? "nothing"), expected a short text")
            return nil
        }
        let settings = problems.object(members["set"], at: "\(place).set") ?? []
        return MatrixFactor.Level(
            name: name, settings: settings.map { .init(path: $0.name, value: $0.value) }, place: place)
    }

    /// What a level is called that is only a value: the value, or its `kind`.
    private static func levelName(of value: JSONValue) -> String {
        switch value {
        case .text(let text): text
        case .object:
            if case .text(let kind)? = value["kind"] { kind } else { value.text(pretty: false) }
        default: value.text(pretty: false)
        }
    }

    private mutating func refuseImpossible(_ level: MatrixFactor.Level, _ base: JSONValue) {
        var trial = base
        for setting in level.settings {
            do throws(FieldRefusal) {
                try trial.set(setting.path, to: setting.value)
            } catch {
                problems.add(level.place, error.message)
            }
        }
    }

    private mutating func refuseRepeated(_ names: [String], at place: String, _ what: String) {
        for (position, name) in names.enumerated() where names[..<position].contains(name) {
            problems.add(place, "the \(what) \(JSONValue.quoted(name)) is there twice")
        }
    }

    /// Two factors that set the same thing would undo one another.
    private mutating func refuseSharedPaths(_ factors: [MatrixFactor]) {
        let paths = factors.map { factor in Set(factor.levels.flatMap { $0.settings.map(\.path) }).sorted() }
        for (position, later) in paths.enumerated() {
            for (other, earlier) in paths[..<position].enumerated() {
                for path in later {
                    guard let shared = earlier.first(where: { Self.overlap($0, path) }) else { continue }
                    problems.add(
                        "factors.\(position)",
                        "sets \(path), which the factor \(JSONValue.quoted(factors[other].name)) sets as \(shared)")
                }
            }
        }
    }

    private static func overlap(_ one: String, _ other: String) -> Bool {
        one == other || one.hasPrefix(other + ".") || other.hasPrefix(one + ".")
    }

    // MARK: The rest

    private mutating func exclusion(
        _ json: JSONValue, at place: String, _ factors: [MatrixFactor]
    ) -> [(factor: Int, level: Int)]? {
        guard let members = problems.object(json, at: place) else { return nil }
        if members.isEmpty { problems.add(place, "names no factor, and would exclude everything") }
        return members.compactMap { member in
            guard let factor = factors.firstIndex(where: { $0.name == member.name }) else {
                problems.add(
                    place.field(member.name), "is no factor, expected \(factors.map(\.name).joined(separator: ", "))",
                    suggestion: NearestName.suggestion(for: member.name, among: factors.map(\.name)))
                return nil
            }
            let names = factors[factor].levels.map(\.name)
            let wanted = Self.levelName(of: member.value)
            guard let level = names.firstIndex(of: wanted) else {
                problems.add(
                    place.field(member.name),
                    "found \(JSONValue.quoted(wanted)), expected a level: \(names.joined(separator: ", "))",
                    suggestion: NearestName.suggestion(for: wanted, among: names))
                return nil
            }
            return (factor, level)
        }
    }

    private mutating func metrics(_ root: [JSONMember]) -> [String] {
        guard root["metrics"] != nil else { return MetricCatalogue.defaultPrimary }
        let known = MetricCatalogue.all.map(\.name)
        let found = elements("metrics", root, most: known.count).enumerated().compactMap { position, json -> String? in
            guard case .text(let name) = json, known.contains(name) else {
                let text = if case .text(let text) = json { text } else { "" }
                problems.add(
                    "metrics.\(position)", "found \(json.finding), which is no metric; docs/experiments.md lists them",
                    suggestion: NearestName.suggestion(for: text, among: known))
                return nil
            }
            return name
        }
        refuseRepeated(found, at: "metrics", "metric")
        return found
    }

    private mutating func readNodes(_ root: [JSONMember], into file: inout MatrixFile) {
        let isRemote = file.settings.environment == .remote
        for (position, json) in elements("nodes", root, most: 4096).enumerated() {
            if case .text(let text) = json, NodeURL(text) != nil {
                file.nodes.append(text)
            } else {
                problems.add("nodes.\(position)", "found \(json.finding), expected http://host:port")
            }
        }
        if isRemote, root["nodes"] == nil {
            problems.add("nodes", "is missing, expected the URLs of the nodes that the runs are to work on")
        } else if !isRemote, root["nodes"] != nil {
            problems.add(
                "nodes", "is for the environment `remote`; `\(file.settings.environment.rawValue)` has its own")
        }
    }
}
