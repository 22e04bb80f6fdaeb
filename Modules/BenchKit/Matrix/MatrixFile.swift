package import Composition

/// A matrix as a file describes it: a base that every run shares, the factors that are varied over it, and how the
/// outcome is judged.
package struct MatrixFile: Sendable {
    package var settings: MatrixSettings
    package var factors: [MatrixFactor]
    /// Combinations that are not wanted: factor and level, all of which have to meet.
    package var excluded: [[(factor: Int, level: Int)]]
    /// The names of the metrics that are tested.
    package var metrics: [String]
    /// The document of a simulation that the levels change.
    package var base: JSONValue
    /// URLs of running nodes, for `remote`.
    package var nodes: [String]
    /// The whole file, overrides applied: what the manifest keeps and hashes.
    package var document: JSONValue

    /// Reads a matrix.
    /// - Parameters:
    ///   - json: the file's bytes.
    ///   - overrides: `PATH=VALUE` texts, applied in order before anything is checked.
    /// - Throws: `ConfigurationError` with everything that is wrong apart from what only its combinations show.
    package static func load(
        json: [UInt8], overrides: [String] = []
    ) throws(ConfigurationError) -> MatrixFile {
        let document = try ConfigurationDocument(json: json, overrides: overrides)
        var reader = MatrixReader()
        reader.problems = document.problems
        let file = reader.file(from: document.root)
        reader.problems.attribute(to: document.applied)
        guard reader.problems.problems.isEmpty, let file else {
            throw ConfigurationError(reader.problems.problems)
        }
        return file
    }

    /// The text that stands for the whole matrix: equal matrices have equal texts.
    package var canonicalText: String { document.text(pretty: true) }
}
