import Composition
import Testing

/// A file that sets nothing but what has no default.
let minimal = """
    {
      "node": {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000"},
      "cluster": {
        "name": "demo",
        "members": [
          {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000"},
          {"name": "B", "peer": "127.0.0.1:7001", "http": "127.0.0.1:5001"},
          {"name": "C", "peer": "127.0.0.1:7002", "http": "127.0.0.1:5002"}
        ]
      }
    }
    """

/// The same cluster seen from a node that is not among its members.
let outsider = minimal.replacingFirst(
    #""node": {"name": "A", "peer": "127.0.0.1:7000", "http": "127.0.0.1:5000"}"#,
    with: #""node": {"name": "E", "peer": "127.0.0.1:7004", "http": "127.0.0.1:5004"}"#)

extension String {
    func replacingFirst(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else {
            Issue.record("nothing to replace: \(part)")
            return self
        }
        return replacingCharacters(in: range, with: other)
    }

    private func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}

func load(_ json: String, set overrides: [String] = []) throws(ConfigurationError) -> NodeConfiguration {
    try NodeConfiguration.load(json: json, overrides: overrides, registry: TestStrategies.registry)
}

/// What is wrong with a configuration, one line a problem; empty where it loads.
func problems(_ json: String = minimal, set overrides: [String] = []) -> [String] {
    do throws(ConfigurationError) {
        _ = try load(json, set: overrides)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
