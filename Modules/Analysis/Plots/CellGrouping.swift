/// Which cells are drawn as one, and where: what a reader can tell apart has a colour, the rest has panels.
///
/// As many groups as the palette has colours share one panel. Where there are more cells, each level of the first
/// varied factor has a panel of its own. Where the others still make too many combinations, the cells are merged over
/// all but one of them, and ``note`` says so.
struct CellGrouping: Sendable {
    struct Group: Sendable {
        var label: String
        /// The factor of the panels and its level.
        var panel: String?
        /// Places of its cells; only such as have runs.
        var cells: [Int]
        /// For tooltips: the whole name of the cell, if it is one.
        var name: String
    }

    private(set) var groups: [Group] = []
    /// In the order of colours.
    private(set) var labels: [String] = []
    private(set) var labelTitle = "cell"
    private(set) var panels: [String] = []
    /// What was merged, as a sentence.
    private(set) var note: String?

    /// More panels than this do not fit side by side.
    static let maximumPanels = 6

    init(_ runs: CellRuns) {
        let design = runs.design
        let cells = design.cells.indices.filter { !runs.runs[$0].isEmpty }
        var colored = design.variedFactors
        var panel: Int?
        if cells.count > PlotStyle.palette.count, colored.count > 1,
            let first = colored.first(where: { design.factors[$0].levels.count <= Self.maximumPanels })
        {
            panel = first
            colored.removeAll { $0 == first }
            if Self.combinations(of: colored, cells, design) > PlotStyle.palette.count {
                let kept = colored.first { design.factors[$0].levels.count <= PlotStyle.palette.count } ?? colored[0]
                let merged = colored.filter { $0 != kept }.map { design.factors[$0].name }
                note = "The runs of cells that differ only in \(merged.joined(separator: ", ")) are merged."
                colored = [kept]
            }
        }
        let fallback = colored.isEmpty
        labelTitle = fallback ? "cell" : colored.map { design.factors[$0].name }.joined(separator: " · ")
        for cell in cells {
            let levels = colored.map { design.levelName(of: cell, in: $0) }
            let label = fallback ? runs.label(of: cell) : levels.joined(separator: " · ")
            add(
                cell, label: label, panel: panel.map { Self.panel(design.levelName(of: cell, in: $0), $0, design) },
                design)
        }
        // Panels in the order of the levels, not of the cells that happen to be there.
        if let panel {
            panels = design.factors[panel].levels.map { Self.panel($0, panel, design) }.filter(panels.contains)
        }
    }

    private mutating func add(_ cell: Int, label: String, panel: String?, _ design: Design) {
        if let known = groups.firstIndex(where: { $0.label == label && $0.panel == panel }) {
            groups[known].cells.append(cell)
            groups[known].name = label
            return
        }
        groups.append(Group(label: label, panel: panel, cells: [cell], name: design.name(of: design.cells[cell])))
        if !labels.contains(label) { labels.append(label) }
        if let panel, !panels.contains(panel) { panels.append(panel) }
    }

    private static func panel(_ level: String, _ factor: Int, _ design: Design) -> String {
        design.factors[factor].name + ": " + level
    }

    private static func combinations(of factors: [Int], _ cells: [Int], _ design: Design) -> Int {
        Set(cells.map { cell in factors.map { design.cells[cell].levels[$0] } }).count
    }
}

extension CellGrouping.Group {
    /// A row of a plot's data that belongs to this group.
    func row(_ members: Vega) -> Vega {
        let place: Vega = ["group": Vega(label), "cell": Vega(name)]
        return (panel.map { place.with(["panel": Vega($0)]) } ?? place).with(members)
    }
}
