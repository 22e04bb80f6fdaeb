import StatorCore

extension Endpoint {
    /// `host:port` or `[IPv6 address]:port`; `nil` where ``fault(in:)`` finds something.
    init?(parsing text: String) {
        guard case .success(let endpoint) = Endpoint.parse(text) else { return nil }
        self = endpoint
    }

    /// What is wrong with a text as an endpoint, or `nil`.
    static func fault(in text: String) -> String? {
        guard case .failure(let fault) = parse(text) else { return nil }
        return fault.message
    }

    /// Whether it means "every address of this machine", which nobody can connect to.
    var isUnspecified: Bool {
        !host.isEmpty
            && host.utf8.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
    }

    /// Whether one machine could not listen at both.
    func collides(with other: Endpoint) -> Bool {
        normalized == other.normalized || (port == other.port && (isUnspecified || other.isUnspecified))
    }

    /// Equal for endpoints that differ in the case of the host only.
    var normalized: Endpoint { Endpoint(host: host.lowercased(), port: port) }

    private struct Fault: Error {
        let message: String
    }

    private static func parse(_ text: String) -> Result<Endpoint, Fault> {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            return .failure(Fault(message: "the port is missing"))
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard isIPv6(host) else { return .failure(Fault(message: "no IPv6 address stands in the brackets")) }
        } else if host.contains(":") {
            return .failure(Fault(message: "an IPv6 address stands in brackets, as in [::1]:7000"))
        } else if !isHostName(host) {
            return .failure(Fault(message: "the host is not a name or an address"))
        }
        let digits = text[text.utf8.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), (1...65535).contains(port)
        else {
            return .failure(Fault(message: "a port is a number from 1 to 65535"))
        }
        return .success(Endpoint(host: host, port: port))
    }

    private static func isHostName(_ host: String) -> Bool {
        guard (1...253).contains(host.utf8.count) else { return false }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { byte in
                    isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
        guard isName else { return false }
        // What ends in a number is an IPv4 address, and nothing else.
        guard let last = labels.last, last.allSatisfy(isDigit) else { return true }
        return labels.count == 4 && labels.allSatisfy { Int(String(Substring($0))).map { $0 <= 255 } ?? false }
    }

    /// Whether it looks like one: hexadecimal groups, an embedded IPv4 address, a zone such as `%eth0`. The system's
    /// resolver has the last word.
    private static func isIPv6(_ host: String) -> Bool {
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !NodeID.isValid(String(parts[1])) { return false }
        let address = parts[0]
        return address.utf8.count <= 45 && address.utf8.count(where: { $0 == UInt8(ascii: ":") }) >= 2
            && address.utf8.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
                    || (isLetter(byte) && byte | 0x20 <= UInt8(ascii: "f"))
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
