import Composition
import StatorCore
import Testing

@Suite struct MemberConfigurationTests {
    @Test func anotherMembersConfigurationIsAsLoadedAnew() throws {
        func json(_ node: String) -> [UInt8] {
            Array(
                """
                {"node": \(node), "cluster": {"name": "c", "members": [
                  {"name": "A", "peer": "10.0.0.1:7000", "http": "10.0.0.1:5000", "zone": "z1", "weight": 2},
                  {"name": "B", "peer": "10.0.0.2:7000", "http": "10.0.0.2:5000", "zone": "z2"},
                  {"name": "C", "peer": "10.0.0.3:7000", "http": "10.0.0.3:5000"}]}}
                """.utf8)
        }
        func load(_ name: String, _ address: Int, _ more: String) throws -> NodeConfiguration {
            try NodeConfiguration.load(
                json: json(
                    #"{"name": "\#(name)", "peer": "10.0.0.\#(address):7000", "http": "10.0.0.\#(address):5000"\#(more)}"#
                ),
                registry: .standard)
        }
        let first = try load("A", 1, #", "zone": "z1", "weight": 2"#)
        #expect(first.configuration(ofMember: 1).node == (try load("B", 2, #", "zone": "z2""#)).node)
        #expect(first.configuration(ofMember: 2).node == (try load("C", 3, "")).node)
        #expect(first.configuration(ofMember: 0).node == first.node)
    }
}
