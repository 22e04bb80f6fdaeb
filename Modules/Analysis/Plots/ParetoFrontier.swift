/// Points that no other point beats in both figures, where less is better.
enum ParetoFrontier {
    /// Places of the points on the frontier, by x; of equal points the first. O(points log points).
    static func places(of points: [(x: Double, y: Double)]) -> [Int] {
        let order = points.indices.sorted { (points[$0].x, points[$0].y, $0) < (points[$1].x, points[$1].y, $1) }
        var frontier: [Int] = []
        var least = Double.infinity
        for place in order where points[place].y < least {
            frontier.append(place)
            least = points[place].y
        }
        return frontier
    }
}
