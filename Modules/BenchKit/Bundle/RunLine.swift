package import Analysis
internal import Composition
internal import StatorCore
internal import Workload

/// Runs as lines of `runs.jsonl`: one object a line, members always in this order, equal runs as equal bytes.
package enum RunLine {
    package static func encode(_ run: RunRecord) -> String {
        var members = [
            JSONMember("run", .integer(run.number)),
            JSONMember("cell", .integer(run.cell)),
            JSONMember("arm", .text(armText(run.arm))),
            JSONMember("repetition", .integer(run.repetition)),
            JSONMember("seed", .text("\(run.seed)")),
            JSONMember("hash", run.hash.map { .text($0) } ?? .null),
        ]
        members.append(
            JSONMember(
                "metrics",
                .object(run.metrics.keys.sorted().map { JSONMember($0, .number(run.metrics[$0] ?? 0)) })))
        members.append(
            JSONMember(
                "histograms",
                .object(run.histograms.keys.sorted().map { JSONMember($0, .text(run.histograms[$0]?.text ?? "")) })))
        let series = run.series.map { series in
            JSONMember(
                series.name,
                .array(series.points.map { .array([.number($0.x), .number($0.y), .number($0.weight)]) }))
        }
        members.append(JSONMember("series", .object(series)))
        members.append(JSONMember("flags", .array(run.flags.map { .text($0) })))
        members.append(JSONMember("failures", .array(run.failures.map { .text($0) })))
        return JSONValue.object(members).text(pretty: false)
    }

    /// - Throws: a sentence on what is missing or strange.
    package static func decode(_ line: [UInt8]) throws(BundleError) -> RunRecord {
        let json: JSONValue
        do throws(JSONSyntaxError) {
            json = try JSONParser.parse(line)
        } catch {
            throw BundleError("it is no JSON: \(error.message)")
        }
        guard case .integer(let number)? = json["run"], case .integer(let cell)? = json["cell"],
            case .text(let armName)? = json["arm"], let arm = arm(armName),
            case .integer(let repetition)? = json["repetition"], case .text(let seedText)? = json["seed"],
            let seed = UInt64(seedText), number >= 0, cell >= 0, repetition >= 0
        else { throw BundleError("it does not say which run it is") }
        var run = RunRecord(number: number, cell: cell, arm: arm, repetition: repetition, seed: seed)
        if case .text(let hash)? = json["hash"] { run.hash = hash }
        for member in members(json["metrics"]) {
            guard let value = Self.number(of: member.value) else { throw BundleError("\(member.name) is no number") }
            run.metrics[member.name] = value
        }
        for member in members(json["histograms"]) {
            guard case .text(let text) = member.value else { throw BundleError("a histogram is no text") }
            do throws(HistogramFormatError) {
                run.histograms[member.name] = try StoredHistogram(text: text)
            } catch {
                throw BundleError("the histogram \(member.name): \(error)")
            }
        }
        for member in members(json["series"]) { run.series.append(try series(member)) }
        run.flags = texts(json["flags"])
        run.failures = texts(json["failures"])
        return run
    }

    private static func series(_ member: JSONMember) throws(BundleError) -> RunSeries {
        guard case .array(let points) = member.value else { throw BundleError("the series \(member.name) is no array") }
        var series = RunSeries(name: member.name, points: [])
        for point in points {
            guard case .array(let parts) = point, parts.count == 3, let x = number(of: parts[0]),
                let y = number(of: parts[1]), let weight = number(of: parts[2])
            else { throw BundleError("the series \(member.name) has a point that is no three numbers") }
            series.points.append(.init(x: x, y: y, weight: weight))
        }
        return series
    }

    // MARK: Parts

    private static func armText(_ arm: RunRecord.Arm) -> String {
        switch arm {
        case .main: "main"
        case .sameAgain(let number): "same-again-\(number)"
        }
    }

    private static func arm(_ text: String) -> RunRecord.Arm? {
        if text == "main" { return .main }
        guard text.hasPrefix("same-again-"), let number = Int(text.dropFirst("same-again-".count)), number >= 0 else {
            return nil
        }
        return .sameAgain(number)
    }

    private static func members(_ json: JSONValue?) -> [JSONMember] {
        guard case .object(let members)? = json else { return [] }
        return members
    }

    private static func texts(_ json: JSONValue?) -> [String] {
        guard case .array(let elements)? = json else { return [] }
        return elements.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    private static func number(of json: JSONValue) -> Double? {
        switch json {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}

/// What is wrong with a bundle, in a sentence.
package struct BundleError: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
