/// A table with aligned columns: numbers to the right, text to the left.
struct Table {
    struct Cell {
        var text: String
        var colour: Terminal.Colour?

        init(_ text: String, _ colour: Terminal.Colour? = nil) {
            // What came from outside must not move the cursor.
            self.text = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? "?" : $0 }))
            self.colour = colour
        }
    }

    private var rows: [[Cell]]

    init(_ titles: String...) {
        rows = [titles.map { Cell($0) }]
    }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }
    mutating func add(_ cells: String...) { add(cells) }
    mutating func add(_ cells: [String]) { rows.append(cells.map { Cell($0) }) }

    func show() {
        for line in lines { Terminal.print(line) }
    }

    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
        }
        let isNumeric = (0..<columns).map { column in
            rows.dropFirst().allSatisfy { column >= $0.count || Self.isNumber($0[column].text) }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                let text = Terminal.coloured(cell.text, cell.colour)
                let isLast = column == row.count - 1
                line += isNumeric[column] ? padding + text : text + (isLast ? "" : padding)
                if !isLast { line += "  " }
            }
            return line
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        text == "-" || text.allSatisfy { $0.isNumber || ".%+-".contains($0) }
    }
}

/// A share as a percentage with two decimals.
func percentage(_ share: Double?) -> String {
    guard let share else { return "-" }
    return fixed(share * 100, 2) + "%"
}

func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let whole = String(scaled / Int(scale))
    let fraction = String(scaled % Int(scale))
    let sign = value < 0 && scaled != 0 ? "-" : ""
    if decimals == 0 { return sign + whole }
    return sign + whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
}
