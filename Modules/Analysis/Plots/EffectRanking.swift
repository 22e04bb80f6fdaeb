/// Which comparisons a forest plot has room for.
enum EffectRanking {
    static let maximumRows = 40

    /// Places of comparisons, the credible ones with the largest effect first, at most ``maximumRows``.
    ///
    /// Ratios are ranked by their distance from 1 as ratios. Differences of unlike units have no common measure but
    /// Cliff's delta, and are ranked by that, then by size. The two lists are then taken from in turn.
    static func places(_ comparisons: [Comparison], _ design: Design) -> [Int] {
        let drawn = comparisons.indices.filter { isDrawable(comparisons[$0], design) }
        let ratios = drawn.filter { design.metric(comparisons[$0].metric)?.scale == .ratio }.sorted {
            let (left, right) = (comparisons[$0], comparisons[$1])
            return (left.isCredible ? 0 : 1, -distance(left.effect), $0)
                < (right.isCredible ? 0 : 1, -distance(right.effect), $1)
        }
        let differences = drawn.filter { design.metric(comparisons[$0].metric)?.scale == .difference }.sorted {
            let (left, right) = (comparisons[$0], comparisons[$1])
            return (left.isCredible ? 0 : 1, -left.cliffsDelta.magnitude, -left.effect.magnitude, $0)
                < (right.isCredible ? 0 : 1, -right.cliffsDelta.magnitude, -right.effect.magnitude, $1)
        }
        let ranked = (0..<max(ratios.count, differences.count)).flatMap { rank in
            [ratios, differences].filter { $0.indices.contains(rank) }.map { $0[rank] }
        }
        let credible = ranked.filter { comparisons[$0].isCredible }
        let others = ranked.filter { !comparisons[$0].isCredible }
        return Array((credible + others).prefix(maximumRows))
    }

    /// How far a ratio is from 1, downwards as upwards.
    private static func distance(_ ratio: Double) -> Double { max(ratio, 1 / ratio) }

    /// Whether there is a difference at all, and its axis has a place for it.
    private static func isDrawable(_ comparison: Comparison, _ design: Design) -> Bool {
        let figures = [comparison.effect, comparison.interval.lowerBound, comparison.interval.upperBound]
        guard let metric = design.metric(comparison.metric), figures.allSatisfy(\.isFinite) else { return false }
        let neutral = metric.scale == .ratio ? 1.0 : 0
        if figures.allSatisfy({ $0 == neutral }) { return false }
        return metric.scale == .difference || figures.allSatisfy { $0 > 0 }
    }
}
