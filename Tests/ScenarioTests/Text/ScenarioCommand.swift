/// One command line: `put cart "book and pen" at=A context=seen`.
struct ScenarioCommand {
    /// Counted from 1.
    let line: Int
    let verb: ScenarioVerb
    let arguments: [String]
    let options: [(name: String, value: String)]
    /// Indented, so part of the block above it.
    let isIndented: Bool

    /// - Throws: ``ScenarioError`` that says what is known.
    init(parsing line: ScenarioScript.Line) throws(ScenarioError) {
        func refuse(_ message: String) -> ScenarioError { ScenarioError(line: line.number, message: message) }
        let words = try ScenarioWord.words(of: line.text, refuse: refuse)
        guard let name = words.first, let verb = ScenarioVerb(rawValue: name.text) else {
            let known = ScenarioVerb.allCases.map(\.rawValue).joined(separator: ", ")
            throw refuse("unknown command '\(words.first?.text ?? "")', known are: \(known)")
        }
        var arguments: [String] = []
        var options: [(name: String, value: String)] = []
        for word in words.dropFirst() {
            if let option = word.option { options.append(option) } else { arguments.append(word.text) }
        }
        let usage = ScenarioUsage(of: verb)
        func refuseAsUsed(_ message: String) -> ScenarioError { refuse("\(message); it is: \(verb.usage)") }
        guard usage.argumentCount.contains(arguments.count) else {
            throw refuseAsUsed("'\(verb.rawValue)' has \(arguments.count) arguments")
        }
        for option in options {
            guard let known = usage.options.first(where: { $0.name == option.name }) else {
                throw refuseAsUsed("'\(verb.rawValue)' has no option '\(option.name)'")
            }
            guard known.isRepeatable || options.count(where: { $0.name == option.name }) == 1 else {
                throw refuseAsUsed("option '\(option.name)' is given twice")
            }
        }
        for known in usage.options where known.isRequired && !options.contains(where: { $0.name == known.name }) {
            throw refuseAsUsed("'\(verb.rawValue)' needs '\(known.name)='")
        }
        self.line = line.number
        self.verb = verb
        self.arguments = arguments
        self.options = options
        isIndented = line.text.first?.isWhitespace ?? false
    }

    func option(_ name: String) -> String? {
        options.first { $0.name == name }?.value
    }

    func values(of name: String) -> [String] {
        options.filter { $0.name == name }.map(\.value)
    }
}

/// A word of a command line. Quotes keep spaces and signs together.
struct ScenarioWord {
    let text: String
    let isQuoted: Bool

    /// `name=value` with a name in front of the sign.
    var option: (name: String, value: String)? {
        guard !isQuoted, let sign = text.firstIndex(of: "="), sign > text.startIndex else { return nil }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }

    static func words(
        of line: String, refuse: (String) -> ScenarioError
    ) throws(ScenarioError) -> [ScenarioWord] {
        var words: [ScenarioWord] = []
        var current = ""
        var isQuoted = false
        var isInQuotes = false
        for character in line {
            if character == "\"" {
                isInQuotes.toggle()
                // A quote in the middle, as in match="no room", does not hide the option's name.
                if current.isEmpty { isQuoted = true }
            } else if character.isWhitespace, !isInQuotes {
                if !current.isEmpty || isQuoted { words.append(ScenarioWord(text: current, isQuoted: isQuoted)) }
                current = ""
                isQuoted = false
            } else {
                current.append(character)
            }
        }
        guard !isInQuotes else { throw refuse("a quote is not closed") }
        if !current.isEmpty || isQuoted { words.append(ScenarioWord(text: current, isQuoted: isQuoted)) }
        return words
    }
}
