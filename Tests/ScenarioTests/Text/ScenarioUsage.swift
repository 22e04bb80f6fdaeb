/// What a command takes, read off the sentence that explains it: `put KEY [w=NUMBER]` is one argument and one option that
/// may be left out; `...` after a word says that it may be repeated.
struct ScenarioUsage {
    struct Option {
        let name: String
        let isRequired: Bool
        let isRepeatable: Bool
    }

    private(set) var argumentCount: ClosedRange<Int> = 0...0
    private(set) var options: [Option] = []

    init(of verb: ScenarioVerb) {
        for word in verb.usage.split(separator: " ").dropFirst() {
            let isOptional = word.hasPrefix("[")
            let isRepeatable = word.hasSuffix("...")
            let bare = word.filter { !"[].".contains($0) }
            if let sign = bare.firstIndex(of: "=") {
                options.append(
                    Option(name: String(bare[..<sign]), isRequired: !isOptional, isRepeatable: isRepeatable))
            } else {
                let upper = isRepeatable ? Int.max : argumentCount.upperBound + 1
                argumentCount = (argumentCount.lowerBound + 1)...upper
            }
        }
    }
}
