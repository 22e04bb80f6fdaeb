package import Workload

/// A histogram as its text, which is a hundredth of its size: a matrix has thousands of them.
package struct StoredHistogram: Hashable, Sendable {
    /// The standard encoding; it decodes.
    package let text: String

    package init(_ histogram: LatencyHistogram) {
        text = histogram.encoded
    }

    /// - Throws: where the text is no histogram.
    package init(text: String) throws(HistogramFormatError) {
        _ = try LatencyHistogram(encoded: text)
        self.text = text
    }

    /// O(ranges).
    package var histogram: LatencyHistogram {
        guard let histogram = try? LatencyHistogram(encoded: text) else {
            preconditionFailure("the text was decoded before")
        }
        return histogram
    }
}
