/// Why a text is not a histogram of ours.
package enum HistogramFormatError: Error, Equatable, CustomStringConvertible {
    /// Longer than any text of ours, in characters.
    case tooLong(found: Int, maximum: Int)
    /// Not canonical Base64.
    case notBase64
    /// The bytes end before `what` is complete.
    case truncated(what: String)
    /// Bytes follow the end of `what`.
    case trailing(what: String, count: Int)
    /// `what` has another value than a text of ours has.
    case unexpected(what: String, found: String, expected: String)
    /// It reads well, but a histogram of these counts is written otherwise.
    case notCanonical

    package var description: String {
        switch self {
        case .tooLong(let found, let maximum): "the histogram has \(found) characters, at most \(maximum) are allowed"
        case .notBase64: "the histogram is not Base64"
        case .truncated(let what): "the histogram is cut short in \(what)"
        case .trailing(let what, let count): "\(count) bytes follow the end of the histogram's \(what)"
        case .unexpected(let what, let found, let expected):
            "the histogram's \(what) is \(found), expected \(expected)"
        case .notCanonical: "the histogram's counts are not written as they are here"
        }
    }
}
