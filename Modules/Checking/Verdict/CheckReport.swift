/// All verdicts of one run.
package struct CheckReport: Hashable, Sendable {
    package var verdicts: [Verdict]

    package init(_ verdicts: [Verdict] = []) {
        self.verdicts = verdicts
    }

    package mutating func append(_ verdict: Verdict) {
        verdicts.append(verdict)
    }

    /// No promised property was violated. What was only measured does not count.
    package var isClean: Bool { !verdicts.contains(where: \.fails) }

    /// The promised properties about which the run says nothing, since there was nothing to look at.
    package var unchecked: [String] {
        verdicts.filter { $0.isPromised && $0.checked == 0 }.map(\.checker)
    }

    package func verdict(of checker: String) -> Verdict? { verdicts.first { $0.checker == checker } }
}

extension CheckReport: CustomStringConvertible {
    /// A table for people: one line a checker, then its rates, measures and violations, indented.
    package var description: String {
        var lines = [headline]
        let width = verdicts.map(\.checker.count).max() ?? 0
        for verdict in verdicts {
            let name = verdict.checker + String(repeating: " ", count: width - verdict.checker.count)
            lines.append("\(name)  \(CheckReport.result(of: verdict))")
            lines += verdict.rates.map { "    \($0)" }
            lines += verdict.measures.map { "    \($0)" }
            lines += verdict.violations.map { "    - \($0)" }
            let more = verdict.violationCount - verdict.violations.count
            if more > 0 { lines.append("    - and \(more) more") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        if !isClean { return "NOT CLEAN: a promise was broken" }
        if unchecked.isEmpty { return "clean: no promise was broken" }
        return "no promise was broken, but nothing was there to check of: \(unchecked.joined(separator: ", "))"
    }

    private static func violations(_ count: Int) -> String { count == 1 ? "1 violation" : "\(count) violations" }

    private static func result(of verdict: Verdict) -> String {
        let checked = "\(verdict.checked) checked"
        return switch (verdict.isPromised, verdict.violationCount) {
        case (_, 0) where verdict.checked == 0: "nothing to check"
        case (true, 0): "holds, \(checked)"
        case (true, let count): "BROKEN, \(violations(count)), \(checked)"
        case (false, let count): "not promised, \(violations(count)), \(checked)"
        }
    }
}

extension CheckReport {
    /// One object on one line, its members always in this order.
    package var json: String {
        var writer = JSONWriter()
        writer.object { report in
            report.member("clean", isClean)
            report.member("unchecked", unchecked)
            report.array("verdicts") { list in
                for verdict in verdicts {
                    list.element { $0.object { CheckReport.write(verdict, to: &$0) } }
                }
            }
        }
        return writer.text
    }

    private static func write(_ verdict: Verdict, to object: inout JSONWriter) {
        object.member("checker", verdict.checker)
        object.member("promised", verdict.isPromised)
        object.member("checked", verdict.checked)
        object.member("violations", verdict.violationCount)
        object.array("examples") { list in
            for violation in verdict.violations {
                list.element { element in
                    element.object { object in
                        if let key = violation.key { object.member("key", key) }
                        object.member("operations", violation.operations)
                        object.member("message", violation.message)
                    }
                }
            }
        }
        object.array("rates") { list in
            for rate in verdict.rates {
                list.element { element in
                    element.object { object in
                        object.member("name", rate.name)
                        object.member("count", rate.count)
                        object.member("total", rate.total)
                    }
                }
            }
        }
        object.array("measures") { list in
            for measure in verdict.measures {
                list.element { element in
                    element.object { object in
                        object.member("name", measure.name)
                        object.member("value", measure.value)
                        object.member("unit", measure.unit)
                    }
                }
            }
        }
    }
}
