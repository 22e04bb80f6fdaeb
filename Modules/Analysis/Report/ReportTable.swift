/// A table that a click on a header sorts.
struct ReportTable {
    struct Field {
        /// Escaped already.
        var html: String
        /// What it is sorted by, where that is not its text; missing figures sort last.
        var key: Double?
        var isNumber = false

        static func text(_ text: String) -> Field { Field(html: HTMLText.escaped(text)) }

        static func number(_ key: Double?, _ text: String) -> Field {
            Field(html: HTMLText.escaped(text), key: key, isNumber: true)
        }
    }

    /// For people who do not see it.
    var label: String
    var columns: [(title: String, isNumber: Bool)]
    var rows: [[Field]] = []

    var html: String {
        let head = columns.map { column in
            let kind = column.isNumber ? " class=\"number\"" : ""
            return "<th scope=\"col\"\(kind) aria-sort=\"none\"><button type=\"button\">"
                + "\(HTMLText.escaped(column.title))</button></th>"
        }
        let body = rows.map { row in "<tr>" + row.map(Self.cell).joined() + "</tr>\n" }
        let label = HTMLText.escaped(label)
        return """
            <div class="wide" role="region" tabindex="0" aria-label="\(label)"><table class="sortable">
            <thead><tr>\(head.joined())</tr></thead>
            <tbody>
            \(body.joined())</tbody>
            </table></div>
            """
    }

    private static func cell(_ field: Field) -> String {
        guard field.isNumber else { return "<td>\(field.html)</td>" }
        guard let key = field.key, key.isFinite else { return "<td class=\"number\" data-key=\"\">\(field.html)</td>" }
        return "<td class=\"number\" data-key=\"\(key)\">\(field.html)</td>"
    }
}
