/// Many keys at once: sent to all their nodes side by side, each key an operation of its own.
extension StoreClient {
    /// Reads many keys.
    ///
    /// - Parameters:
    ///   - keys: any number; 1,024 of them are under way at once.
    ///   - timeout: for all of them together; `nil` for the client's.
    /// - Returns: what came of each, in the order of the keys.
    public func get<Bytes: StoreBytes>(
        _ keys: [Bytes], readQuorum: Quorum? = nil, timeout: Duration? = nil
    ) async -> [Result<Reading, StatorClientError>] {
        let requests = keys.map { key in
            Result { () throws(StatorClientError) in
                try request(.get(try storeKey(key), readQuorum: readQuorum), timeout)
            }
        }
        return await run(requests).map { outcome in
            Result { () throws(StatorClientError) in try outcome.get().reading() }
        }
    }

    /// Writes many keys, each superseding what its coordinator holds. There is no order among them, and no transaction.
    ///
    /// - Parameters:
    ///   - pairs: keys and values, any number; 1,024 of them are under way at once.
    ///   - timeout: for all of them together; `nil` for the client's.
    ///   - isIdempotent: see ``put(_:_:context:writeQuorum:timeout:isIdempotent:)``.
    /// - Returns: what came of each, in the order of the pairs.
    @discardableResult
    public func put<KeyBytes: StoreBytes, ValueBytes: StoreBytes>(
        _ pairs: [(KeyBytes, ValueBytes)], writeQuorum: Quorum? = nil, timeout: Duration? = nil,
        isIdempotent: Bool = false
    ) async -> [Result<Context, StatorClientError>] {
        let requests = pairs.map { key, value in
            Result { () throws(StatorClientError) in
                let command = Command.put(
                    try storeKey(key), try storeValue(value), context: nil, writeQuorum: writeQuorum)
                return try request(command, timeout, isIdempotent: isIdempotent)
            }
        }
        return await run(requests).map { outcome in
            Result { () throws(StatorClientError) in try outcome.get().context() }
        }
    }
}
