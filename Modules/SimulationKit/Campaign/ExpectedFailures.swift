package import Checking
internal import Composition

/// Broken promises that are known and not fixed yet: which ledger finds what, in which simulation, why, and which work is to
/// fix it.
///
/// Each names a seed that shows it. A campaign that is given them passes over runs that fail in these ledgers only; once a
/// named seed passes, its entry has to go.
package struct ExpectedFailures: Sendable {
    package struct Entry: Sendable {
        /// The checker that finds it.
        package let ledger: String
        /// The simulation's file, from the repository's root.
        package let file: String
        package let seed: UInt64
        /// `PATH=VALUE` texts that change the file for this seed.
        package let settings: [String]
        /// What a violation of this kind says, so that others of the ledger stay failures.
        package let message: String
        /// What goes wrong, in a sentence or two.
        package let reason: String
        /// The work that is to fix it.
        package let removedBy: String

        package init(
            ledger: String, file: String, seed: UInt64, settings: [String] = [], message: String, reason: String,
            removedBy: String
        ) {
            self.ledger = ledger
            self.file = file
            self.seed = seed
            self.settings = settings
            self.message = message
            self.reason = reason
            self.removedBy = removedBy
        }
    }

    package let entries: [Entry]

    package init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// - Parameter json: an array of objects with the fields of ``Entry``; `settings` may be left out.
    /// - Returns: `nil` where it is none.
    package init?(json: [UInt8]) {
        guard case .array(let values)? = try? JSONParser.parse(json) else { return nil }
        var entries: [Entry] = []
        for value in values {
            guard let entry = Entry(value) else { return nil }
            entries.append(entry)
        }
        self.init(entries)
    }

    /// Whether a run fails in nothing but what is known: each violation that is kept says what an entry's do.
    /// - Parameter path: the simulation's file as it was named.
    package func contains(_ result: RunResult, in path: String) -> Bool {
        result.failures.isEmpty && contains(result.report.verdicts.filter(\.fails), in: path)
    }

    package func contains(_ failing: [Verdict], in path: String) -> Bool {
        let known = entries.filter { path == $0.file || path.hasSuffix("/" + $0.file) }
        return !failing.isEmpty
            && failing.allSatisfy { verdict in
                verdict.violations.allSatisfy { violation in
                    known.contains { $0.ledger == verdict.checker && violation.message.contains($0.message) }
                }
            }
    }
}

extension ExpectedFailures.Entry {
    fileprivate init?(_ value: JSONValue) {
        func text(_ name: String) -> String? {
            guard case .text(let text)? = value[name], !text.isEmpty else { return nil }
            return text
        }
        guard let ledger = text("ledger"), let file = text("file"), let message = text("message"),
            let reason = text("reason"),
            let removedBy = text("removedBy"), case .integer(let seed)? = value["seed"], seed >= 0
        else { return nil }
        var settings: [String] = []
        if case .array(let values)? = value["settings"] {
            for case .text(let setting) in values { settings.append(setting) }
            guard settings.count == values.count else { return nil }
        }
        self.init(
            ledger: ledger, file: file, seed: UInt64(seed), settings: settings, message: message, reason: reason,
            removedBy: removedBy)
    }
}
