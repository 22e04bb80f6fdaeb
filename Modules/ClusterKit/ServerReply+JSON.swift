internal import NIOCore
internal import NIOHTTP1
internal import NodeClient

extension ServerReply {
    static func json(_ value: JSONValue, status: HTTPResponseStatus = .ok) -> ServerReply {
        ServerReply(
            status: status, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
            body: .bytes(ByteBuffer(string: value.serialized + "\n")))
    }

    /// As nodes say it.
    static func failure(_ status: HTTPResponseStatus, _ code: String, _ message: String) -> ServerReply {
        let error: [JSONValue.Member] = [
            .init(name: "code", value: .string(code)), .init(name: "message", value: .string(message)),
        ]
        return json(.object([.init(name: "error", value: .object(error))]), status: status)
    }
}

extension JSONValue {
    static func integer(_ value: Int) -> JSONValue { .number(String(value)) }
    static func strings(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }

    static func fields(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { Member(name: $0.key, value: $0.value) })
    }
}
