/// Replies as text.
enum RESP {
    static func bulk(_ text: String?) -> String {
        guard let text else { return "$-1\r\n" }
        return "$\(text.utf8.count)\r\n\(text)\r\n"
    }

    static func integer(_ number: Int) -> String { ":\(number)\r\n" }

    static func array(_ items: [String]) -> String { "*\(items.count)\r\n" + items.joined() }

    /// The reply to `STATOR.GET`.
    static func reading(_ siblings: [String?], context: String? = "seen") -> String {
        array([bulk(context), array(siblings.map(bulk))])
    }

    /// The reply to `STATOR.RING`.
    /// - Parameter ranges: the last token of each, and its owners.
    static func ring(
        epoch: Int = 1, hash: String = "xxh3", ports: [Int], ranges: [(last: UInt64, owners: [Int])]
    ) -> String {
        let members = ports.enumerated().map { array([bulk("n\($0)"), bulk("127.0.0.1"), integer($1)]) }
        let rows = ranges.map { range in
            let digits = String(range.last, radix: 16)
            let token = String(repeating: "0", count: 16 - digits.count) + digits
            return array([bulk(token)] + range.owners.map(integer))
        }
        return array([integer(epoch), bulk(hash), array(members), array(rows)])
    }
}
