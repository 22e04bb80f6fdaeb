import NIOCore
import StatorCore

/// The first frame each way on a connection between nodes: who dials, and whether that one is let in.
///
/// Magic and version come first and keep their place in every version, so that nodes of different versions can tell
/// each other why they do not talk.
package enum Handshake {
    package static let version: UInt16 = 5
    static let magic: [UInt8] = Array("STAT".utf8)

    static func writePreamble(into buffer: inout ByteWriter) {
        for byte in magic { buffer.writeInteger(byte) }
        buffer.writeInteger(version)
    }

    /// - Returns: the other end's version.
    static func readPreamble(_ bytes: inout ByteReader) throws(CodecError) -> UInt16 {
        guard let found = bytes.readSlice(length: magic.count).map({ Array($0.readableBytesView) }) else {
            throw .truncated(what: "handshake")
        }
        guard found == magic else { throw .invalid(what: "handshake's first bytes", found: "\(found)") }
        return try bytes.readFixed("protocol version", as: UInt16.self)
    }
}
