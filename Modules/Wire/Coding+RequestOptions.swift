import NIOCore
import Replication
import StatorCore

private enum Present {
    static let readQuorum: UInt8 = 1
    static let writeQuorum: UInt8 = 2
    static let timeout: UInt8 = 4
    static let sloppy: UInt8 = 8
    static let precondition: UInt8 = 16
    /// Has no bytes of its own.
    static let plain: UInt8 = 32
    static let all: UInt8 = 63
}

/// The options of a client's request: a byte that says which are present, then those, in the order of its bits.
extension ByteWriter {
    mutating func writeRequestOptions(_ options: RequestOptions) {
        var present: UInt8 = 0
        if options.readQuorum != nil { present |= Present.readQuorum }
        if options.writeQuorum != nil { present |= Present.writeQuorum }
        if options.timeout != nil { present |= Present.timeout }
        if options.isSloppy != nil { present |= Present.sloppy }
        if options.precondition != nil { present |= Present.precondition }
        if options.isPlain { present |= Present.plain }
        writeInteger(present)
        if let quorum = options.readQuorum { writeQuorum(quorum) }
        if let quorum = options.writeQuorum { writeQuorum(quorum) }
        if let timeout = options.timeout { writeVarint(UInt64(max(timeout.nanoseconds, 0))) }
        if let isSloppy = options.isSloppy { writeBoolean(isSloppy) }
        if let precondition = options.precondition { writePrecondition(precondition) }
    }

    private mutating func writeQuorum(_ quorum: QuorumSize) {
        switch quorum {
        case .quorum: writeInteger(UInt8(1))
        case .all: writeInteger(UInt8(2))
        case .number(let number):
            writeInteger(UInt8(3))
            writeNumber(number)
        }
    }

    private mutating func writePrecondition(_ precondition: Replication.Precondition) {
        switch precondition {
        case .absent: writeInteger(UInt8(1))
        case .context(let context):
            writeInteger(UInt8(2))
            writeLengthPrefixed(context)
        }
    }
}

extension ByteReader {
    mutating func readRequestOptions() throws(CodecError) -> RequestOptions {
        let present = try readFixed("request's options", as: UInt8.self)
        guard present <= Present.all else { throw .invalid(what: "request's options", found: "\(present)") }
        var options = RequestOptions()
        if present & Present.readQuorum != 0 { options.readQuorum = try readQuorum() }
        if present & Present.writeQuorum != 0 { options.writeQuorum = try readQuorum() }
        if present & Present.timeout != 0 { options.timeout = try readTimeout() }
        if present & Present.sloppy != 0 { options.isSloppy = try readBoolean("sloppy flag") }
        if present & Present.precondition != 0 { options.precondition = try readPrecondition() }
        options.isPlain = present & Present.plain != 0
        return options
    }

    private mutating func readTimeout() throws(CodecError) -> Duration {
        let nanoseconds = try readVarint("request's time-out")
        guard nanoseconds <= UInt64(Int64.max) else {
            throw .invalid(what: "request's time-out", found: "\(nanoseconds) ns")
        }
        return .nanoseconds(Int64(nanoseconds))
    }

    private mutating func readQuorum() throws(CodecError) -> QuorumSize {
        switch try readTag("quorum") {
        case 1: return .quorum
        case 2: return .all
        case 3: return .number(try readNumber("quorum"))
        case let other: throw .invalid(what: "quorum", found: "tag \(other)")
        }
    }

    private mutating func readPrecondition() throws(CodecError) -> Replication.Precondition {
        switch try readTag("precondition") {
        case 1: return .absent
        case 2: return .context(try readLengthPrefixed("precondition's context", maximum: WireLimits.maximumBody))
        case let other: throw .invalid(what: "precondition", found: "tag \(other)")
        }
    }
}
