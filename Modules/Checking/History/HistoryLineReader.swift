/// Reads one line: a flat JSON object of known fields. Input never traps; nothing nests, so nothing recurses.
struct HistoryLineReader {
    let bytes: [UInt8]
    let start: Int
    let end: Int
    let line: Int
    var offset: Int

    init(_ bytes: [UInt8], _ range: Range<Int>, line: Int) {
        self.bytes = bytes
        self.line = line
        start = range.lowerBound
        end = range.upperBound
        offset = range.lowerBound
    }

    mutating func operation() throws(HistoryFormatError) -> HistoryOperation {
        var draft = HistoryOperation(id: 0, client: 0, kind: .read, key: "", start: 0, end: 0)
        var given = HistoryFieldSet()
        skipSpace()
        guard takes("{") else { throw unexpected("an operation: {\"id\":…") }
        if !takes("}") {
            repeat {
                skipSpace()
                let place = offset
                let name = try string()
                guard let field = HistoryField(name: name) else {
                    throw failure("the field \(Text.quoted(name))", "one of \(HistoryField.names)", at: place)
                }
                guard given.insert(field) else {
                    throw failure("the field \(name) again", "each field once", at: place)
                }
                guard takes(":") else { throw unexpected("':' after \(name)") }
                skipSpace()
                try read(field, into: &draft)
            } while takes(",")
            guard takes("}") else { throw unexpected("',' or '}'") }
        }
        skipSpace()
        guard offset == end else { throw unexpected("the end of the line") }
        try check(draft, given)
        return draft
    }

    private mutating func read(_ field: HistoryField, into draft: inout HistoryOperation) throws(HistoryFormatError) {
        switch field {
        case .id: draft.id = try integer()
        case .client: draft.client = try integer()
        case .kind: draft.kind = try word("read, write or delete")
        case .key: draft.key = try string()
        case .value: draft.value = try string()
        case .values: draft.values = try strings()
        case .basis: draft.basis = try word("context, held or none")
        case .context: draft.context = try string()
        case .result: draft.resultContext = try string()
        case .saw: draft.saw = try integers()
        case .shows: draft.shows = try integers()
        case .start: draft.start = Int64(try integer())
        case .end: draft.end = Int64(try integer())
        case .outcome: draft.outcome = try word("ok, failed or unknown")
        case .error: draft.error = try string()
        case .node: draft.node = try string()
        case .r: draft.readQuorum = try integer()
        case .w: draft.writeQuorum = try integer()
        case .sloppy: draft.isSloppy = try boolean()
        case .condition: draft.condition = try word("match or absent")
        case .timeout: draft.timeout = Int64(try integer())
        case .coordinator: draft.coordinator = try string()
        case .life: draft.coordinatorLife = try integer()
        case .final: draft.isFinal = try boolean()
        }
    }

    private func check(_ draft: HistoryOperation, _ given: HistoryFieldSet) throws(HistoryFormatError) {
        for field in HistoryField.allCases {
            if given.contains(field) {
                guard field.isAllowed(of: draft.kind) else {
                    throw failure("the field \(field.rawValue)", "none in a \(draft.kind.rawValue)", at: start)
                }
            } else if field.isRequired(of: draft.kind) {
                throw failure("no field \(field.rawValue)", "one in a \(draft.kind.rawValue)", at: start)
            }
        }
        guard draft.start <= draft.end else {
            throw failure("the end \(draft.end) before the start \(draft.start)", "an end not before it", at: start)
        }
    }
}

/// Values of fields.
extension HistoryLineReader {
    private mutating func word<Word: RawRepresentable>(_ known: String) throws(HistoryFormatError) -> Word
    where Word.RawValue == String {
        let place = offset
        let text = try string()
        guard let word = Word(rawValue: text) else { throw failure(Text.quoted(text), known, at: place) }
        return word
    }

    private mutating func boolean() throws(HistoryFormatError) -> Bool {
        for (text, value) in [("true", true), ("false", false)] where bytes[offset..<end].starts(with: text.utf8) {
            offset += text.utf8.count
            return value
        }
        throw unexpected("true or false")
    }

    private mutating func integer() throws(HistoryFormatError) -> Int {
        let place = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        let first = offset
        while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
        guard offset > first else {
            offset = place
            throw unexpected("a whole number")
        }
        let text = String(decoding: bytes[place..<offset], as: UTF8.self)
        if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
            throw failure("a number that is not whole", "a whole number", at: place)
        }
        guard bytes[first] != UInt8(ascii: "0") || offset == first + 1 else {
            throw failure("a number with a leading 0", "a whole number", at: place)
        }
        guard let value = Int(text) else {
            throw failure("the number \(Text.quoted(text))", "one of 64 bits", at: place)
        }
        return value
    }

    private mutating func integers() throws(HistoryFormatError) -> [Int] {
        var values: [Int] = []
        guard takes("[") else { throw unexpected("a list of whole numbers") }
        if takes("]") { return [] }
        repeat {
            skipSpace()
            values.append(try integer())
        } while takes(",")
        guard takes("]") else { throw unexpected("',' or ']'") }
        return values
    }

    private mutating func strings() throws(HistoryFormatError) -> [String] {
        var values: [String] = []
        guard takes("[") else { throw unexpected("a list of texts") }
        if takes("]") { return [] }
        repeat {
            skipSpace()
            values.append(try string())
        } while takes(",")
        guard takes("]") else { throw unexpected("',' or ']'") }
        return values
    }
}
