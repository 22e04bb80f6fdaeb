import NIOCore
import StatorCore

/// A version's value, or the mark of a delete, as it lies in a body: a slice of it, checked but not copied.
///
/// Encoding: a form byte (0 tombstone, 1 raw, 2 JSON); for a value the media type and the bytes, each
/// length-prefixed. One encoding per value, so values compare by bytes.
struct EncodedContent: Hashable, Sendable {
    let bytes: ByteBuffer

    private static let tombstoneForm: UInt8 = 0

    /// - Throws: `.tooLarge` for a media type or value above its limit.
    init(_ content: Content?) throws(CodecError) {
        guard let content else {
            bytes = ByteBuffer(integer: EncodedContent.tombstoneForm)
            return
        }
        let mediaTypeLength = content.mediaType.utf8.count
        guard mediaTypeLength <= Content.maximumMediaTypeLength else {
            throw .tooLarge(what: "media type", found: mediaTypeLength, maximum: Content.maximumMediaTypeLength)
        }
        let length = content.bytes.readableBytes
        guard length <= ResolverLimits.contentBytes else {
            throw .tooLarge(what: "value", found: length, maximum: ResolverLimits.contentBytes)
        }
        var buffer = ByteBufferAllocator().buffer(capacity: 11 + mediaTypeLength + length)
        buffer.encode {
            $0.writeInteger(content.form.rawValue + 1)
            $0.writeText(content.mediaType)
            $0.writeLengthPrefixed(content.bytes)
        }
        bytes = buffer
    }

    private init(checked bytes: ByteBuffer) {
        self.bytes = bytes
    }

    /// Reads one content and leaves its value where it is.
    static func read(from bytes: inout ByteReader) throws(CodecError) -> EncodedContent {
        let start = bytes.position
        _ = try readFields(from: &bytes)
        return EncodedContent(checked: bytes.slice(from: start))
    }

    /// The value, its bytes a slice of the body; `nil` for a tombstone.
    func decoded() throws(CodecError) -> Content? {
        var buffer = bytes
        return try buffer.decode { bytes throws(CodecError) in try EncodedContent.readFields(from: &bytes) }
    }

    /// The value whose encoding a slice is; `nil` for a tombstone and for what is none.
    static func content(inPlain slice: ByteBuffer) -> Content? {
        let whole = slice.readableBytes
        // Plain bytes without a media type: form, 0, length, bytes.
        let place: (form: Content.Form, start: Int)? = slice.withUnsafeReadableBytes { bytes in
            var cursor = ByteCursor(bytes)
            guard let raw = cursor.byte(), raw > 0, let form = Content.Form(rawValue: raw - 1), cursor.byte() == 0,
                let length = cursor.varint(), length == UInt64(whole - cursor.offset),
                length <= UInt64(ResolverLimits.contentBytes)
            else { return nil }
            return (form, cursor.offset)
        }
        if let place {
            var bytes = slice
            bytes.moveReaderIndex(forwardBy: place.start)
            return Content(form: place.form, bytes: bytes)
        }
        return (try? EncodedContent(checked: slice).decoded()) ?? nil
    }

    var isTombstone: Bool {
        bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == EncodedContent.tombstoneForm
    }

    private static func readFields(from bytes: inout ByteReader) throws(CodecError) -> Content? {
        let rawForm = try bytes.readFixed("version's form", as: UInt8.self)
        if rawForm == tombstoneForm { return nil }
        guard let form = Content.Form(rawValue: rawForm - 1) else {
            throw .invalid(what: "version's form", found: "\(rawForm)")
        }
        let mediaType = try bytes.readText("media type", maximum: Content.maximumMediaTypeLength)
        let value = try bytes.readLengthPrefixed("value", maximum: ResolverLimits.contentBytes)
        return Content(form: form, mediaType: mediaType, bytes: value)
    }

    /// The greater of two by bytes: which one stays where two bodies disagree about one event, as corrupt ones may.
    static func greater(_ one: EncodedContent, _ other: EncodedContent) -> EncodedContent {
        one.bytes.isOrderedBefore(other.bytes) ? other : one
    }
}
