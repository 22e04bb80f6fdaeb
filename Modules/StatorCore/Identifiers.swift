/// A node's name, as the configuration gives it: 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
public struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let maximumLength = 64

    public let name: String

    /// - Precondition: `isValid(name)`; names from outside are checked first.
    public init(_ name: String) {
        precondition(NodeID.isValid(name), "not a node name: \(name)")
        self.name = name
    }

    /// A name out of an encoding, its bytes looked at once; `nil` where they are none.
    init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 1, bytes.count <= NodeID.maximumLength else { return nil }
        for byte in bytes where !NodeID.isAllowed(byte) { return nil }
        name = String(decoding: bytes.assumingMemoryBound(to: UInt8.self), as: UTF8.self)
    }

    public static func isValid(_ name: String) -> Bool {
        let length = name.utf8.count
        return length >= 1 && length <= maximumLength && name.utf8.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    /// Byte order, which of ASCII is that of strings.
    public static func < (left: NodeID, right: NodeID) -> Bool {
        left.name < right.name
    }

    public var description: String { name }
}

/// Who issues dots: one shard of one node in one incarnation.
///
/// The incarnation is drawn at random and made durable before its first dot, and a new one is drawn after an unclean
/// stop or a lost folder, so that no dot is ever issued twice.
public struct Actor: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let node: NodeID
    public let shard: UInt16
    public let incarnation: UInt64

    public init(node: NodeID, shard: UInt16, incarnation: UInt64) {
        self.node = node
        self.shard = shard
        self.incarnation = incarnation
    }

    public static func < (left: Actor, right: Actor) -> Bool {
        if left.node != right.node { return left.node < right.node }
        if left.shard != right.shard { return left.shard < right.shard }
        return left.incarnation < right.incarnation
    }

    public var description: String {
        "\(node)/\(shard)/\(Token(incarnation))"
    }
}

/// A single write event: the counter-th write that an actor issued. Counters rise strictly across all keys.
public struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let actor: Actor
    public let counter: UInt64

    public init(actor: Actor, counter: UInt64) {
        self.actor = actor
        self.counter = counter
    }

    public static func < (left: Dot, right: Dot) -> Bool {
        left.actor != right.actor ? left.actor < right.actor : left.counter < right.counter
    }

    public var description: String { "\(actor):\(counter)" }
}

/// The number of a view: it rises by one with every agreed change of the members.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let number: UInt64

    public init(_ number: UInt64) {
        self.number = number
    }

    public var next: Epoch { Epoch(number + 1) }

    public static func < (left: Epoch, right: Epoch) -> Bool {
        left.number < right.number
    }

    public var description: String { String(number) }
}
