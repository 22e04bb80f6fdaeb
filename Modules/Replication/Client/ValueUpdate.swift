package import ConflictResolution
package import NIOCore
package import StatorCore

/// A read-modify-write: a small function of the one value that a key has. The coordinator evaluates it in one step, so
/// that no other write which it carries out slips in between.
package enum ValueUpdate: Hashable, Sendable {
    /// Adds to a decimal 64-bit integer. A key without a value counts as 0; of concurrent values, all of them integers,
    /// the greatest counts.
    case add(Int64)
    /// The same with decimal numbers.
    case addFraction(Double)
    /// Appends bytes; a key without a value counts as empty.
    case append(ByteBuffer)
    /// Puts a value in place of the one before.
    case replace(Content, onlyIf: Presence, tellsPrevious: Bool)
    /// Deletes the key, and tells the value that it had.
    case take

    package enum Presence: UInt8, Hashable, Sendable, CaseIterable {
        case any = 1
        /// Only where the key has no value.
        case absent = 2
        /// Only where it has one.
        case present = 3
    }

    /// Of the value that comes with it.
    package var givenBytes: Int {
        switch self {
        case .append(let bytes): bytes.readableBytes
        case .replace(let content, _, _): content.bytes.readableBytes
        case .add, .addFraction, .take: 0
        }
    }
}

/// What a read-modify-write brought.
package struct UpdateOutcome: Hashable, Sendable {
    /// Who coordinated.
    package var node: NodeID
    /// False where what it depends on was not so: then nothing was written.
    package var isWritten: Bool
    package var result: UpdateResult

    package init(node: NodeID, isWritten: Bool, result: UpdateResult) {
        self.node = node
        self.isWritten = isWritten
        self.result = result
    }
}

package enum UpdateResult: Hashable, Sendable {
    case none
    /// A sum, or the length of what was appended to, in bytes.
    case integer(Int64)
    /// A sum with a fraction, or the value before.
    case content(Content)
}

/// Why a value cannot be updated as asked: nothing was written.
package enum UpdateRefusal: Hashable, Sendable, CustomStringConvertible {
    case notAnInteger
    case notANumber
    case overflow
    case tooLong(found: Int, maximum: Int)
    /// It was stored as JSON, which what was asked for would break.
    case isJSON
    /// Concurrent values, of which none is the one to go by.
    case siblings(Int)

    package var description: String {
        switch self {
        case .notAnInteger: "value is not an integer or out of range"
        case .notANumber: "value is not a valid float"
        case .overflow: "increment or decrement would overflow"
        case .tooLong(let found, let maximum): "the value would have \(found) bytes, at most \(maximum) are allowed"
        case .isJSON: "the value is JSON: bytes can be appended to raw values only"
        case .siblings(let count): "\(count) concurrent values: read them with STATOR.GET and resolve them"
        }
    }
}

/// What an update makes of a value.
enum ValueChange {
    case nothing
    case store(Content)
    case delete
}

extension ValueUpdate {
    /// Evaluates the function.
    /// - Parameters:
    ///   - held: the live values of the key.
    ///   - maximum: the largest value that may be stored, in bytes.
    /// - Complexity: O(bytes of the values).
    func applied(to held: [Content], maximum: Int) throws(UpdateRefusal) -> (change: ValueChange, result: UpdateResult)
    {
        switch self {
        case .add(let amount):
            let (sum, isOver) = try ValueUpdate.integer(held).addingReportingOverflow(amount)
            guard !isOver else { throw .overflow }
            return (.store(ValueUpdate.raw(String(sum))), .integer(sum))
        case .addFraction(let amount):
            let sum = try ValueUpdate.number(held) + amount
            guard sum.isFinite else { throw .notANumber }
            let content = ValueUpdate.raw(sum == sum.rounded() && abs(sum) < 1e15 ? String(Int(sum)) : String(sum))
            return (.store(content), .content(content))
        case .append(let more):
            let before = try ValueUpdate.one(held)
            guard before?.form != .json else { throw .isJSON }
            let length = (before?.bytes.readableBytes ?? 0) + more.readableBytes
            guard length <= maximum else { throw .tooLong(found: length, maximum: maximum) }
            var bytes = before?.bytes ?? ByteBuffer()
            bytes.writeImmutableBuffer(more)
            let content = Content(form: .raw, mediaType: before?.mediaType ?? "", bytes: bytes)
            return (.store(content), .integer(Int64(length)))
        case .replace(let content, let presence, let tellsPrevious):
            let previous = tellsPrevious ? try ValueUpdate.one(held) : nil
            let isAllowed =
                switch presence {
                case .any: true
                case .absent: held.isEmpty
                case .present: !held.isEmpty
                }
            return (isAllowed ? .store(content) : .nothing, previous.map { .content($0) } ?? .none)
        case .take:
            guard let previous = try ValueUpdate.one(held) else { return (.nothing, .none) }
            return (.delete, .content(previous))
        }
    }

    private static func raw(_ text: String) -> Content { Content(form: .raw, bytes: ByteBuffer(string: text)) }

    private static func one(_ held: [Content]) throws(UpdateRefusal) -> Content? {
        guard held.count <= 1 else { throw .siblings(held.count) }
        return held.first
    }

    /// Counters never stand still: concurrent ones are as one, the greatest, and the sum takes the place of all.
    private static func integer(_ held: [Content]) throws(UpdateRefusal) -> Int64 {
        var greatest: Int64?
        for content in held {
            guard let value = Int64(String(buffer: content.bytes)) else {
                throw held.count > 1 ? .siblings(held.count) : .notAnInteger
            }
            greatest = max(greatest ?? value, value)
        }
        return greatest ?? 0
    }

    private static func number(_ held: [Content]) throws(UpdateRefusal) -> Double {
        var greatest: Double?
        for content in held {
            guard let value = Double(String(buffer: content.bytes)), value.isFinite else {
                throw held.count > 1 ? .siblings(held.count) : .notANumber
            }
            greatest = max(greatest ?? value, value)
        }
        return greatest ?? 0
    }
}

extension UpdateRefusal: Error {}
