public import NIOCore
public import StatorCore

/// What can be a key or a value: text as its UTF-8, and bytes.
public protocol StoreBytes: Sendable {
    /// The bytes, as they are sent.
    var storeBytes: ByteBuffer { get }
}

extension String: StoreBytes {
    public var storeBytes: ByteBuffer { ByteBuffer(string: self) }
}

extension Substring: StoreBytes {
    public var storeBytes: ByteBuffer { ByteBuffer(substring: self) }
}

extension [UInt8]: StoreBytes {
    public var storeBytes: ByteBuffer { ByteBuffer(bytes: self) }
}

extension ByteBuffer: StoreBytes {
    /// The readable bytes.
    public var storeBytes: ByteBuffer { self }
}

extension Key: StoreBytes {
    public var storeBytes: ByteBuffer { bytes }
}
