internal import Hashing
internal import NIOCore
internal import StatorCore

/// How long hints have waited, written down beside them: a node that starts again goes on counting.
///
/// For each target the age of its oldest hint is kept, as one record of the hint store whose name is no hint's. What is found
/// at a start is taken for as old as the oldest: an age ends nothing, it only has hints handed to more owners.
struct HintAges {
    /// A hint's name begins with the length of its target's, which is never 0.
    static let name = Key(unchecked: ByteBuffer(bytes: [0]))
    private static let version: UInt8 = 1

    private var ages: [NodeID: Duration] = [:]

    /// - Parameter waited: by target, sorted.
    static func record(_ waited: [(target: NodeID, age: Duration)], token: Token) -> StoredRecord {
        var body = ByteBuffer()
        body.encode { bytes in
            bytes.writeInteger(version)
            bytes.writeVarint(UInt64(waited.count))
            for (target, age) in waited {  // ordered: sorted
                bytes.writeNodeID(target)
                bytes.writeVarint(UInt64(max(0, age.nanoseconds / 1_000_000)))
            }
        }
        return StoredRecord(
            token: token, key: name, digest: Digest(ofBody: body), isTombstone: false, expiry: nil, body: body)
    }

    /// Takes what an earlier life wrote down. What cannot be read tells of no age.
    mutating func read(_ record: StoredRecord) {
        var body = record.body
        let found = try? body.decode { bytes throws(CodecError) in
            var found: [NodeID: Duration] = [:]
            guard try bytes.readFixed("version of the ages of hints", as: UInt8.self) == HintAges.version else {
                return found
            }
            for _ in 0..<(try bytes.readCount("targets of hints", maximum: View.maximumMembers)) {
                let target = try bytes.readNodeID()
                found[target] = .milliseconds(Int64(clamping: min(try bytes.readVarint("age"), 1 << 50)))
            }
            return found
        }
        if let found { ages = found }
    }

    func age(for target: NodeID) -> Duration { ages[target] ?? .zero }
}
