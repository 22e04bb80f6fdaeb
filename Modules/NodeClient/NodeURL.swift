/// Where a node serves HTTP.
package struct NodeURL: Hashable, Sendable, CustomStringConvertible {
    package static let defaultPort = 5000

    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Understands `http://host:port`, `host:port`, `host`, and `[v6]:port`.
    package init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("http://") { rest = rest.dropFirst("http://".count) }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.isEmpty, !rest.contains("/"), !rest.contains(" ") else { return nil }
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else {
            let colon = rest.firstIndex(of: ":") ?? rest.endIndex
            host = String(rest[..<colon])
            rest = rest[colon...]
        }
        guard !host.isEmpty else { return nil }
        guard let colon = rest.first else {
            port = Self.defaultPort
            return
        }
        guard colon == ":", let number = Int(rest.dropFirst()), (1...65_535).contains(number) else { return nil }
        port = number
    }

    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    package var description: String { "http://\(authority)" }
}
