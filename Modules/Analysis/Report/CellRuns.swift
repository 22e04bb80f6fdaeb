internal import Workload

/// The runs of a matrix by cell: those that plots and tables show.
///
/// Only runs of the main arm count, and none that the comparisons leave out: what is drawn is what was compared.
struct CellRuns: Sendable {
    let design: Design
    /// In the order of ``Design/cells``, each cell's in the order of their numbers.
    let runs: [[RunRecord]]

    /// O(runs log runs).
    init(_ input: ReportInput) {
        design = input.design
        let leftOut = Set(input.comparisons.leftOut)
        var runs = [[RunRecord]](repeating: [], count: design.cells.count)
        for run in input.runs.sorted(by: { $0.number < $1.number }) {
            guard run.arm == .main, runs.indices.contains(run.cell), !leftOut.contains(run.number) else { continue }
            runs[run.cell].append(run)
        }
        self.runs = runs
    }

    /// The figures of a metric in a cell, in the order of the runs.
    func figures(_ metric: String, of cell: Int) -> [Double] {
        runs[cell].compactMap { $0.figure(metric) }
    }

    /// All latencies of one kind of operation in some cells, as if one run had recorded them.
    ///
    /// Percentiles must never be averaged: that of a union is not the mean of its parts'.
    func merged(_ kind: String, of cells: [Int]) -> LatencyHistogram? {
        var merged = LatencyHistogram()
        for cell in cells {
            for run in runs[cell] {
                if let stored = run.histograms[kind] { merged.merge(stored.histogram) }
            }
        }
        return merged.count > 0 ? merged : nil
    }

    /// The levels of the factors that are varied, such as `lww-hlc · 0.99`; the whole name is ``Design/name(of:)``.
    func label(of cell: Int) -> String {
        let varied = design.variedFactors
        if varied.isEmpty { return design.name(of: design.cells[cell]) }
        return varied.map { design.levelName(of: cell, in: $0) }.joined(separator: " · ")
    }
}

extension RunRecord {
    var isSaturated: Bool { flags.contains("saturated") }
}

extension Design {
    /// Places of the factors that have more than one level.
    var variedFactors: [Int] { factors.indices.filter { factors[$0].levels.count > 1 } }

    /// The name of the level that a cell has of a factor.
    func levelName(of cell: Int, in factor: Int) -> String {
        factors[factor].levels[cells[cell].levels[factor]]
    }
}
