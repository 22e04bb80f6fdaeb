/// A sentence in which names stay apart from words, so that a page can mark and escape them.
struct Prose: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case words(String)
        /// Something that a file or a person named.
        case name(String)
    }

    private(set) var parts: [Part] = []

    /// As plain text.
    var plain: String {
        parts.map { part in
            switch part {
            case .words(let text), .name(let text): text
            }
        }.joined()
    }

    /// As HTML, all of it escaped.
    var html: String {
        parts.map { part in
            switch part {
            case .words(let text): HTMLText.escaped(text)
            case .name(let text): "<code>\(HTMLText.escaped(text))</code>"
            }
        }.joined()
    }

    static func + (left: Prose, right: Prose) -> Prose {
        var sum = left
        sum.parts += right.parts
        return sum
    }

    /// The items with commas between them.
    static func list(_ items: [Prose]) -> Prose {
        var list = Prose("")
        for (place, item) in items.enumerated() { list = place == 0 ? item : list + ", " + item }
        return list
    }
}

extension Prose: ExpressibleByStringInterpolation {
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        init(literalCapacity: Int, interpolationCount: Int) {}

        mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { parts.append(.words(literal)) }
        }

        mutating func appendInterpolation(_ words: String) { appendLiteral(words) }
        mutating func appendInterpolation(_ count: Int) { appendLiteral(Figures.grouped(count)) }
        mutating func appendInterpolation(_ prose: Prose) { parts += prose.parts }
        mutating func appendInterpolation(name: String) { parts.append(.name(name)) }
    }

    init(stringLiteral words: String) {
        parts = words.isEmpty ? [] : [.words(words)]
    }

    init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
}
