import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// Read-modify-writes, as a node forwards them to a coordinator, and what they bring.
extension ByteWriter {
    mutating func writeUpdate(_ update: ValueUpdate) {
        switch update {
        case .add(let amount):
            writeInteger(UInt8(1))
            writeInteger(amount)
        case .addFraction(let amount):
            writeInteger(UInt8(2))
            writeInteger(amount.bitPattern)
        case .append(let bytes):
            writeInteger(UInt8(3))
            writeLengthPrefixed(bytes)
        case .replace(let content, let presence, let tellsPrevious):
            writeInteger(UInt8(4))
            writeInteger(presence.rawValue)
            writeBoolean(tellsPrevious)
            writeOptionalContent(content)
        case .take: writeInteger(UInt8(5))
        }
    }

    mutating func writeUpdateOutcome(_ outcome: UpdateOutcome) {
        writeNodeID(outcome.node)
        writeBoolean(outcome.isWritten)
        switch outcome.result {
        case .none: writeInteger(UInt8(1))
        case .integer(let number):
            writeInteger(UInt8(2))
            writeInteger(number)
        case .content(let content):
            writeInteger(UInt8(3))
            writeOptionalContent(content)
        }
    }

    mutating func writeUpdateRefusal(_ refusal: UpdateRefusal) {
        switch refusal {
        case .notAnInteger: writeInteger(UInt8(1))
        case .notANumber: writeInteger(UInt8(2))
        case .overflow: writeInteger(UInt8(3))
        case .tooLong(let found, let maximum):
            writeInteger(UInt8(4))
            writeNumber(found)
            writeNumber(maximum)
        case .isJSON: writeInteger(UInt8(5))
        case .siblings(let count):
            writeInteger(UInt8(6))
            writeNumber(count)
        }
    }
}

extension ByteReader {
    mutating func readUpdate() throws(CodecError) -> ValueUpdate {
        switch try readTag("update") {
        case 1: return .add(try readFixed("amount", as: Int64.self))
        case 2:
            let amount = Double(bitPattern: try readFixed("amount", as: UInt64.self))
            guard amount.isFinite else { throw .invalid(what: "amount", found: "\(amount)") }
            return .addFraction(amount)
        case 3: return .append(try readLengthPrefixed("bytes to append", maximum: WireLimits.maximumBody))
        case 4:
            let rawPresence = try readTag("presence")
            guard let presence = ValueUpdate.Presence(rawValue: rawPresence) else {
                throw .invalid(what: "presence", found: "\(rawPresence)")
            }
            let tellsPrevious = try readBoolean("whether the previous value is told")
            return .replace(try readContent("new value"), onlyIf: presence, tellsPrevious: tellsPrevious)
        case 5: return .take
        case let other: throw .invalid(what: "update", found: "tag \(other)")
        }
    }

    mutating func readUpdateOutcome() throws(CodecError) -> UpdateOutcome {
        let node = try readNodeID("coordinator")
        let isWritten = try readBoolean("whether an update has written")
        let result: UpdateResult
        switch try readTag("update's result") {
        case 1: result = .none
        case 2: result = .integer(try readFixed("update's result", as: Int64.self))
        case 3: result = .content(try readContent("update's result"))
        case let other: throw .invalid(what: "update's result", found: "tag \(other)")
        }
        return UpdateOutcome(node: node, isWritten: isWritten, result: result)
    }

    mutating func readUpdateRefusal() throws(CodecError) -> UpdateRefusal {
        switch try readTag("update's refusal") {
        case 1: return .notAnInteger
        case 2: return .notANumber
        case 3: return .overflow
        case 4: return .tooLong(found: try readNumber("length"), maximum: try readNumber("greatest length"))
        case 5: return .isJSON
        case 6: return .siblings(try readNumber("siblings"))
        case let other: throw .invalid(what: "update's refusal", found: "tag \(other)")
        }
    }

    private mutating func readContent(_ what: String) throws(CodecError) -> Content {
        guard let content = try readOptionalContent() else { throw .invalid(what: what, found: "no value") }
        return content
    }
}
