public import StatorCore

extension NodeID: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}
