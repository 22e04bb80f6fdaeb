/// The findings as a table.
enum ProofTable {
    private static func cells(_ finding: Finding) -> [String] {
        [
            finding.name,
            finding.outcome.caughtBy.isEmpty ? "nobody" : finding.outcome.caughtBy.joined(separator: ", "),
            finding.outcome.seed.map { "\($0)" } ?? "-", "\(finding.stated)", finding.dirty.isEmpty ? "yes" : "no",
        ]
    }

    /// For terminals: columns of even width.
    static func text(_ findings: [Finding]) -> String {
        let rows = [["plant", "caught by", "at seed", "stated", "clean without"]] + findings.map(cells)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = zip(row, widths).dropLast().map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return (padded + row.suffix(1)).joined(separator: " | ")
        }.joined(separator: "\n")
    }

    /// For the documentation: what is wrong with each as well.
    static func markdown(_ findings: [Finding]) -> String {
        let head = ["plant", "what the store does wrong", "simulation", "caught by", "at seed", "stated"]
        let rows = findings.map { finding in
            let cells = cells(finding)
            return ["`\(finding.name)`", finding.wrong, finding.scenario, cells[1], cells[2], cells[3]]
        }
        return ([head, head.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }
            .joined(separator: "\n")
    }
}
