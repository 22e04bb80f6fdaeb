/// A concrete implementation of one family, made from JSON by the registry.
///
/// An extension author conforms a type to one of the family protocols that refine this one and adds it with one line,
/// `registry.add(MyStrategy.self)`. `Settings` is the only associated type, so that every family works as `any`.
public protocol Strategy {
    /// What the JSON file may say about this strategy, next to its `kind`.
    associatedtype Settings: StrategySettings

    /// The name that selects the strategy in JSON, such as `vnode-ring`: lower case, words joined by hyphens.
    static var kind: String { get }

    /// One sentence for lists and reports: what it is and when to choose it.
    static var summary: String { get }
}

/// A law that a strategy either gives or denies. The conformance kit tests each one given and shows a
/// counter-example for each one denied.
public struct Guarantee: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    /// What holds where it is given, in one sentence.
    public let statement: String

    public init(_ name: String, _ statement: String) {
        self.name = name
        self.statement = statement
    }

    public var description: String { name }
}
