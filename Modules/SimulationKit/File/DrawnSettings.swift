internal import Composition
internal import StatorCore

/// Settings that each seed draws anew: the `draws` object of a simulation.
struct DrawnSettings: Sendable {
    /// One value of a path, and what goes with it.
    struct Choice: Sendable {
        let value: JSONValue
        var with: [JSONMember] = []
    }

    struct Draw: Sendable {
        let path: String
        let choices: [Choice]
    }

    /// How often a combination that cannot be is drawn anew.
    static let maximumAttempts = 64

    let draws: [Draw]
    /// The simulation without its draws.
    let document: JSONValue
    let registry: StrategyRegistry
    /// For each draw a choice: a combination that can be.
    var known: [Int] = []

    /// - Parameter picks: for each draw the number of its choice.
    func file(_ picks: [Int]) throws(ConfigurationError) -> SimulationFile {
        var document = document
        var drawn: [String] = []
        for (draw, pick) in zip(draws, picks) {
            let choice = draw.choices[pick]
            drawn.append("\(draw.path)=\(DrawnSettings.text(choice.value))")
            do throws(FieldRefusal) {
                try document.set(draw.path, to: choice.value)
                for member in choice.with { try document.set(member.name, to: member.value) }
            } catch {
                throw ConfigurationError([ConfigurationProblem(path: draw.path, message: error.message)])
            }
        }
        var file = try SimulationFile.load(document: document, registry: registry)
        file.drawn = drawn
        return file
    }

    private static func text(_ value: JSONValue) -> String {
        if case .text(let text) = value { return text }
        return value.text(pretty: false)
    }

    func picks(_ random: inout RandomGenerator) -> [Int] {
        draws.map { random.below($0.choices.count) }
    }
}

extension SimulationFile {
    /// This simulation with what the seed draws: the same for the same file and seed. Combinations that cannot be are
    /// drawn anew.
    package func drawn(for seed: UInt64) -> SimulationFile {
        guard let draws else { return self }
        var random = RandomGenerator(seed: seed ^ 0xD4A3_0000_0000_0000)
        var file: SimulationFile?
        for _ in 0..<DrawnSettings.maximumAttempts where file == nil { file = try? draws.file(draws.picks(&random)) }
        // The known one was made while this was read.
        guard var found = file ?? (try? draws.file(draws.known)) else { return self }
        found.name = name
        found.question = question
        found.trace = trace
        return found
    }
}
