/// How often something happened: `count` of `total`.
package struct Rate: Hashable, Sendable, CustomStringConvertible {
    /// Such as "lost acknowledged writes".
    package let name: String
    package let count: Int
    package let total: Int

    package init(_ name: String, _ count: Int, of total: Int) {
        self.name = name
        self.count = count
        self.total = total
    }

    /// In 0 ... 1; 0 where nothing was looked at.
    package var fraction: Double { total == 0 ? 0 : Double(count) / Double(total) }

    package var description: String { "\(name): \(count) of \(total)" }
}

/// One figure that a checker took.
package struct Measure: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let value: Double
    /// Such as "ms", "operations", "fraction".
    package let unit: String

    package init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }

    package var description: String { "\(name): \(Text.decimal(value)) \(unit)" }
}

/// What one checker or ledger has to say about one run.
package struct Verdict: Hashable, Sendable {
    /// How many violations a verdict keeps in full; the rest are counted.
    package static let maximumViolations = 20

    package let checker: String
    /// How many things were looked at. 0 means that nothing can be said, not that all is well.
    package let checked: Int
    /// Whether the configuration promises what was checked. Violations of what it does not promise are a measured
    /// rate and do not fail the run.
    package let isPromised: Bool
    /// The first ``maximumViolations``.
    package let violations: [Violation]
    /// All of them.
    package let violationCount: Int
    package let rates: [Rate]
    package let measures: [Measure]

    package init(
        checker: String, isPromised: Bool, checked: Int, violations: [Violation] = [], violationCount: Int? = nil,
        rates: [Rate] = [], measures: [Measure] = []
    ) {
        self.checker = checker
        self.isPromised = isPromised
        self.checked = checked
        self.violations = Array(violations.prefix(Verdict.maximumViolations))
        self.violationCount = max(violationCount ?? violations.count, violations.count)
        self.rates = rates
        self.measures = measures
    }

    /// Whether this verdict fails a run.
    package var fails: Bool { isPromised && violationCount > 0 }

    package func rate(_ name: String) -> Rate? { rates.first { $0.name == name } }

    package func measure(_ name: String) -> Double? { measures.first { $0.name == name }?.value }
}
