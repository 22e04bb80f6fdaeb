/// Why a recording does not begin.
package enum RecordingFailure: Error, Hashable, CustomStringConvertible {
    /// With what became of the last try.
    case nobodyAnswers(String)
    case keyInUse(String)

    package var description: String {
        switch self {
        case .nobodyAnswers(let why): "no node answers a read: \(why)"
        case .keyInUse(let key):
            "the key \(key) was written before, and a history has to hold all writes to its keys: take another prefix"
        }
    }
}
