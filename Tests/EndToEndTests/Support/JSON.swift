import Foundation

/// A JSON document as tests read it: what is not there reads as nil all the way down.
struct JSON: CustomStringConvertible {
    private let content: Any?

    init(_ bytes: [UInt8]) throws {
        content = try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    private init(content: Any?) {
        self.content = content
    }

    subscript(_ name: String) -> JSON { JSON(content: (content as? [String: Any])?[name]) }
    var elements: [JSON] { (content as? [Any])?.map { JSON(content: $0) } ?? [] }
    var names: [String] { (content as? [String: Any])?.keys.sorted() ?? [] }
    var int: Int? { (content as? NSNumber)?.intValue }
    var double: Double? { (content as? NSNumber)?.doubleValue }
    var bool: Bool? { content as? Bool }
    var text: String? { content as? String }
    var description: String { content.map { "\($0)" } ?? "nothing" }

    /// A JSON text with sorted names.
    static func bytes(_ object: Any, pretty: Bool = false) throws -> [UInt8] {
        var options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]
        if pretty { options.insert(.prettyPrinted) }
        return Array(try JSONSerialization.data(withJSONObject: object, options: options))
    }
}
