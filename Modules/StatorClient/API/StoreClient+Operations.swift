public import NIOCore
import StatorCore

/// Single operations.
extension StoreClient {
    /// Reads a key.
    ///
    /// A read is tried again at other replicas where one fails, or says nothing for half of its time.
    ///
    /// - Parameters:
    ///   - key: 1 to 1,024 bytes.
    ///   - readQuorum: how many replicas have to answer; `nil` for the cluster's own number.
    ///   - timeout: for all attempts together, up to ten minutes; `nil` for the client's.
    /// - Returns: the value, concurrent values, or none, and the context for a write that follows.
    public func get(
        _ key: some StoreBytes, readQuorum: Quorum? = nil, timeout: Duration? = nil
    ) async throws(StatorClientError) -> Reading {
        let command = Command.get(try storeKey(key), readQuorum: readQuorum)
        return try await run(try request(command, timeout)).get().reading()
    }

    /// Writes a key.
    ///
    /// Where it is certain that nothing was done, the write is tried again at other replicas. Where it is not, it fails
    /// with an error whose ``StatorClientError/isOutcomeUnknown`` is true.
    ///
    /// - Parameters:
    ///   - key: 1 to 1,024 bytes.
    ///   - value: as large as the client's and the cluster's settings allow.
    ///   - context: of the reading that the write follows from; what was written beside it becomes a sibling. Without
    ///     one the write supersedes what its coordinator holds.
    ///   - writeQuorum: how many replicas have to store it; `nil` for the cluster's own number.
    ///   - timeout: for all attempts together, up to ten minutes; `nil` for the client's.
    ///   - isIdempotent: it may be sent again even where the first may have been done, as it does no harm to find it
    ///     written twice.
    /// - Returns: the context of what is now stored.
    @discardableResult
    public func put(
        _ key: some StoreBytes, _ value: some StoreBytes, context: Context? = nil, writeQuorum: Quorum? = nil,
        timeout: Duration? = nil, isIdempotent: Bool = false
    ) async throws(StatorClientError) -> Context {
        let command = Command.put(
            try storeKey(key), try storeValue(value), context: context, writeQuorum: writeQuorum)
        return try await run(try request(command, timeout, isIdempotent: isIdempotent)).get().context()
    }

    /// Deletes a key. Parameters and errors are those of ``put(_:_:context:writeQuorum:timeout:isIdempotent:)``.
    ///
    /// - Returns: the context of the delete. With ``Context/neverWritten`` there is nothing to delete: it is returned, and
    ///   no node is asked.
    @discardableResult
    public func delete(
        _ key: some StoreBytes, context: Context? = nil, writeQuorum: Quorum? = nil, timeout: Duration? = nil,
        isIdempotent: Bool = false
    ) async throws(StatorClientError) -> Context {
        let key = try storeKey(key)
        if let context, context == .neverWritten { return context }
        let command = Command.delete(key, context: context, writeQuorum: writeQuorum)
        return try await run(try request(command, timeout, isIdempotent: isIdempotent)).get().context()
    }

    /// Reads a key, has its new value made from what it holds, and writes that with the reading's context.
    ///
    /// Concurrent values are resolved so. It is no transaction: a write that comes between becomes a sibling of the new
    /// value, for the next update to resolve.
    ///
    /// - Parameters:
    ///   - timeout: for both together, with what `resolve` takes.
    ///   - resolve: makes the new value of the present ones: none where the key is deleted or was never written, several
    ///     where they are concurrent.
    /// - Returns: the context of what is now stored.
    /// - Throws: what `resolve` throws, and ``StatorClientError``.
    @discardableResult
    nonisolated(nonsending) public func update(
        _ key: some StoreBytes, readQuorum: Quorum? = nil, writeQuorum: Quorum? = nil, timeout: Duration? = nil,
        isIdempotent: Bool = false, _ resolve: (_ siblings: [ByteBuffer]) async throws -> some StoreBytes
    ) async throws -> Context {
        let key = try storeKey(key)
        let read = try request(.get(key, readQuorum: readQuorum), timeout)
        let reading = try await run(read).get().reading()
        let value = try storeValue(try await resolve(reading.values))
        let command = Command.put(key, value, context: reading.context, writeQuorum: writeQuorum)
        let write = Request(
            command, timeout: read.timeout, start: read.start, tellsTimeout: read.tellsTimeout,
            repeatsUnknown: isIdempotent || configuration.retriesUnknownOutcomes)
        return try await run(write).get().context()
    }
}

/// Checking what callers pass, before anything is sent.
extension StoreClient {
    func storeKey(_ key: some StoreBytes) throws(StatorClientError) -> Key {
        do throws(KeyError) {
            return try Key(key.storeBytes)
        } catch {
            throw .invalidArgument("\(error)")
        }
    }

    func storeValue(_ value: some StoreBytes) throws(StatorClientError) -> ByteBuffer {
        let bytes = value.storeBytes
        guard bytes.readableBytes <= configuration.maximumValueBytes else {
            throw .invalidArgument(
                "the value has \(bytes.readableBytes) bytes, at most \(configuration.maximumValueBytes) are allowed")
        }
        return bytes
    }

    func request(
        _ command: Command, _ timeout: Duration?, isIdempotent: Bool = false
    ) throws(StatorClientError) -> Request {
        if let timeout, timeout <= .zero || timeout > ClientLimits.longestTimeout {
            throw .invalidArgument("the timeout is \(timeout), at most \(ClientLimits.longestTimeout) is possible")
        }
        return Request(
            command, timeout: TimeAmount(timeout ?? configuration.timeout), tellsTimeout: timeout != nil,
            repeatsUnknown: isIdempotent || configuration.retriesUnknownOutcomes)
    }
}
