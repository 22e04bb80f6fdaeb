import NIOCore
import StatorCore

/// The first two bytes of every body and context: which strategy wrote them, and in which format.
///
/// A cluster whose resolver was exchanged meets bodies and contexts of the old one; the tag refuses them instead of
/// reading one strategy's metadata as another's. A context's tag has the high bit set, so that neither passes for the
/// other.
enum StrategyTag: UInt8 {
    case dottedVersionVector = 1
    case vectorClock = 2
    case lastWriterWinsHLC = 3
    case lastWriterWinsWall = 4

    static let contextBit: UInt8 = 0x80
    static let formatVersion: UInt8 = 1
}

extension ByteWriter {
    mutating func writeBodyHeader(_ tag: StrategyTag) {
        writeInteger(tag.rawValue)
        writeInteger(StrategyTag.formatVersion)
    }

    mutating func writeContextHeader(_ tag: StrategyTag) {
        writeInteger(tag.rawValue | StrategyTag.contextBit)
        writeInteger(StrategyTag.formatVersion)
    }
}

extension ByteReader {
    mutating func readBodyHeader(_ tag: StrategyTag) throws(CodecError) {
        try readHeader("body", tag: tag.rawValue)
    }

    mutating func readContextHeader(_ tag: StrategyTag) throws(CodecError) {
        try readHeader("context", tag: tag.rawValue | StrategyTag.contextBit)
    }

    private mutating func readHeader(_ what: String, tag: UInt8) throws(CodecError) {
        let found = try readFixed("\(what)'s strategy", as: UInt8.self)
        guard found == tag else { throw .invalid(what: "\(what)'s strategy", found: "\(found) where \(tag) is used") }
        let version = try readFixed("\(what)'s format", as: UInt8.self)
        guard version == StrategyTag.formatVersion else {
            throw .invalid(what: "\(what)'s format", found: "\(version)")
        }
    }
}
