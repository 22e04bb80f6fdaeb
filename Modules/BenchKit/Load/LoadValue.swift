internal import NIOCore
internal import Recording
internal import StatorCore

/// The values that a load writes: a name, unique in the load, filled up to a size with a full stop and dashes. They
/// are stored as bytes, which costs the nodes and the load less than JSON.
enum LoadValue {
    /// The least that ``write(_:bytes:into:)`` writes for a name.
    static func size(_ name: String, bytes: Int) -> Int { max(name.utf8.count, bytes) }

    static func write(_ name: String, bytes: Int, into buffer: inout ByteBuffer) {
        let filling = bytes - name.utf8.count - 1
        buffer.writeString(name)
        guard filling >= 0 else { return }
        buffer.writeInteger(UInt8(ascii: "."))
        buffer.writeRepeatingByte(UInt8(ascii: "-"), count: filling)
    }

    /// The name of a value as an answer shows it: as text or, one of several versions, in Base64. A name begins with a
    /// "v", and Base64 of it with a "d". A value that no load wrote is shown as it is, shortened.
    static func name(of shown: String) -> String {
        if shown.utf8.first == UInt8(ascii: "v") { return name(ofText: shown) }
        if shown.utf8.first == UInt8(ascii: "d"), let bytes = Base64.decode(shown) {
            let text = String(buffer: bytes)
            if text.utf8.first == UInt8(ascii: "v") { return name(ofText: text) }
        }
        return String(shown.prefix(LoadLimits.foreignValueLength))
    }

    private static func name(ofText text: String) -> String {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: ".")) else {
            return String(text.prefix(LoadLimits.foreignValueLength))
        }
        return String(text[..<end])
    }
}
