/// A law of a family that a strategy broke, with what is needed to see it again.
public struct LawViolation: Error, CustomStringConvertible {
    /// The strategy's kind.
    public let kind: String
    /// The law's name.
    public let law: String
    /// What was found and what was expected.
    public let finding: String
    /// The seed that the failing case was drawn from, where there is one.
    public let seed: UInt64?

    public init(kind: String, law: String, finding: String, seed: UInt64? = nil) {
        self.kind = kind
        self.law = law
        self.finding = finding
        self.seed = seed
    }

    public var description: String {
        let replay = seed.map { " (seed \($0))" } ?? ""
        return "\(kind) breaks \(law): \(finding)\(replay)"
    }
}
