import NIOCore

/// What the reply to each command means.
extension Reply {
    /// To `STATOR.GET`.
    func reading() throws(StatorClientError) -> Reading {
        guard case .array(let parts) = self, parts.count == 2, case .array(let found) = parts[1] else {
            throw .unexpectedReply("\(kind), not context and siblings", outcomeUnknown: false)
        }
        var siblings: [ByteBuffer?] = []
        for sibling in found {
            switch sibling {
            case .bulk(let value): siblings.append(value)
            case .null: siblings.append(nil)
            default: throw .unexpectedReply("a sibling that is \(sibling.kind)", outcomeUnknown: false)
            }
        }
        switch parts[0] {
        case .bulk(let context): return Reading(siblings: siblings, context: Context(storage: context))
        case .null: return Reading(siblings: siblings, context: .neverWritten)
        default: throw .unexpectedReply("a context that is \(parts[0].kind)", outcomeUnknown: false)
        }
    }

    /// To `STATOR.PUT` and `STATOR.DEL`.
    func context() throws(StatorClientError) -> Context {
        guard case .bulk(let context) = self else {
            throw .unexpectedReply("\(kind), not a context", outcomeUnknown: true)
        }
        return Context(storage: context)
    }
}
