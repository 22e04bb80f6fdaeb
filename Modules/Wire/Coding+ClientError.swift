import NIOCore
import Replication
import StatorCore

extension ByteWriter {
    mutating func writeClientError(_ error: ClientError) {
        switch error {
        case .quorumUnmet(let answered, let needed): writeCountedError(1, answered, needed)
        case .timedOut(let answered, let needed): writeCountedError(2, answered, needed)
        case .outcomeUnknown: writeInteger(UInt8(3))
        case .impossibleQuorum(let asked, let replicas): writeCountedError(4, asked, replicas)
        case .overloaded: writeInteger(UInt8(5))
        case .tooManySiblings(let found, let maximum): writeCountedError(6, found, maximum)
        case .invalidContext(let reason): writeReasonedError(7, reason)
        case .preconditionFailed: writeInteger(UInt8(8))
        case .unavailable(let reason): writeReasonedError(9, reason)
        case .notUpdated(let refusal):
            writeInteger(UInt8(10))
            writeUpdateRefusal(refusal)
        case .cannotStore(let reason): writeReasonedError(11, reason)
        case .recordTooLarge(let found, let maximum): writeCountedError(12, found, maximum)
        }
    }

    private mutating func writeCountedError(_ tag: UInt8, _ first: Int, _ second: Int) {
        writeInteger(tag)
        writeNumber(first)
        writeNumber(second)
    }

    private mutating func writeReasonedError(_ tag: UInt8, _ reason: String) {
        writeInteger(tag)
        writeSentence(reason)
    }
}

extension ByteReader {
    mutating func readClientError() throws(CodecError) -> ClientError {
        switch try readTag("client's error") {
        case 1: return .quorumUnmet(answered: try readNumber("answers"), needed: try readNumber("needed answers"))
        case 2: return .timedOut(answered: try readNumber("answers"), needed: try readNumber("needed answers"))
        case 3: return .outcomeUnknown
        case 4: return .impossibleQuorum(asked: try readNumber("asked quorum"), replicas: try readNumber("replicas"))
        case 5: return .overloaded
        case 6: return .tooManySiblings(found: try readNumber("siblings"), maximum: try readNumber("most siblings"))
        case 7: return .invalidContext(try readSentence("context's problem"))
        case 8: return .preconditionFailed
        case 9: return .unavailable(try readSentence("reason"))
        case 10: return .notUpdated(try readUpdateRefusal())
        case 11: return .cannotStore(try readSentence("reason"))
        case 12: return .recordTooLarge(found: try readNumber("bytes"), maximum: try readNumber("most bytes"))
        case let other: throw .invalid(what: "client's error", found: "tag \(other)")
        }
    }
}
