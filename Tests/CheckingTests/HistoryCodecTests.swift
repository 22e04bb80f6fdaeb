import Checking
import StatorCore
import Testing

@Suite struct HistoryCodecTests {
    @Test func randomOperationsSurviveTheRoundTrip() throws {
        var random = RandomGenerator(seed: 11)
        for _ in 0..<300 {
            let history = History((0..<random.below(20)).map { HistoryCodecTests.operation($0, &random) })
            let bytes = HistoryCodec.encode(history)
            let decoded = try HistoryCodec.decode(bytes)
            #expect(decoded == history)
            // Equal as bytes too: Swift's strings are equal where they are canonically equivalent.
            #expect(HistoryCodec.encode(decoded) == bytes)
        }
    }

    @Test func theFormatIsTheDocumentedOne() {
        let write = HistoryOperation(
            id: 1, client: 3, kind: .write, key: "k\n", value: "\"v\"", basis: .context, context: "c",
            resultContext: "d",
            saw: [4, 5], start: 10, end: 25, outcome: .unknown, error: "timed out", node: "A", writeQuorum: 2)
        let read = HistoryOperation(
            id: 2, client: 3, kind: .read, key: "k", values: ["a", "é"], shows: [], start: -30, end: 41,
            readQuorum: 3, isFinal: true)
        let delete = HistoryOperation(id: 3, client: 4, kind: .delete, key: "", start: 50, end: 50, outcome: .failed)
        let conditional = HistoryOperation(
            id: 4, client: 4, kind: .write, key: "k", value: "w", start: 60, end: 70, readQuorum: 2, writeQuorum: 3,
            isSloppy: true, condition: .absent, timeout: 5_000_000, coordinator: "B", coordinatorLife: 2)
        let lines = """
            {"id":1,"client":3,"kind":"write","key":"k\\n","value":"\\"v\\"","basis":"context","context":"c",\
            "result":"d","saw":[4,5],"start":10,"end":25,"outcome":"unknown","error":"timed out","node":"A","w":2}
            {"id":2,"client":3,"kind":"read","key":"k","values":["a","é"],"shows":[],"start":-30,"end":41,\
            "outcome":"ok","r":3,"final":true}
            {"id":3,"client":4,"kind":"delete","key":"","basis":"held","start":50,"end":50,"outcome":"failed"}
            {"id":4,"client":4,"kind":"write","key":"k","value":"w","basis":"held","start":60,"end":70,"outcome":"ok",\
            "r":2,"w":3,"sloppy":true,"timeout":5000000,"condition":"absent","coordinator":"B","life":2}

            """
        let history = History([write, read, delete, conditional])
        #expect(String(decoding: HistoryCodec.encode(history), as: UTF8.self) == lines)
    }

    @Test func spaceOrderAndEscapesOfOthersAreUnderstood() throws {
        let text = """
            { "end" : 2 ,\t"start":1, "outcome":"ok","kind":"read","values":[ "\\u00e9\\ud83d\\ude00\\/" , "b" ],\r\
            "key":"k","client":1,"id":9 }
            """
        let history = try HistoryCodec.decode(Array(text.utf8))
        #expect(history.operations.map(\.values) == [["é😀/", "b"]])
        #expect(try HistoryCodec.decode([]).operations.isEmpty)
    }

    @Test(arguments: [
        ("", "{}", "no field id"),
        (#","color":"red""#, "", "the field \"color\""),
        (#","id":4"#, "", "the field id again"),
        (#","value":"v""#, "", "the field value"),
        (#","w":2"#, "", "the field w"),
        (#","condition":"match""#, "", "the field condition"),
        (#","sloppy":1"#, "", "'1'"),
        (#","r":2.0"#, "", "a number that is not whole"),
        (#","r":1e3"#, "", "a number that is not whole"),
        (#","r":012"#, "", "a number with a leading 0"),
        (#","r":"2""#, "", "'\"'"),
        (#","r":99999999999999999999"#, "", "the number"),
        (#","r":-"#, "", "'-'"),
        (#","final":1"#, "", "'1'"),
        (#","final":truely"#, "", "'l'"),
        (#","values":["a",]"#, "", "']'"),
        (#","values":[["a"]]"#, "", "'['"),
        (#","values":null"#, "", "'n'"),
        (#","shows":[1 2]"#, "", "'2'"),
        (#","shows":{}"#, "", "'{'"),
        (#","error":"\q""#, "", "an unknown escape"),
        (#","error":"\ud800""#, "", "half of a surrogate pair"),
        (#","error":"\udc00\ud800""#, "", "half of a surrogate pair"),
        (#","error":"\u12g4""#, "", "'g'"),
        (#","error":"never ends"#, "", "a text without an end"),
        (#","error":"a"} {"#, "", "'{'"),
        (#","#, "", "'}'"),
        ("", "", "nothing wrong"),
    ])
    func whatTheEncoderDoesNotWriteIsRefused(extra: String, line: String, found: String) {
        let good = #"{"id":7,"client":1,"kind":"read","key":"k","start":1,"end":2,"outcome":"ok""#
        let second = line.isEmpty ? good.replacingFirst("7", "8") + extra + "}" : line
        let result = Result { () throws(HistoryFormatError) in
            try HistoryCodec.decode(Array((good + "}\n" + second + "\n").utf8))
        }
        switch result {
        case .success(let history):
            #expect(found == "nothing wrong")
            #expect(history.operations.count == 2)
        case .failure(let error):
            #expect(error.line == 2)
            #expect(error.found.contains(found), "\(error)")
            #expect(!error.expected.isEmpty)
        }
    }

    @Test(arguments: [
        (
            #"{"id":1,"client":1,"kind":"write","key":"k","basis":"held","start":1,"end":2,"outcome":"ok"}"#,
            "no field value"
        ),
        (#"{"id":1,"client":1,"kind":"delete","key":"k","start":1,"end":2,"outcome":"ok"}"#, "no field basis"),
        (#"{"id":1,"client":1,"kind":"scan","key":"k","start":1,"end":2,"outcome":"ok"}"#, "\"scan\""),
        (
            #"{"id":1,"client":1,"kind":"read","key":"k","start":3,"end":2,"outcome":"ok"}"#,
            "the end 2 before the start 3"
        ),
        (#"{"id":1,"client":1,"kind":"read","key":"k","start":1,"end":2,"outcome":"maybe"}"#, "\"maybe\""),
        ("[]", "'['"), ("\n", "the end of the line"), ("{\"id\"", "the end of the line"),
        ("\u{FEFF}{}", "outside ASCII"),
    ])
    func linesThatAreNoOperationAreRefused(line: String, found: String) {
        #expect { try HistoryCodec.decode(Array(line.utf8)) } throws: { error in
            let error = error as? HistoryFormatError
            return error?.line == 1 && error?.found.contains(found) == true
        }
    }

    @Test func aRepeatedIDIsRefusedWithBothLines() {
        let line = #"{"id":7,"client":1,"kind":"read","key":"k","start":1,"end":2,"outcome":"ok"}"# + "\n"
        let error = #expect(throws: HistoryFormatError.self) {
            try HistoryCodec.decode(Array((line + line.replacingFirst("7", "8") + line).utf8))
        }
        #expect(
            error?.description == """
                line 3, column 1: found the id 7 of line 1 again, expected an id of its own for each operation
                """)
    }

    @Test func aLineBeyondTheLimitIsRefused() {
        func line(_ length: Int) -> [UInt8] {
            let head = Array(#"{"id":7,"client":1,"kind":"read","start":1,"end":2,"outcome":"ok","key":""#.utf8)
            return head + [UInt8](repeating: 0x61, count: length - head.count - 2) + Array("\"}\n".utf8)
        }
        #expect(throws: Never.self) { try HistoryCodec.decode(line(HistoryCodec.maximumLineLength)) }
        let error = #expect(throws: HistoryFormatError.self) {
            try HistoryCodec.decode(line(HistoryCodec.maximumLineLength + 1))
        }
        #expect(error?.expected == "at most \(HistoryCodec.maximumLineLength)")
    }

    @Test func illFormedUTF8IsRefused() {
        var bytes = Array(#"{"id":7,"client":1,"kind":"read","key":"k","start":1,"end":2,"outcome":"ok"}"#.utf8)
        bytes[bytes.firstIndex(of: UInt8(ascii: "k"))! + 8] = 0xFF
        let error = #expect(throws: HistoryFormatError.self) { try HistoryCodec.decode(bytes) }
        #expect(error != nil)
        let key = Array(#""key":""#.utf8) + [0xC3] + Array("\"".utf8)
        #expect { try HistoryCodec.decode(Array("{".utf8) + key + Array("}".utf8)) } throws: {
            ($0 as? HistoryFormatError)?.found == "a text that is not UTF-8"
        }
    }

    /// Good lines with bytes changed, cut, doubled: decoded or refused, and what is decoded can be checked.
    @Test func hostileBytesNeverTrap() {
        var random = RandomGenerator(seed: 23)
        var refused = 0
        for _ in 0..<3000 {
            let history = History((0..<3).map { HistoryCodecTests.operation($0, &random) })
            var bytes = HistoryCodec.encode(history)
            for _ in 0...random.below(4) where !bytes.isEmpty {
                let place = random.below(bytes.count)
                switch random.below(5) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(Array("{}[]\",:\\u0-9\n".utf8).randomElement(using: &random)!, at: place)
                case 3: bytes.removeLast(bytes.count - place)
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
                }
            }
            do {
                let decoded = try HistoryCodec.decode(bytes)
                _ = HistoryChecks.report(IndexedHistory(decoded), .all).description
            } catch {
                refused += 1
                #expect(error.line >= 1 && error.column >= 1)
            }
        }
        #expect(refused > 1000)
    }

    static func operation(_ id: Int, _ random: inout RandomGenerator) -> HistoryOperation {
        func text() -> String {
            let scalars = (0..<random.below(6)).map { _ -> Unicode.Scalar in
                let ranges: [(Int, Int)] = [
                    (0, 0x20), (0x20, 0x7F), (0x7F, 0x800), (0xE000, 0x10000), (0x10000, 0x10FFFF),
                ]
                let (low, high) = ranges[random.below(ranges.count)]
                return Unicode.Scalar(UInt32(low + random.below(high - low)))!
            }
            return scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
        }
        func ids() -> [Int] {
            (0..<random.below(4)).map { _ in Int(truncatingIfNeeded: random.next()) >> random.below(64) }
        }
        let kinds: [HistoryOperation.Kind] = [.read, .write, .delete]
        let outcomes: [HistoryOperation.Outcome] = [.ok, .failed, .unknown]
        let start = Int64(truncatingIfNeeded: random.next())
        var operation = HistoryOperation(
            id: id, client: Int(truncatingIfNeeded: random.next()), kind: kinds[random.below(3)], key: text(),
            start: start, end: max(start, Int64(truncatingIfNeeded: random.next())), outcome: outcomes[random.below(3)])
        if random.chance(0.5) { operation.resultContext = text() }
        if random.chance(0.3) { operation.error = text() }
        if random.chance(0.3) { operation.node = text() }
        if operation.kind == .read {
            operation.values = (0..<random.below(3)).map { _ in text() }
            if random.chance(0.5) { operation.shows = ids() }
            operation.isFinal = random.chance(0.2)
        } else {
            if operation.kind == .write { operation.value = text() }
            let bases: [HistoryOperation.Basis] = [.context, .held, .none]
            operation.basis = bases[random.below(3)]
            if random.chance(0.5) { operation.context = text() }
            if random.chance(0.5) { operation.saw = ids() }
            if random.chance(0.5) { operation.writeQuorum = random.below(5) }
            if random.chance(0.3) { operation.condition = random.chance(0.5) ? .match : .absent }
            if random.chance(0.3) { operation.coordinator = text() }
            if random.chance(0.3) { operation.coordinatorLife = random.below(5) }
        }
        if random.chance(0.5) { operation.readQuorum = random.below(5) }
        if random.chance(0.5) { operation.isSloppy = random.chance(0.5) }
        if random.chance(0.3) { operation.timeout = Int64(random.below(5000)) }
        return operation
    }
}

extension String {
    fileprivate func replacingFirst(_ text: String, _ other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
