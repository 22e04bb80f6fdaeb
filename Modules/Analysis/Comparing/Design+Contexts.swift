extension Design {
    /// Two cells that differ in one factor only.
    struct CellPair: Hashable {
        var factor: Int
        /// The cell of the first level that was run in the context.
        var baseline: Int
        var cell: Int
    }

    /// For each combination of the other factors' levels, its first cell with each other one, in the order of cells.
    ///
    /// O(cells x factors).
    func cellPairs(of factor: Int) -> [CellPair] {
        var baselines: [[Int]: Int] = [:]
        for (place, cell) in cells.enumerated() {
            let context = context(of: cell, without: factor)
            if let known = baselines[context], cells[known].levels[factor] <= cell.levels[factor] { continue }
            baselines[context] = place
        }
        var pairs: [CellPair] = []
        for (place, cell) in cells.enumerated() {
            guard let baseline = baselines[context(of: cell, without: factor)] else { continue }
            if cells[baseline].levels[factor] == cell.levels[factor] { continue }
            pairs.append(CellPair(factor: factor, baseline: baseline, cell: place))
        }
        return pairs
    }

    private func context(of cell: Cell, without factor: Int) -> [Int] {
        var levels = cell.levels
        levels.remove(at: factor)
        return levels
    }
}
