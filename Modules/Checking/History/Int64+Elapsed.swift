extension Int64 {
    /// The difference of two times, saturating: histories come from outside and may hold any.
    func elapsed(since earlier: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(earlier)
        if overflow { return self < 0 ? .min : .max }
        return difference
    }
}
