package import NodeClient

/// The figures of one node's `/stats` page, or of several together.
package struct NodeFigures: Hashable, Sendable {
    private var values: [Int?]

    /// - Parameter stats: the page. A figure that it lacks, or that is no whole number, is `nil` here.
    package init(_ stats: JSONValue) {
        values = NodeFigure.allCases.map { figure in
            figure.rawValue.split(separator: ".").reduce(stats) { $0[String($1)] }.integer
        }
    }

    private init(_ values: [Int?]) {
        self.values = values
    }

    /// O(figures).
    package subscript(figure: NodeFigure) -> Int? {
        NodeFigure.allCases.firstIndex(of: figure).flatMap { values[$0] }
    }

    /// What was counted in between, of the same process; levels as they are now.
    package func difference(since earlier: NodeFigures) -> NodeFigures {
        NodeFigures(
            NodeFigure.allCases.enumerated().map { index, figure in
                guard let now = values[index], !figure.isLevel else { return values[index] }
                return earlier.values[index].map { now &- $0 }
            })
    }

    /// The sums over several nodes. A figure that one of them lacks is `nil`.
    package static func sum(_ all: [NodeFigures]) -> NodeFigures {
        NodeFigures(
            NodeFigure.allCases.indices.map { index in
                all.reduce(0) { sum, figures in
                    guard let sum, let value = figures.values[index] else { return nil }
                    return sum &+ value
                }
            })
    }
}
