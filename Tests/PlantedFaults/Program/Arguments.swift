/// What the program is asked to do.
struct Arguments {
    private(set) var plants = AllPlants.list
    private(set) var lists = false
    private(set) var isMarkdown = false
    /// How many seeds to look at, without an end at the first that is caught.
    private(set) var survey: UInt64?

    init(_ words: ArraySlice<String>) throws(ArgumentError) {
        var words = words
        var named: [any Plant.Type] = []
        while let word = words.popFirst() {
            switch word {
            case "--list": lists = true
            case "--markdown": isMarkdown = true
            case "--only":
                let name = words.popFirst() ?? ""
                guard let plant = AllPlants.list.first(where: { $0.name == name }) else {
                    throw ArgumentError("--only: found \"\(name)\", expected a name that --list shows")
                }
                named.append(plant)
            case "--survey":
                let text = words.popFirst() ?? ""
                guard let seeds = UInt64(text), seeds > 0 else {
                    throw ArgumentError("--survey: found \"\(text)\", expected a number of seeds")
                }
                survey = seeds
            default:
                throw ArgumentError("found \"\(word)\", expected --only NAME, --list, --markdown or --survey SEEDS")
            }
        }
        if !named.isEmpty { plants = named }
    }
}

struct ArgumentError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
