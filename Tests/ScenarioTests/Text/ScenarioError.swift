/// What is wrong with a scenario's text, or with what it asks for at that point.
struct ScenarioError: Error, Equatable {
    /// Counted from 1.
    let line: Int
    let message: String
}

/// What is wrong with one command; ``ScenarioRunner`` adds the line.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
