/// Series of several runs as one.
enum PooledSeries {
    typealias Point = RunSeries.Point

    private static func sorted(_ runs: [RunRecord], _ name: String) -> [[Point]] {
        runs.compactMap { run in
            let points = run.series(name)?.points.filter { $0.x.isFinite && $0.y.isFinite } ?? []
            return points.isEmpty ? nil : points.sorted { $0.x < $1.x }
        }
    }

    /// At each x the mean weighted by how many observations each point stands for. O(points log points).
    static func weighted(_ name: String, of runs: [RunRecord]) -> [Point] {
        weighted(sorted(runs, name).flatMap { $0 })
    }

    private static func weighted(_ points: [Point]) -> [Point] {
        var pooled: [Point] = []
        for point in points.sorted(by: { $0.x < $1.x }) where point.weight > 0 {
            if let last = pooled.last, last.x == point.x {
                let weight = last.weight + point.weight
                let y = (last.y * last.weight + point.y * point.weight) / weight
                pooled[pooled.count - 1] = Point(x: point.x, y: y, weight: weight)
            } else {
                pooled.append(point)
            }
        }
        return pooled
    }

    /// The mean over the runs of what each held at each x, where its latest point holds until its next.
    ///
    /// A run counts from its first point on, and after its last one. The weight is how many runs counted.
    /// O(points x runs).
    static func steps(_ name: String, of runs: [RunRecord]) -> [Point] {
        let series = sorted(runs, name)
        var places = [Int](repeating: -1, count: series.count)
        var pooled: [Point] = []
        for x in distinct(series.joined().map(\.x)) {
            var sum = 0.0
            var count = 0.0
            for (index, points) in series.enumerated() {
                while places[index] + 1 < points.count, points[places[index] + 1].x <= x { places[index] += 1 }
                guard places[index] >= 0 else { continue }
                sum += points[places[index]].y
                count += 1
            }
            pooled.append(Point(x: x, y: sum / count, weight: count))
        }
        return pooled
    }

    private static func distinct(_ values: [Double]) -> [Double] {
        var distinct: [Double] = []
        for value in values.sorted() where value != distinct.last { distinct.append(value) }
        return distinct
    }

    /// At each x the mean of each run's y over the run's mean y; runs in which nothing happened are left out.
    static func relative(_ name: String, of runs: [RunRecord]) -> [Point] {
        let shares = sorted(runs, name).flatMap { points -> [Point] in
            let mean = points.reduce(0) { $0 + $1.y } / Double(points.count)
            return mean > 0 ? points.map { Point(x: $0.x, y: $0.y / mean) } : []
        }
        return weighted(shares)
    }

    /// At most `limit` points, each the mean of neighbours; the same number of neighbours but for the last.
    static func thinned(_ points: [Point], to limit: Int) -> [Point] {
        guard points.count > limit else { return points }
        let stride = (points.count + limit - 1) / limit
        return Swift.stride(from: 0, to: points.count, by: stride).map { start in
            let part = points[start..<min(start + stride, points.count)]
            return Point(x: points[start].x, y: part.reduce(0) { $0 + $1.y } / Double(part.count))
        }
    }
}
