/// Numbers and texts as reports print them.
enum Text {
    /// The longest value that a message repeats, in characters.
    static let maximumShown = 40

    /// In double quotes, shortened in the middle of long ones.
    static func quoted(_ text: String) -> String {
        var shown = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == maximumShown {
                shown += "…"
                break
            }
            shown += scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : String(scalar)
            count += 1
        }
        return "\"\(shown)\""
    }

    static func list(_ values: [String]) -> String {
        let shown = values.prefix(8).map(quoted).joined(separator: ", ")
        return "[" + (values.count > 8 ? shown + ", … \(values.count) in all" : shown) + "]"
    }

    /// At most three decimals, without trailing zeros; `-` where the number is not finite.
    static func decimal(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        guard value.magnitude < 1e15 else { return "\(value)" }
        let thousandths = Int64((value * 1000).rounded())
        let magnitude = thousandths.magnitude
        let whole = (thousandths < 0 ? "-" : "") + String(magnitude / 1000)
        let fraction = magnitude % 1000
        guard fraction > 0 else { return whole }
        var digits = String(fraction + 1000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return whole + "." + digits
    }

    static func milliseconds(_ nanoseconds: Int64) -> String {
        decimal(Double(nanoseconds) / 1_000_000) + " ms"
    }
}
