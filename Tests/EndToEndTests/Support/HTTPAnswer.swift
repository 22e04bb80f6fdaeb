/// What a node answered.
struct HTTPAnswer: CustomStringConvertible {
    var status: Int
    /// Names in lower case.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    var text: String { String(decoding: body, as: UTF8.self) }
    var context: String? { header("x-stator-context") }
    var isStored: Bool { status == 200 || status == 201 }
    var description: String { "\(status) \(text.prefix(400))" }

    func json() throws -> JSON {
        do {
            return try JSON(body)
        } catch {
            throw HarnessError("the answer is not JSON: \(self)")
        }
    }

    /// The string values of all versions found, sorted.
    func values() throws -> [String] {
        let page = try json()
        switch status {
        case 200: return [page["value"].text ?? ""]
        case 300: return page["siblings"].elements.map { $0["value"].text ?? "" }.sorted()
        case 404: return []
        default: throw HarnessError("a read was answered with \(self)")
        }
    }
}
