/// A key's position in the 64-bit token space, given by the configured hash.
public struct Token: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: UInt64

    public init(_ value: UInt64) {
        self.value = value
    }

    public static let minimum = Token(0)
    public static let maximum = Token(.max)

    public static func < (left: Token, right: Token) -> Bool {
        left.value < right.value
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The shard that owns this token in a node of `count` shards: equal, contiguous slices of the token space.
    ///
    /// A fixed function of the token, the same on every node. O(1).
    public func shard(of count: Int) -> Int {
        precondition(count > 0, "a node has at least one shard")
        return Int(value.multipliedFullWidth(by: UInt64(count)).high)
    }
}

/// A contiguous, non-empty, non-wrapping range of tokens, both ends included.
///
/// A partition that wraps around the end of the token space is represented by two ranges with the same owners.
public struct TokenRange: Hashable, Sendable, CustomStringConvertible {
    public let first: Token
    public let last: Token

    /// - Precondition: `first <= last`.
    public init(first: Token, last: Token) {
        precondition(first <= last, "a token range runs upwards")
        self.first = first
        self.last = last
    }

    public static let full = TokenRange(first: .minimum, last: .maximum)

    public func contains(_ token: Token) -> Bool {
        first <= token && token <= last
    }

    public func contains(_ other: TokenRange) -> Bool {
        first <= other.first && other.last <= last
    }

    /// The common part, or `nil` where the two are disjoint.
    public func intersection(_ other: TokenRange) -> TokenRange? {
        let start = max(first, other.first)
        let end = min(last, other.last)
        return start <= end ? TokenRange(first: start, last: end) : nil
    }

    /// The share of the whole token space, in 0 ... 1.
    public var fraction: Double {
        (Double(last.value - first.value) + 1) / 18_446_744_073_709_551_616
    }

    /// The tokens of shard `index` in a node of `count` shards; the inverse of ``Token/shard(of:)``.
    public static func ofShard(_ index: Int, count: Int) -> TokenRange {
        precondition(count > 0 && (0..<count).contains(index), "shard \(index) of \(count)")
        /// The least token whose shard is `shard`: the ceiling of shard * 2^64 / count.
        func firstToken(_ shard: Int) -> UInt64 {
            if shard == 0 { return 0 }
            let division = UInt64(count).dividingFullWidth((high: UInt64(shard), low: 0))
            return division.remainder == 0 ? division.quotient : division.quotient + 1
        }
        let last = index == count - 1 ? UInt64.max : firstToken(index + 1) - 1
        return TokenRange(first: Token(firstToken(index)), last: Token(last))
    }

    public var description: String {
        "\(first)...\(last)"
    }
}

extension TokenRange {
    /// What remains of this range without `other`: none, one or two ranges, in order.
    public func subtracting(_ other: TokenRange) -> [TokenRange] {
        guard let common = intersection(other) else { return [self] }
        var rest: [TokenRange] = []
        if first < common.first { rest.append(TokenRange(first: first, last: Token(common.first.value - 1))) }
        if common.last < last { rest.append(TokenRange(first: Token(common.last.value + 1), last: last)) }
        return rest
    }

    /// What is left without several ranges, in order. O(ranges x pieces left).
    public func subtracting(_ others: [TokenRange]) -> [TokenRange] {
        others.reduce([self]) { rest, other in rest.flatMap { $0.subtracting(other) } }
    }
}
