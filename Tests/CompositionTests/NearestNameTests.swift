import Composition
import Testing

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("gosip", "gossip"), ("goissp", "gossip"), ("GOSSIP", "gossip"), ("statik", "static"), ("replica", nil),
        ("", nil), ("x", nil), ("gossipgossip", nil),
    ]) func nearestNameIsGuessed(name: String, expected: String?) {
        #expect(NearestName.of(name, among: ["gossip", "static", "r", "n"]) == expected)
    }

    @Test(arguments: [
        ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("ca", "abc", 3),
        ("same", "same", 0),
    ]) func editsAreCounted(one: String, other: String, edits: Int) {
        #expect(NearestName.editDistance(Array(one.utf8), Array(other.utf8)) == edits)
    }
}
