public import NIOCore

/// What a get found: no value, one, or several that were written beside each other.
///
/// Values are slices of the buffer that the reply arrived in, and keep all of it alive; copy a small value out
/// (`Array(value.readableBytesView)`) to hold it for long.
public struct Reading: Hashable, Sendable {
    /// The concurrent versions; `nil` stands for a delete that is concurrent with the others. Empty where the key is
    /// deleted or was never written.
    public let siblings: [ByteBuffer?]
    /// What a write that follows from this reading hands back.
    public let context: Context

    /// The siblings that are values.
    public var values: [ByteBuffer] { siblings.compactMap { $0 } }

    /// The value where there is exactly one sibling, and it is a value.
    public var value: ByteBuffer? {
        guard siblings.count == 1 else { return nil }
        return siblings[0]
    }

    /// ``value`` as text; bytes that are not UTF-8 are replaced.
    public var text: String? { value.map { String(buffer: $0) } }

    /// Whether there are concurrent versions, to be resolved by a put that hands back ``context``.
    public var hasSiblings: Bool { siblings.count > 1 }

    /// Whether the key holds no value: deleted or never written.
    public var isEmpty: Bool { values.isEmpty }
}
