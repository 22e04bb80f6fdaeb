/// The runs of a matrix that can be compared, by cell and arm.
struct RunTable {
    /// Flags of runs whose figures are not those of the design: they lost a node, or ended early.
    static let unusable = ["node-died", "broke-off"]

    private struct Place: Hashable {
        var cell: Int
        var arm: RunRecord.Arm
    }

    private var byPlace: [Place: [RunRecord]] = [:]
    /// The numbers of the runs with one of ``unusable``, ascending.
    private(set) var leftOut: [Int] = []
    /// The places of the arms against themselves that usable runs belong to, ascending.
    private(set) var sameAgainArms: [Int] = []

    /// O(n log n). The order of the runs does not matter; of two runs of one repetition the one with the lower number
    /// counts.
    init(_ runs: [RunRecord]) {
        var arms: Set<Int> = []
        for run in runs.sorted(by: { ($0.repetition, $0.number) < ($1.repetition, $1.number) }) {
            if run.flags.contains(where: Self.unusable.contains) {
                leftOut.append(run.number)
                continue
            }
            if case .sameAgain(let arm) = run.arm { arms.insert(arm) }
            let place = Place(cell: run.cell, arm: run.arm)
            if byPlace[place]?.last?.repetition == run.repetition { continue }
            byPlace[place, default: []].append(run)
        }
        leftOut.sort()
        sameAgainArms = arms.sorted()
    }

    /// In the order of repetitions; empty where there are none.
    func runs(of cell: Int, _ arm: RunRecord.Arm) -> [RunRecord] {
        byPlace[Place(cell: cell, arm: arm)] ?? []
    }
}

extension RunRecord {
    /// A figure that tests can take; `nil` where the run has none of the name, or one that is none
    /// (``Sample/isFigure(_:)``).
    func figure(_ name: String) -> Double? {
        guard let value = metrics[name], Sample.isFigure(value) else { return nil }
        return value
    }
}
