internal import Checking
internal import StatorCore

/// The nodes that wrote, as actors: one incarnation each, with a clock of its own.
///
/// A history says who was asked, which is taken for the coordinator. Where it says nothing, each client has a node of
/// its own; a name that no node can have gets one made up. The shard tells made up names from real ones.
struct ReplayCoordinators: Sendable {
    private(set) var actors: [Actor] = []
    /// Microseconds that each wall clock is ahead.
    private(set) var offsets: [Int64] = []
    private var numbers: [Name: Int] = [:]

    private struct Name: Hashable, Comparable {
        /// 0 a node's name, 1 a client without one, 2 what is no name.
        let form: UInt16
        let text: String

        init(_ operation: HistoryOperation) {
            guard let node = operation.node else {
                self.init(form: 1, text: "client-\(operation.client)")
                return
            }
            self.init(form: NodeID.isValid(node) ? 0 : 2, text: node)
        }

        private init(form: UInt16, text: String) {
            self.form = form
            self.text = text
        }

        static func < (left: Name, right: Name) -> Bool {
            left.form != right.form ? left.form < right.form : left.text < right.text
        }
    }

    /// - Parameter writes: the operations that are replayed.
    /// - Complexity: O(writes + nodes x log nodes).
    init(_ writes: [HistoryOperation], _ options: ReplayOptions) {
        var names: [Name] = []
        for operation in writes {
            let name = Name(operation)
            if numbers.updateValue(0, forKey: name) == nil { names.append(name) }
        }
        names.sort()
        var random = RandomGenerator(seed: options.seed)
        let maximum = Double(options.clockOffsetMaximum.nanoseconds / 1000)
        for (number, name) in names.enumerated() {
            numbers[name] = number
            let node = NodeID(name.form == 2 ? "unnamed-\(number)" : name.text)
            actors.append(Actor(node: node, shard: name.form, incarnation: random.next()))
            offsets.append(Int64((maximum * (2 * random.fraction() - 1)).rounded()))
        }
    }

    func number(of operation: HistoryOperation) -> Int { numbers[Name(operation)] ?? 0 }

    /// What coordinator `number`'s wall clock shows at `time`, in nanoseconds of the history.
    func wall(of number: Int, at time: Int64) -> WallTime {
        // Rounded down, so that what is a microsecond later is later, before the origin too.
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: 1000)
        let microseconds = remainder < 0 ? quotient - 1 : quotient
        return WallTime(microseconds: ReplayCoordinators.epoch + microseconds + offsets[number])
    }

    /// The wall time of the history's origin, in microseconds since 1970: 2023-11-14T22:13:20Z.
    private static let epoch: Int64 = 1_700_000_000_000_000
}
