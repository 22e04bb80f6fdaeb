internal import ConflictResolution
internal import NIOCore
internal import StatorCore

extension ShardContext {
    /// Answers a client's read with what the replicas hold.
    mutating func respond(to request: ClientRequest, with body: ByteBuffer?, _ origin: RequestOrigin) {
        guard let body else { return respond(.notFound(context: nil), to: origin) }
        do throws(ResolverError) {
            if request.options.isPlain {
                switch try resolver.value(of: body) {
                case .one(let content): return respond(.value(content), to: origin)
                case .none: return respond(.notFound(context: nil), to: origin)
                case .several: break
                }
            }
            var result = try resolver.read(body)
            contextSeal.seal(&result.context, of: request.key)
            guard !result.isTombstone else { return respond(.notFound(context: result.context), to: origin) }
            if result.liveVersions.count > 1 { counters.siblingsRead += 1 }
            respond(.found(result), to: origin)
        } catch {
            respond(.failed(.unavailable("a replica sent a record that cannot be read: \(error)")), to: origin)
        }
    }
}
