/// How many replicas have to answer before an operation succeeds.
public enum Quorum: Hashable, Sendable, ExpressibleByIntegerLiteral {
    case one
    /// More than half of the key's replicas.
    case quorum
    case all
    /// In 1 ... N, where N is the cluster's number of replicas; nodes refuse anything else.
    case count(Int)

    public init(integerLiteral value: Int) {
        self = .count(value)
    }

    /// As nodes read it.
    var text: String {
        switch self {
        case .one: "one"
        case .quorum: "quorum"
        case .all: "all"
        case .count(let count): String(count)
        }
    }
}
