import Foundation

/// Operations on keys, whose values are JSON strings.
extension HTTPClient {
    func put(_ key: String, _ value: String, context: String? = nil, query: String = "") throws -> HTTPAnswer {
        var headers = ["Content-Type": "application/json"]
        headers["X-Stator-Context"] = context
        return try send("PUT", Self.target(key, query), headers: headers, body: JSON.bytes(["value": value]))
    }

    func get(_ key: String, query: String = "") throws -> HTTPAnswer {
        try send("GET", Self.target(key, query))
    }

    func delete(_ key: String, context: String? = nil, query: String = "") throws -> HTTPAnswer {
        try send("DELETE", Self.target(key, query), headers: context.map { ["X-Stator-Context": $0] } ?? [:])
    }

    /// A page such as `/stats`, which must be answered with 200.
    func page(_ path: String) throws -> JSON {
        let answer = try send("GET", path)
        guard answer.status == 200 else { throw HarnessError("GET \(path) at port \(port): \(answer)") }
        return try answer.json()
    }

    private static func target(_ key: String, _ query: String) -> String {
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let encoded = key.addingPercentEncoding(withAllowedCharacters: allowed) ?? key
        return "/kv/\(encoded)" + (query.isEmpty ? "" : "?\(query)")
    }
}
