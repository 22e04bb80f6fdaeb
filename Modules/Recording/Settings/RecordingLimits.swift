package import NIOCore

/// Every bound of a recording that its settings do not set.
package enum RecordingLimits {
    package static let clients = 1...1000
    package static let operations = 1...5_000_000
    package static let keys = 1...10_000
    package static let seconds = 1...86_400
    package static let weight = 0.0...1000.0
    package static let rate = 0.001...1_000_000.0
    /// In bytes; the key's number comes behind it.
    package static let keyPrefix = 1...200

    /// How long a node may take to answer one request.
    package static let requestTimeout = TimeAmount.seconds(10)
    /// How long a node that does not answer is left alone, in nanoseconds.
    static let rest: Int64 = 1_000_000_000
    /// Between two looks at nodes that have not settled, or at keys that could not be read.
    static let pauseBetweenRounds = Duration.milliseconds(250)
    /// How often a key is read before the run begins, to see that it is new.
    static let preparingRounds = 4
    /// How often a key is read in the end until all replicas answer.
    static let finalRounds = 240
}
