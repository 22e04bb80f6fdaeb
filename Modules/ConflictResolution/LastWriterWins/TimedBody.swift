import NIOCore
import StatorCore

/// What orders last-writer-wins versions: the timestamp, then the dot, so that no two versions are equal.
struct WriteOrder: Hashable, Comparable, Sendable {
    /// Microseconds: a wall clock's, or a hybrid clock's.
    let timestamp: Int64
    let dot: Dot

    static func < (left: WriteOrder, right: WriteOrder) -> Bool {
        left.timestamp != right.timestamp ? left.timestamp < right.timestamp : left.dot < right.dot
    }
}

/// The one version that a last-writer-wins key has.
///
/// Encoding: header, timestamp, actor, counter, content. A context is the header and the same order.
struct TimedBody: Hashable, Sendable {
    let order: WriteOrder
    let content: EncodedContent

    init(order: WriteOrder, content: EncodedContent) {
        self.order = order
        self.content = content
    }

    init(decoding bytes: ByteBuffer, tag: StrategyTag) throws(CodecError) {
        var buffer = bytes
        self = try buffer.decode { bytes throws(CodecError) in
            try bytes.readBodyHeader(tag)
            let order = try bytes.readWriteOrder()
            let body = TimedBody(order: order, content: try EncodedContent.read(from: &bytes))
            try bytes.expectEnd("body")
            return body
        }
    }

    func encoded(tag: StrategyTag) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 96 + content.bytes.readableBytes)
        buffer.encode {
            $0.writeBodyHeader(tag)
            $0.writeWriteOrder(order)
            $0.writeBytes(content.bytes)
        }
        return buffer
    }

    /// The maximum of a total order; equal orders are the same version unless bytes were corrupted.
    func isOlder(than other: TimedBody) -> Bool {
        order != other.order ? order < other.order : content.bytes.isOrderedBefore(other.content.bytes)
    }

    var context: WriteOrder { order }

    /// - Parameter isHybrid: how the timestamp is to be read by people.
    func readResult(tag: StrategyTag) throws(CodecError) -> ReadResult {
        var context = ByteBufferAllocator().buffer(capacity: 96)
        context.encode {
            $0.writeContextHeader(tag)
            $0.writeWriteOrder(order)
        }
        let wall = WallTime(microseconds: order.timestamp)
        let version = Version(content: try content.decoded(), dot: order.dot, wall: wall)
        return ReadResult(versions: [version], context: context, causality: .timed(order))
    }
}

extension WriteOrder {
    var causality: String { "\(timestamp) µs at \(CausalityText.dot(dot))" }
}

extension ByteWriter {
    mutating func writeWriteOrder(_ order: WriteOrder) {
        writeInteger(order.timestamp)
        writeActor(order.dot.actor)
        writeVarint(order.dot.counter)
    }

}

extension ByteReader {
    mutating func readWriteOrder() throws(CodecError) -> WriteOrder {
        let timestamp = try readFixed("timestamp", as: Int64.self)
        let actor = try readActor()
        return WriteOrder(timestamp: timestamp, dot: Dot(actor: actor, counter: try readVarint("counter")))
    }
}
