import NIOCore

/// What a reading has seen, to be handed back with the write that follows from it. Opaque: only nodes understand it.
///
/// A write with a context supersedes what the reading saw; what was written beside it stays, as a sibling.
public struct Context: Hashable, Sendable {
    /// Of a key that was never written: a put with it stays beside every write that it cannot have seen.
    public static let neverWritten = Context(storage: nil)

    /// `nil` where nothing was seen.
    let storage: ByteBuffer?

    init(storage: ByteBuffer?) {
        self.storage = storage
    }

    /// From ``bytes`` of a context that was kept elsewhere, as in a web form between two requests.
    ///
    /// - Parameter bytes: none at all make ``neverWritten``.
    public init(bytes: [UInt8]) {
        storage = bytes.isEmpty ? nil : ByteBuffer(bytes: bytes)
    }

    /// What ``init(bytes:)`` takes; empty for ``neverWritten``.
    public var bytes: [UInt8] { storage.map { Array($0.readableBytesView) } ?? [] }
}
