internal import ConflictResolution
internal import Hashing
internal import NIOCore
internal import StatorCore

/// What a write makes.
struct MadeRecord {
    let record: StoredRecord
    /// Covers it; empty where the client wants none.
    let context: ByteBuffer
}

extension ShardContext {
    /// The merged record that a write makes over a body, and the context that covers it. Issues a dot.
    mutating func made(
        _ request: ClientRequest, _ write: VersionWrite, over held: ByteBuffer?, isOwner: Bool
    ) -> Result<MadeRecord, ClientError> {
        guard let stamp = newStamp(isOwner: isOwner) else { return .failure(.dotsExhausted) }
        do {
            var made = try resolver.make(
                write.unsealed, over: held, stamp: stamp, wantsContext: !request.options.isPlain)
            if made.siblings > Limits.maximumSiblings {
                return .failure(.tooManySiblings(found: made.siblings, maximum: Limits.maximumSiblings))
            }
            // One that shrinks it is how siblings are resolved; a single version fits by the limit of values.
            let bytes = made.body.readableBytes
            if made.siblings > 1, bytes > clientRecordBytes, bytes > held?.readableBytes ?? 0 {
                reach(.recordTooLarge)
                return .failure(.recordTooLarge(found: bytes, maximum: clientRecordBytes))
            }
            let record = StoredRecord(
                token: request.token, key: request.key, digest: Digest(ofBody: made.body),
                isTombstone: made.isTombstone, expiry: nil, body: made.body)
            guard made.context != nil else { return .success(MadeRecord(record: record, context: ByteBuffer())) }
            contextSeal.seal(&made.context!, of: request.key)
            return .success(MadeRecord(record: record, context: made.context!))
        } catch .body(let error) {
            return .failure(.unavailable("this replica's record of the key is corrupt: \(error)"))
        } catch {
            return .failure(.invalidContext("\(error)"))
        }
    }
}

extension ClientError {
    static let dotsExhausted = ClientError.unavailable("the node is out of counters for writes, and waits for more")
    static let unreadable = ClientError.unavailable("this replica's record of the key cannot be read")
}
