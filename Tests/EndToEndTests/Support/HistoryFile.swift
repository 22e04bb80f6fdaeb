import Foundation

/// A history that `stator-bench record` wrote, as lines of JSON.
struct HistoryFile {
    struct Line {
        var text: String
        var json: JSON

        var key: String { json["key"].text ?? "" }
        var kind: String { json["kind"].text ?? "" }
        var outcome: String { json["outcome"].text ?? "" }
        var start: Int { json["start"].int ?? 0 }
        var isFinal: Bool { json["final"].bool ?? false }
        var values: [String] { json["values"].elements.compactMap(\.text) }
    }

    var lines: [Line]

    init(_ path: String) throws {
        lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            Line(text: String(line), json: try JSON(Array(line.utf8)))
        }
    }

    func write(to path: String) throws {
        try Data((lines.map(\.text).joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Makes a final read show nothing in the place of the one acknowledged write that it showed.
    /// - Returns: the id of that write; `nil` where no key ends with a write that no delete can have superseded.
    mutating func loseAWrite() -> Int? {
        for index in lines.indices where lines[index].isFinal && lines[index].values.count == 1 {
            let value = lines[index].values[0]
            let own = lines.filter { $0.key == lines[index].key }
            guard let write = own.first(where: { $0.json["value"].text == value && $0.outcome == "ok" }),
                own.allSatisfy({ $0.kind != "delete" || $0.start < write.start })
            else { continue }
            lines[index].text = lines[index].text.replacingOccurrences(of: "\"values\":[\"\(value)\"],", with: "")
            return write.json["id"].int
        }
        return nil
    }
}
