import ArgumentParser
import NodeClient

struct Partition: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partition", abstract: "Cut the network between groups of nodes.",
        discussion: """
            Nothing passes between nodes of different sides, and no connection is closed: as if a cable was pulled.
            Nodes that no side names reach all others. Clients reach every node.

            EXAMPLES
              statorctl cluster partition 'A,B|C,D'
              statorctl cluster partition A,B C,D
              statorctl cluster partition A            A alone, all others together
            """)
    @Argument(help: "The sides: names separated by commas, sides by | or by spaces.") var sides: [String]
    @OptionGroup var place: PlaceOptions

    func validate() throws {
        guard sides.contains(where: { $0.contains { $0 != "|" && $0 != "," } }) else {
            throw ValidationError("name the nodes of a side, as in A,B")
        }
    }

    func run() async throws {
        let groups = sides.flatMap { $0.split(separator: "|") }.map { side in
            JSONValue.array(side.split(separator: ",").map { .string(String($0)) })
        }
        try await place.carryOut("partition", ["groups": .array(groups)])
    }
}

struct Slow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slow", abstract: "Delay all that a node sends to the others.",
        discussion: """
            EXAMPLES
              statorctl cluster slow B 50ms
              statorctl cluster slow B 0ms
            """)
    @Argument(help: "The node's name.") var node: String
    @Argument(help: "How long, as in 50ms or 1s; 0ms ends it. At most 3s.") var delay: Milliseconds
    @OptionGroup var place: PlaceOptions

    func validate() throws {
        guard delay.number <= 3000 else { throw ValidationError("\(delay.number) ms are too long: at most 3s") }
    }

    func run() async throws {
        try await place.carryOut("slow", ["node": .string(node), "delay_ms": .number(String(delay.number))])
    }
}

struct Heal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "heal", abstract: "Make all links whole and fast again.")
    @OptionGroup var place: PlaceOptions

    func run() async throws { try await place.carryOut("heal") }
}

/// A time with its unit: `50ms`, `2s`.
struct Milliseconds: ExpressibleByArgument {
    var number: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number < 1_000_000 else { return nil }
        switch argument.dropFirst(digits.count) {
        case "ms": self.number = number
        case "s": self.number = number * 1000
        case "" where number == 0: self.number = 0
        default: return nil
        }
    }
}
