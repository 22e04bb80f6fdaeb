import BenchKit
import Checking
import ConflictResolution
import StatorCore

/// Makes histories by hand: one operation after another, a millisecond each with a millisecond between.
struct ReplayMaker {
    private(set) var history = History()
    private var clock: Int64 = 0

    @discardableResult
    private mutating func add(_ operation: HistoryOperation, _ time: ClosedRange<Int64>?) -> Int {
        var operation = operation
        operation.id = history.operations.count + 1
        operation.start = time?.lowerBound ?? clock
        operation.end = time?.upperBound ?? clock &+ 1_000_000
        clock = max(clock, operation.end) &+ 1_000_000
        history.append(operation)
        return operation.id
    }

    /// - Parameter time: nanoseconds.
    /// - Returns: the id.
    @discardableResult
    mutating func write(
        _ value: String, at node: String? = "A", key: String = "k", saw: [Int]? = [],
        basis: HistoryOperation.Basis = .context, context: String? = nil, result: String? = nil,
        outcome: HistoryOperation.Outcome = .ok, time: ClosedRange<Int64>? = nil
    ) -> Int {
        add(
            HistoryOperation(
                id: 0, client: 1, kind: .write, key: key, value: value, basis: basis, context: context,
                resultContext: result, saw: saw, start: 0, end: 0, outcome: outcome, node: node),
            time)
    }

    @discardableResult
    mutating func delete(
        at node: String? = "A", saw: [Int]? = [], outcome: HistoryOperation.Outcome = .ok
    ) -> Int {
        add(
            HistoryOperation(
                id: 0, client: 1, kind: .delete, key: "k", basis: .context, saw: saw, start: 0, end: 0,
                outcome: outcome, node: node),
            nil)
    }

    @discardableResult
    mutating func read(_ values: [String], shows: [Int]? = nil, result: String? = nil) -> Int {
        add(
            HistoryOperation(
                id: 0, client: 1, kind: .read, key: "k", values: values, resultContext: result, shows: shows,
                start: 0, end: 0),
            nil)
    }

    func replay(_ kind: ReplayKind, _ options: ReplayOptions = ReplayOptions()) -> ReplayOutcome {
        CounterfactualReplay(history, resolver: kind.resolver, kind: kind.rawValue, options: options).run()
    }
}

/// The resolvers of this package.
enum ReplayKind: String, CaseIterable {
    case wall = "lww-wall"
    case hybrid = "lww-hlc"
    case vector = "vector-clock"
    case dotted = "dotted-version-vector"

    var resolver: any ConflictResolver {
        switch self {
        case .wall: LastWriterWinsWallResolver(settings: ClockSettings())
        case .hybrid: LastWriterWinsHLCResolver(settings: ClockSettings())
        case .vector: VectorClockResolver(settings: VectorClockSettings())
        case .dotted: DottedVersionVectorResolver(settings: NoSettings())
        }
    }
}

extension ReplayOutcome {
    /// Kept, lost to concurrent writes, lost to what was superseded.
    var fate: [Int] { [kept, lostToConcurrent, lostAfterSuperseding] }

    func examples(_ category: ReplayExample.Category) -> [[Int]] {
        examples.filter { $0.category == category }.map(\.operations)
    }
}

/// An offset pattern by which node A is ahead of node B, or the other way round.
func seed(ahead: Bool, _ isAhead: (UInt64) -> Bool) -> UInt64? {
    (1...64).first { isAhead($0) == ahead }
}
