import Composition
import StatorCore
import Testing

/// Whatever stands in a file, it is refused with its path or it loads; nothing traps.
@Suite struct HostileConfigurationTests {
    private static let values = [
        "null", "true", "-1", "1", "2.5", "9223372036854775807", "-9223372036854775808", "\"\"", "\"x\"",
        "\"\\u0000\"", "[]", "[[]]", "{}", "{\"kind\":\"merkle\"}", "{\"a.b\":{\"\":0}}",
    ]

    private func complete(_ registry: StrategyRegistry) throws -> NodeConfiguration {
        try NodeConfiguration.load(json: minimal, registry: registry)
    }

    /// The paths of a document and of everything in it.
    private func paths(of value: JSONValue, at path: String = "") -> [String] {
        let own = path.isEmpty ? [] : [path]
        let prefix = path.isEmpty ? "" : path + "."
        switch value {
        case .object(let members): return own + members.flatMap { paths(of: $0.value, at: prefix + $0.name) }
        case .array(let elements):
            return own + elements.enumerated().flatMap { paths(of: $1, at: "\(prefix)\($0)") }
        default: return own
        }
    }

    @Test func anyValueAtAnyPathIsRefusedThereOrLoads() throws {
        let registry = StrategyRegistry.standard
        let text = try complete(registry).effectiveJSON(pretty: false)
        let paths = paths(of: try JSONParser.parse(Array(text.utf8)))
        #expect(paths.count > 60)
        for path in paths {
            for value in Self.values {
                let override = "\(path)=\(value)"
                do throws(ConfigurationError) {
                    let loaded = try NodeConfiguration.load(json: text, overrides: [override], registry: registry)
                    _ = loaded.blueprint()
                    let effective = loaded.effectiveJSON(pretty: true)
                    let again = try NodeConfiguration.load(json: effective, registry: registry)
                    #expect(again.effectiveJSON(pretty: true) == effective, "\(override)")
                } catch {
                    #expect(error.problems.allSatisfy { !$0.description.contains("\n") }, "\(override)")
                    let section = path.split(separator: ".")[0]
                    // A member's entry and the node's own fields answer for each other, and an engine for durability.
                    let others = ["node", "cluster", "durability", "replication"]
                    #expect(
                        error.problems.allSatisfy { problem in
                            problem.path.hasPrefix(section) || others.contains { problem.path.hasPrefix($0) }
                        }, "\(override): \(error)")
                }
            }
        }
    }

    @Test func anyFieldLeftOutIsMissedOrHasADefault() throws {
        let text = try complete(.standard).effectiveJSON(pretty: false)
        let document = try JSONParser.parse(Array(text.utf8))
        for path in paths(of: document) {
            let rest = without(path.split(separator: ".").map(String.init)[...], in: document)
            do throws(ConfigurationError) {
                _ = try NodeConfiguration.load(json: rest.text(pretty: false), registry: .standard).blueprint()
            } catch {
                #expect(path.hasPrefix("node") || path.hasPrefix("cluster"), "\(path): \(error)")
            }
        }
    }

    private func without(_ names: ArraySlice<String>, in value: JSONValue) -> JSONValue {
        guard let name = names.first else { return value }
        switch value {
        case .object(let members):
            return .object(
                members.compactMap { member in
                    if member.name != name { return member }
                    return names.count == 1 ? nil : JSONMember(name, without(names.dropFirst(), in: member.value))
                })
        case .array(let elements):
            return .array(
                elements.enumerated().compactMap { position, element in
                    if String(position) != name { return element }
                    return names.count == 1 ? nil : without(names.dropFirst(), in: element)
                })
        default: return value
        }
    }

    @Test func damagedFilesNeverTrap() throws {
        let seed: UInt64 = 20_261_122
        var random = RandomGenerator(seed: seed)
        let text = Array(try complete(.standard).effectiveJSON(pretty: true).utf8)
        let alphabet = Array("{}[]\",:.-0159aenul\\ \n\u{0}".utf8) + [0xC3, 0xFF]
        for _ in 0..<500 {
            var bytes = text
            for _ in 0..<(1 + random.below(3)) {
                let position = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes[position] = alphabet[random.below(alphabet.count)]
                case 1: bytes.remove(at: position)
                default: bytes.insert(alphabet[random.below(alphabet.count)], at: position)
                }
            }
            do throws(ConfigurationError) {
                _ = try NodeConfiguration.load(json: bytes, registry: .standard).blueprint()
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed)")
            }
        }
    }
}
