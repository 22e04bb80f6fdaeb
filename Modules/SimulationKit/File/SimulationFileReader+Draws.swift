import Composition
import StatorCore

/// Reads what each seed draws.
extension SimulationFileReader {
    private static let maximumChoices = 64

    /// - Returns: `nil` where nothing is to be drawn, or a problem was found.
    mutating func draws(_ root: [JSONMember], in document: JSONValue) -> DrawnSettings? {
        guard let members = problems.object(root["draws"], at: "draws"), case .object(let whole) = document else {
            return nil
        }
        var draws: [DrawnSettings.Draw] = []
        for member in members {
            guard let choices = choices(member.value, at: "draws".field(member.name)) else { continue }
            let isFixed = fixed.contains { $0 == member.name || member.name.hasPrefix($0 + ".") }
            if !isFixed { draws.append(DrawnSettings.Draw(path: member.name, choices: choices)) }
        }
        guard problems.problems.isEmpty, !draws.isEmpty else { return nil }
        var found = DrawnSettings(
            draws: draws, document: .object(whole.filter { $0.name != "draws" }), registry: registry)
        for (position, draw) in draws.enumerated() {
            for choice in draw.choices.indices { checkChoice(choice, of: position, in: &found) }
        }
        return problems.problems.isEmpty ? found : nil
    }

    private mutating func choices(_ json: JSONValue, at path: String) -> [DrawnSettings.Choice]? {
        guard case .array(let elements) = json, !elements.isEmpty, elements.count <= Self.maximumChoices else {
            problems.add(path, "found \(json.finding), expected an array of 1 to \(Self.maximumChoices) choices")
            return nil
        }
        return elements.enumerated().map { position, element in
            guard case .object(let members) = element else { return DrawnSettings.Choice(value: element) }
            let place = path.field(String(position))
            problems.refuseUnknown(members, known: ["value", "with"], at: place)
            guard let value = members["value"] else {
                problems.add(place.field("value"), "is missing, expected the value of this choice")
                return DrawnSettings.Choice(value: .null)
            }
            let with = problems.object(members["with"], at: place.field("with")) ?? []
            return DrawnSettings.Choice(value: value, with: with)
        }
    }

    /// A choice that goes with no choices of the others would never be drawn: a mistake in the file.
    private mutating func checkChoice(_ choice: Int, of position: Int, in found: inout DrawnSettings) {
        var random = RandomGenerator(seed: UInt64(position))
        var first: ConfigurationError?
        for attempt in 0..<DrawnSettings.maximumAttempts {
            var picks = attempt == 0 ? found.draws.map { _ in 0 } : found.picks(&random)
            picks[position] = choice
            do throws(ConfigurationError) {
                _ = try found.file(picks)
                found.known = picks
                return
            } catch {
                first = first ?? error
            }
        }
        for problem in first?.problems ?? [] {
            problems.add(
                "draws".field(found.draws[position].path).field(String(choice)),
                "goes with no choice of the others: \(problem.path): \(problem.message)",
                suggestion: problem.suggestion)
        }
    }
}
