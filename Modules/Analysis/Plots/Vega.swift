internal import Composition

/// JSON as Swift literals, so that a specification reads in the code as in Vega-Lite's manual.
struct Vega: Sendable {
    let json: JSONValue

    init(_ json: JSONValue) { self.json = json }
    /// Text from anywhere: what would reorder a label is shown instead.
    init(_ text: String) { json = .text(HTMLText.visible(text)) }
    init(_ count: Int) { json = .integer(count) }
    init(_ truth: Bool) { json = .boolean(truth) }
    init(_ elements: [Vega]) { json = .array(elements.map(\.json)) }
    init(_ texts: [String]) { self.init(texts.map { Vega($0) }) }

    /// To six significant digits, which no eye tells apart in a plot; what is not finite is null.
    init(_ figure: Double) {
        let rounded = Figures.rounded(figure, digits: 6)
        if !rounded.isFinite {
            json = .null
        } else if let whole = Int(exactly: rounded) {
            json = .integer(whole)
        } else {
            json = .number(rounded)
        }
    }

    /// This object with the members of another one after its own.
    func with(_ other: Vega) -> Vega {
        guard case .object(let first) = json, case .object(let second) = other.json else { return self }
        return Vega(.object(first + second))
    }
}

extension Vega: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { json = .text(text) }
    init(integerLiteral count: Int) { self.init(count) }
    init(floatLiteral figure: Double) { self.init(figure) }
    init(booleanLiteral truth: Bool) { self.init(truth) }
    init(nilLiteral: ()) { json = .null }
    init(arrayLiteral elements: Vega...) { self.init(elements) }
    init(dictionaryLiteral members: (String, Vega)...) {
        json = .object(members.map { JSONMember($0, $1.json) })
    }
}
