internal import NIOCore

extension ByteBuffer {
    /// The readable bytes in storage of their own, or this very buffer where it has little besides them.
    ///
    /// What an engine keeps for long must not keep a whole receive buffer alive with it.
    func compacted() -> ByteBuffer {
        if storageCapacity <= 2 * readableBytes + 64 { return self }
        var copy = ByteBufferAllocator().buffer(capacity: readableBytes)
        copy.writeImmutableBuffer(self)
        return copy
    }
}
