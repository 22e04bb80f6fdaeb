import Hashing
import Partitioning
import StatorCore

/// A partitioner that does what its base does: plants implement what they spoil.
protocol PassingPartitioner: Partitioner where Settings == NoSettings {
    var base: any Partitioner { get }
}

extension PassingPartitioner {
    static var kind: String { "passing" }
    static var summary: String { "Another partitioner, passed on." }
    static var guarantees: Set<Guarantee> { [] }

    /// - Precondition: never called; a wrapper is made from its base.
    init(settings: NoSettings) {
        preconditionFailure("a wrapper is made from its base")
    }

    var hash: HashFunction { base.hash }
}
