internal import StatorCore

/// How many of some records a page, a message or a window takes. There is this one rule, for range streams, anti-entropy,
/// hand-over and hints: a page is planned by the sizes that the index knows, then read. So about as many bytes are read as
/// are sent, and no more are held.
enum PagePlan {
    /// A page ends with the record that fills it: it is larger than it may be by less than its last record.
    /// - Parameters:
    ///   - sizes: of the records in their order, in bytes.
    ///   - bytes: at least 1.
    /// - Returns: how many of the first of them; at least one where there are any.
    static func count(_ sizes: some Sequence<Int>, atMost bytes: Int) -> Int {
        var count = 0
        var sum = 0
        for size in sizes {
            if sum >= bytes { break }
            sum += size
            count += 1
        }
        return count
    }
}
