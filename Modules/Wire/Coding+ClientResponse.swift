import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// Answers to client operations, as a coordinator hands them back to the node that forwarded.
extension ByteWriter {
    mutating func writeClientResponse(_ response: ClientResponse) {
        switch response {
        case .found(let result):
            writeInteger(UInt8(1))
            writeReadResult(result)
        case .notFound(let context):
            writeInteger(UInt8(2))
            writeOptionalBytes(context)
        case .stored(let outcome):
            writeInteger(UInt8(3))
            writeNodeID(outcome.node)
            writeBoolean(outcome.isFirst)
            writeLengthPrefixed(outcome.context)
        case .explained(let explanation):
            writeInteger(UInt8(4))
            writeExplanation(explanation)
        case .failed(let error):
            writeInteger(UInt8(5))
            writeClientError(error)
        case .value(let content):
            writeInteger(UInt8(6))
            writeOptionalContent(content)
        case .updated(let outcome):
            writeInteger(UInt8(7))
            writeUpdateOutcome(outcome)
        }
    }

    private mutating func writeReadResult(_ result: ReadResult) {
        writeVarint(UInt64(result.versions.count))
        for version in result.versions { writeVersion(version) }
        writeLengthPrefixed(result.context)
        writeSentence(result.causality, maximum: WireLimits.maximumCausality)
    }

    /// Content, then a byte with bit 0 for a dot and bit 1 for a wall time.
    private mutating func writeVersion(_ version: Version) {
        writeOptionalContent(version.content)
        writeInteger(UInt8((version.dot == nil ? 0 : 1) | (version.wall == nil ? 0 : 2)))
        if let dot = version.dot {
            writeActor(dot.actor)
            writeVarint(dot.counter)
        }
        if let wall = version.wall { writeInteger(wall.microseconds) }
    }
}

extension ByteReader {
    mutating func readClientResponse() throws(CodecError) -> ClientResponse {
        switch try readTag("client's response") {
        case 1: return .found(try readReadResult())
        case 2:
            return .notFound(context: try readOptionalBytes("tombstone's context", maximum: WireLimits.maximumBody))
        case 3:
            let node = try readNodeID("coordinator")
            let isFirst = try readBoolean("whether a write is the first")
            let context = try readLengthPrefixed("written context", maximum: WireLimits.maximumBody)
            return .stored(StoredOutcome(node: node, isFirst: isFirst, context: context))
        case 4: return .explained(try readExplanation())
        case 5: return .failed(try readClientError())
        case 6:
            guard let content = try readOptionalContent() else {
                throw .invalid(what: "client's response", found: "no value")
            }
            return .value(content)
        case 7: return .updated(try readUpdateOutcome())
        case let other: throw .invalid(what: "client's response", found: "tag \(other)")
        }
    }

    private mutating func readReadResult() throws(CodecError) -> ReadResult {
        let count = try readListCount("versions", maximum: WireLimits.maximumVersions, minimumSize: 2)
        var versions: [Version] = []
        for _ in 0..<count { versions.append(try readVersion()) }
        let context = try readLengthPrefixed("read's context", maximum: WireLimits.maximumBody)
        let causality = try readText("causality", maximum: WireLimits.maximumCausality)
        return ReadResult(versions: versions, context: context, causality: causality)
    }

    private mutating func readVersion() throws(CodecError) -> Version {
        let content = try readOptionalContent()
        let flags = try readFixed("version's flags", as: UInt8.self)
        guard flags <= 3 else { throw .invalid(what: "version's flags", found: "\(flags)") }
        var dot: Dot?
        if flags & 1 != 0 { dot = Dot(actor: try readActor(), counter: try readVarint("dot's counter")) }
        var wall: WallTime?
        if flags & 2 != 0 { wall = WallTime(microseconds: try readFixed("version's wall time")) }
        return Version(content: content, dot: dot, wall: wall)
    }
}
