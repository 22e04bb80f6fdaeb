package import NIOCore

/// Base64 as RFC 4648 section 4 has it, with padding; what deviates is refused, so that a context has one spelling.
package enum Base64 {
    private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (index, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(index) }
        return values
    }()

    package static func encode(_ bytes: ByteBuffer) -> String {
        let count = bytes.readableBytes
        return String(unsafeUninitializedCapacity: (count + 2) / 3 * 4) { out in
            bytes.withUnsafeReadableBytes { input in
                var written = 0
                func emit(_ value: UInt32) {
                    out[written] = alphabet[Int(value & 0x3F)]
                    written += 1
                }
                var index = 0
                while index < count {
                    let remaining = min(3, count - index)
                    var group = UInt32(input[index]) << 16
                    if remaining > 1 { group |= UInt32(input[index + 1]) << 8 }
                    if remaining > 2 { group |= UInt32(input[index + 2]) }
                    emit(group >> 18)
                    emit(group >> 12)
                    if remaining > 1 { emit(group >> 6) }
                    if remaining > 2 { emit(group) }
                    index += 3
                }
                while written % 4 != 0 {
                    out[written] = padding
                    written += 1
                }
                return written
            }
        }
    }

    /// The bytes, or `nil` where the text is not canonical Base64.
    package static func decode(_ text: some StringProtocol) -> ByteBuffer? {
        var encoded = Array(text.utf8)
        guard encoded.count % 4 == 0 else { return nil }
        var pads = 0
        while pads < 2, encoded.last == padding {
            encoded.removeLast()
            pads += 1
        }
        var out = ByteBufferAllocator().buffer(capacity: encoded.count * 3 / 4 + 1)
        var group: UInt32 = 0
        var bits = 0
        for byte in encoded {
            let value = values[Int(byte)]
            guard value != 0xFF else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.writeInteger(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        // What is left over must be zero bits, else two texts would mean the same bytes.
        guard group & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return out
    }
}
