/// Where a node serves RESP.
public struct NodeAddress: Hashable, Sendable, CustomStringConvertible {
    /// What a node listens on unless told otherwise.
    public static let defaultPort = 6400

    public let host: String
    public let port: Int

    public init(host: String, port: Int = NodeAddress.defaultPort) {
        self.host = host
        self.port = port
    }

    /// Understands `host:port`, `host`, `[v6]:port` and `[v6]`; `nil` for anything else.
    public init?(_ text: String) {
        var rest = text[...]
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else {
            let colon = rest.firstIndex(of: ":") ?? rest.endIndex
            host = String(rest[..<colon])
            rest = rest[colon...]
        }
        guard !host.isEmpty, !host.contains(where: { $0 == "/" || $0.isWhitespace }) else { return nil }
        guard let colon = rest.first else {
            port = NodeAddress.defaultPort
            return
        }
        guard colon == ":", let number = Int(rest.dropFirst()), (1...65_535).contains(number) else { return nil }
        port = number
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
