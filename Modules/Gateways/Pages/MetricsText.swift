import NIOCore

/// Composes Prometheus' text format, version 0.0.4.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter
        case gauge
        case summary
    }

    private(set) var buffer = ByteBufferAllocator().buffer(capacity: 16 << 10)

    /// Begins a metric family: its samples must follow before the next one.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        buffer.writeString("# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n")
    }

    mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        buffer.writeString(name)
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            buffer.writeString("{\(pairs.joined(separator: ","))}")
        }
        buffer.writeString(" \(Self.text(value))\n")
    }

    /// A family of one sample.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        family(name, kind, help)
        sample(name, [], value)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quotes: out += "\\\""
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let integer = Int(exactly: value) { return String(integer) }
        return String(describing: value)
    }
}
