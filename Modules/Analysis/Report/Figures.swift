/// Numbers as people read them: three significant digits, thousands apart, units scaled.
enum Figures {
    static let minus = "\u{2212}"
    private static let smallest = 0.0001
    private static let largest = 1e15

    /// Rounded to significant digits; infinities and NaN stay. Needs no libm, whose results differ between platforms.
    static func rounded(_ figure: Double, digits: Int) -> Double {
        guard figure.isFinite, figure != 0 else { return figure }
        let (scale, isLarge) = scale(of: figure.magnitude, digits: digits)
        let rounded = isLarge ? (figure / scale).rounded() * scale : (figure * scale).rounded() / scale
        return rounded.isFinite ? rounded : figure
    }

    /// The power of ten that brings a magnitude to `digits` digits before its point: by division, or by multiplication.
    private static func scale(of magnitude: Double, digits: Int) -> (scale: Double, isLarge: Bool) {
        var limit = 1.0
        for _ in 0..<digits { limit *= 10 }
        var scale = 1.0
        if magnitude >= limit {
            while magnitude / scale >= limit, scale < 1e300 { scale *= 10 }
            return (scale, true)
        }
        while magnitude * scale < limit / 10, scale < 1e300 { scale *= 10 }
        return (scale, false)
    }

    /// Such as `12,300`, `1.25`, `0.001`, `1.2e-7`.
    static func plain(_ figure: Double, digits: Int = 3) -> String {
        guard figure.isFinite else { return figure.isNaN ? "not a number" : figure < 0 ? "\(minus)∞" : "∞" }
        let rounded = rounded(figure, digits: digits)
        let sign = rounded < 0 ? minus : ""
        let magnitude = rounded.magnitude
        if magnitude != 0, magnitude < smallest || magnitude >= largest { return sign + magnitude.description }
        if magnitude >= 1000 { return sign + grouped(Int(magnitude.rounded())) }
        let text = decimal(magnitude)
        return sign + (text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    /// Without an exponent; Swift prints 0.00012 with one.
    private static func decimal(_ magnitude: Double) -> String {
        guard magnitude != 0, magnitude < 0.001 else { return magnitude.description }
        let digits = String(Int((magnitude * 1e9).rounded()))
        var text = "0." + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }

    /// A count with commas between thousands.
    static func grouped(_ count: Int) -> String {
        let digits = String(count.magnitude)
        var text = count < 0 ? minus : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A count with what is counted.
    static func counted(_ count: Int, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

    /// A share as a percentage.
    static func percent(_ share: Double, digits: Int = 3) -> String { plain(share * 100, digits: digits) + "%" }

    /// A figure with its unit: a share as a percentage, bytes in the multiple of 1000 that is easiest to read.
    static func text(_ figure: Double, of metric: MetricDescription) -> String {
        switch metric.unit {
        case "": return percent(figure)
        case "bytes": return bytes(figure)
        default: return plain(figure) + " " + metric.unit
        }
    }

    static func bytes(_ figure: Double) -> String {
        var scaled = figure
        var unit = "B"
        for next in ["kB", "MB", "GB", "TB"] where scaled.magnitude >= 1000 {
            scaled /= 1000
            unit = next
        }
        return plain(scaled) + " " + unit
    }

    /// With a plus where it is one; a change needs its sign.
    static func signed(_ text: String, isPositive: Bool) -> String { isPositive ? "+" + text : text }

    /// A probability; small ones as a bound.
    static func probability(_ p: Double) -> String { p < smallest ? "< 0.0001" : plain(p, digits: 2) }
}
