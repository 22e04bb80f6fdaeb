/// Gathers what a checker finds: keeps the first violations, counts the rest.
struct VerdictBuilder: Sendable {
    private let checker: String
    private var violations: [Violation] = []
    private(set) var violationCount = 0
    /// How many things were looked at.
    var checked = 0
    private var rates: [Rate] = []
    private var measures: [Measure] = []

    init(_ checker: String) {
        self.checker = checker
    }

    /// - Parameter message: built only for the violations that are kept.
    mutating func violation(key: String? = nil, operations: [Int] = [], _ message: @autoclosure () -> String) {
        violationCount += 1
        guard violations.count < Verdict.maximumViolations else { return }
        violations.append(Violation(checker: checker, key: key, operations: operations, message: message()))
    }

    mutating func rate(_ name: String, _ count: Int, of total: Int) {
        rates.append(Rate(name, count, of: total))
    }

    mutating func measure(_ name: String, _ value: Double, _ unit: String) {
        measures.append(Measure(name, value, unit))
    }

    mutating func measure(_ name: String, _ count: Int, _ unit: String) {
        measures.append(Measure(name, Double(count), unit))
    }

    func verdict(isPromised: Bool) -> Verdict {
        Verdict(
            checker: checker, isPromised: isPromised, checked: checked, violations: violations,
            violationCount: violationCount, rates: rates, measures: measures)
    }
}
