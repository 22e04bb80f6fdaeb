import ConflictResolution
import NIOCore
import Replication

/// How the node's response to one operation is told.
enum RESPReplyForm {
    /// GET.
    case value
    /// SET.
    case stored
    /// STRLEN.
    case length
    /// TTL and its like; there is no expiry.
    case timeToLive
    /// TYPE.
    case type
    /// STATOR.GET.
    case reading
    /// STATOR.PUT and STATOR.DEL.
    case context(KeyAnswer.Kind)
    /// SET with NX: null where the key is there.
    case storedIfAbsent
    /// SETNX: 0 where the key is there.
    case countIfAbsent
    /// A command that changes a value by what it is: its result, or null. Where it has none and is to tell whether it wrote
    /// something, OK stands for that.
    case updated(KeyAnswer.Kind, tellsWritten: Bool)
    /// Written as bytes by what carries the command out.
    case bytes

    var kind: KeyAnswer.Kind? {
        switch self {
        case .value, .length, .timeToLive, .type, .reading: .get
        case .stored, .storedIfAbsent, .countIfAbsent: .put
        case .context(let kind), .updated(let kind, _): kind
        case .bytes: nil
        }
    }

    private var isWrite: Bool { kind == .put || kind == .delete }

    func write(_ response: borrowing ClientResponse, _ version: RESPVersion, into out: inout ByteBuffer) {
        switch response {
        case .value(let content): writeValue(RESPValue.bytes(content), &out)
        case .found(let result): writeFound(result, version, &out)
        case .notFound(let context): writeNotFound(context, version, &out)
        case .stored(let outcome): writeStored(outcome, &out)
        case .failed(.preconditionFailed):
            if case .countIfAbsent = self { out.writeRESPInteger(0) } else { out.writeRESPNull(version) }
        case .failed(let error): out.writeRESPError(error.respText(isWrite: isWrite))
        case .updated(let outcome): writeUpdated(outcome, version, &out)
        case .explained: out.writeRESPError("ERR the node answered another question")
        }
    }

    private func writeFound(_ result: ReadResult, _ version: RESPVersion, _ out: inout ByteBuffer) {
        if case .reading = self { return writeReading(result, version, &out) }
        switch RESPValue(result) {
        case .siblings(let count):
            out.writeRESPError("SIBLINGS \(count) concurrent values: read them with STATOR.GET and resolve them")
        case .value(let bytes): writeValue(bytes, &out)
        }
    }

    private func writeValue(_ bytes: ByteBuffer, _ out: inout ByteBuffer) {
        switch self {
        case .length: out.writeRESPInteger(bytes.readableBytes)
        case .timeToLive: out.writeRESPInteger(-1)
        case .type: out.writeRESPStatus("string")
        default: out.writeRESPBulk(bytes)
        }
    }

    private func writeReading(_ result: ReadResult, _ version: RESPVersion, _ out: inout ByteBuffer) {
        out.writeRESPArray(2)
        out.writeRESPBulk(result.context)
        out.writeRESPArray(result.versions.count)
        for found in result.versions {
            if let content = found.content {
                out.writeRESPBulk(RESPValue.bytes(content))
            } else {
                out.writeRESPNull(version)
            }
        }
    }

    private func writeNotFound(_ context: ByteBuffer?, _ version: RESPVersion, _ out: inout ByteBuffer) {
        switch self {
        case .reading:
            out.writeRESPArray(2)
            if let context { out.writeRESPBulk(context) } else { out.writeRESPNull(version) }
            out.writeRESPArray(0)
        case .length: out.writeRESPInteger(0)
        case .timeToLive: out.writeRESPInteger(-2)
        case .type: out.writeRESPStatus("none")
        default: out.writeRESPNull(version)
        }
    }

    private func writeUpdated(_ outcome: UpdateOutcome, _ version: RESPVersion, _ out: inout ByteBuffer) {
        switch outcome.result {
        case .integer(let number): out.writeRESPInteger(Int(number))
        case .content(let content): out.writeRESPBulk(RESPValue.bytes(content))
        case .none:
            if case .updated(_, tellsWritten: true) = self, outcome.isWritten {
                out.writeRESPOK()
            } else {
                out.writeRESPNull(version)
            }
        }
    }

    private func writeStored(_ outcome: StoredOutcome, _ out: inout ByteBuffer) {
        switch self {
        case .context: out.writeRESPBulk(outcome.context)
        case .countIfAbsent: out.writeRESPInteger(1)
        default: out.writeRESPOK()
        }
    }
}

/// What a key holds, as a client of single values sees it.
enum RESPValue {
    case value(ByteBuffer)
    case siblings(Int)

    /// - Precondition: there is a live version.
    init(_ result: ReadResult) {
        var found: ByteBuffer?
        var count = 0
        for version in result.versions {
            guard let content = version.content else { continue }
            count += 1
            if count == 1 { found = RESPValue.bytes(content) }
        }
        if count == 1, let found { self = .value(found) } else { self = .siblings(count) }
    }

    /// A raw value as it is; of JSON a string's text, other values as JSON writes them.
    static func bytes(_ content: Content) -> ByteBuffer {
        guard content.form == .json else { return content.bytes }
        return JSONScanner.text(ofString: content.bytes) ?? content.bytes
    }
}

extension ClientError {
    /// The error's line: a code for programs, then the sentence.
    func respText(isWrite: Bool) -> String {
        switch self {
        case .quorumUnmet(let answered, let needed):
            "NOQUORUM need \(needed) got \(answered)" + (isWrite ? ": the write may surface all the same" : "")
        case .timedOut(let answered, let needed):
            "TIMEOUT need \(needed) got \(answered) in time" + (isWrite ? ": the write's outcome is unknown" : "")
        case .outcomeUnknown: "UNKNOWN outcome: \(description)"
        case .overloaded: "OVERLOADED \(description): nothing was done"
        case .unavailable(let reason): "UNAVAILABLE \(reason)"
        case .tooManySiblings, .recordTooLarge: "SIBLINGS \(description)"
        case .invalidContext(let reason): "BADCONTEXT \(reason)"
        case .cannotStore: "UNAVAILABLE \(description)"
        case .notUpdated(.siblings): "SIBLINGS \(description)"
        case .impossibleQuorum, .preconditionFailed, .notUpdated: "ERR \(description)"
        }
    }
}
