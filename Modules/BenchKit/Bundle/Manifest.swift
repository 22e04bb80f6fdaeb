package import Analysis
package import Composition
internal import StatorCore

/// What a bundle says of itself: what was run, by which program, on which machine.
package struct Manifest: Sendable {
    static let format = 1

    package var design: Design
    /// The matrix as it was run, overrides applied.
    package var matrix: JSONValue
    /// SHA-256 of the matrix' canonical text and of the program, in hexadecimal.
    package var matrixHash: String
    package var programHash: String
    /// Which part of how many; both 1 for a whole matrix.
    package var part: Int
    package var parts: Int
    /// Names and values: commit, compiler, processor, ...
    package var provenance: [(name: String, value: String)]

    package var json: JSONValue {
        .object([
            JSONMember("format", .integer(Manifest.format)),
            JSONMember("name", .text(design.name)),
            JSONMember("question", .text(design.question)),
            JSONMember("environment", .text(design.environment)),
            JSONMember("matrixSHA256", .text(matrixHash)),
            JSONMember("programSHA256", .text(programHash)),
            JSONMember("part", .integer(part)),
            JSONMember("parts", .integer(parts)),
            JSONMember("repetitions", .integer(design.repetitions)),
            JSONMember("sameAgainCells", .integer(design.sameAgainCells)),
            JSONMember("seed", .text("\(design.seed)")),
            JSONMember("metrics", .array(design.primaryMetrics.map { .text($0) })),
            JSONMember(
                "factors",
                .array(
                    design.factors.map { factor in
                        .object([
                            JSONMember("name", .text(factor.name)),
                            JSONMember("levels", .array(factor.levels.map { .text($0) })),
                        ])
                    })),
            JSONMember("cells", .array(design.cells.map { Manifest.array($0.levels) })),
            JSONMember(
                "pruned",
                .array(
                    design.pruned.map { pruned in
                        .object([
                            JSONMember("levels", Manifest.array(pruned.levels)),
                            JSONMember("reason", .text(pruned.reason)),
                        ])
                    })),
            JSONMember("provenance", .object(provenance.map { JSONMember($0.name, .text($0.value)) })),
            JSONMember("matrix", matrix),
        ])
    }

    private static func array(_ numbers: [Int]) -> JSONValue { .array(numbers.map { .integer($0) }) }

    package init(
        design: Design, matrix: JSONValue, matrixHash: String, programHash: String, part: Int, parts: Int,
        provenance: [(name: String, value: String)]
    ) {
        self.design = design
        self.matrix = matrix
        self.matrixHash = matrixHash
        self.programHash = programHash
        self.part = part
        self.parts = parts
        self.provenance = provenance
    }

    /// - Throws: where it is no manifest, or one of another format.
    package init(json: JSONValue) throws(BundleError) {
        let reader = ManifestReader(json)
        let format = try reader.integer("format")
        guard format == Manifest.format else {
            throw BundleError("manifest.json has the format \(format), expected \(Manifest.format)")
        }
        guard let seed = UInt64(try reader.text("seed")), let matrix = json["matrix"] else {
            throw BundleError("manifest.json has no seed or no matrix")
        }
        var design = Design(
            name: try reader.text("name"), question: try reader.text("question"),
            environment: try reader.text("environment"), factors: try reader.factors(), cells: [],
            repetitions: try reader.integer("repetitions"), sameAgainCells: try reader.integer("sameAgainCells"),
            primaryMetrics: try reader.texts("metrics"), metrics: MetricCatalogue.all, seed: seed)
        design.cells = try reader.levels("cells", of: design.factors).map { Design.Cell(levels: $0) }
        design.pruned = try reader.pruned(design.factors)
        self.init(
            design: design, matrix: matrix, matrixHash: try reader.text("matrixSHA256"),
            programHash: try reader.text("programSHA256"), part: try reader.integer("part"),
            parts: try reader.integer("parts"), provenance: reader.provenance)
    }
}

/// Reads the members of a manifest, which may come from anywhere.
private struct ManifestReader {
    private let json: JSONValue

    init(_ json: JSONValue) {
        self.json = json
    }

    func integer(_ name: String) throws(BundleError) -> Int {
        guard case .integer(let integer)? = json[name], integer >= 0 else {
            throw BundleError("manifest.json: \(name) is no whole number")
        }
        return integer
    }

    func text(_ name: String) throws(BundleError) -> String {
        guard case .text(let text)? = json[name] else { throw BundleError("manifest.json: \(name) is no text") }
        return text
    }

    func texts(_ name: String) throws(BundleError) -> [String] { try ManifestReader.texts(json[name], name) }

    private static func texts(_ json: JSONValue?, _ name: String) throws(BundleError) -> [String] {
        guard case .array(let elements)? = json else { throw BundleError("manifest.json: \(name) is no array") }
        return elements.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    func factors() throws(BundleError) -> [Design.Factor] {
        guard case .array(let elements)? = json["factors"] else {
            throw BundleError("manifest.json: factors is no array")
        }
        var factors: [Design.Factor] = []
        for element in elements {
            guard case .text(let name)? = element["name"] else {
                throw BundleError("manifest.json: a factor has no name")
            }
            factors.append(Design.Factor(name: name, levels: try ManifestReader.texts(element["levels"], "levels")))
        }
        return factors
    }

    func levels(_ name: String, of factors: [Design.Factor]) throws(BundleError) -> [[Int]] {
        guard case .array(let elements)? = json[name] else { throw BundleError("manifest.json: \(name) is no array") }
        var all: [[Int]] = []
        for element in elements { all.append(try ManifestReader.levels(element, of: factors)) }
        return all
    }

    private static func levels(_ json: JSONValue?, of factors: [Design.Factor]) throws(BundleError) -> [Int] {
        guard case .array(let numbers)? = json, numbers.count == factors.count else {
            throw BundleError("manifest.json: a cell does not have a level of each factor")
        }
        var levels: [Int] = []
        for (factor, number) in zip(factors, numbers) {
            guard case .integer(let level) = number, factor.levels.indices.contains(level) else {
                throw BundleError("manifest.json: a cell has a level that \(factor.name) does not have")
            }
            levels.append(level)
        }
        return levels
    }

    func pruned(_ factors: [Design.Factor]) throws(BundleError) -> [Design.Pruned] {
        guard case .array(let elements)? = json["pruned"] else { return [] }
        var all: [Design.Pruned] = []
        for element in elements {
            guard case .text(let reason)? = element["reason"] else { continue }
            all.append(Design.Pruned(levels: try ManifestReader.levels(element["levels"], of: factors), reason: reason))
        }
        return all
    }

    var provenance: [(name: String, value: String)] {
        guard case .object(let members)? = json["provenance"] else { return [] }
        return members.compactMap { if case .text(let text) = $0.value { ($0.name, text) } else { nil } }
    }
}
