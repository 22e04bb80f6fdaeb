import ConflictResolution
import NIOCore
import StatorCore

/// What a resolver shows, held against the oracle.
extension ResolverWorld {
    static func bytes(of event: Int) -> ByteBuffer {
        ByteBuffer(string: "e\(event)")
    }

    private static func event(of bytes: ByteBuffer) -> Int? {
        let text = String(buffer: bytes)
        return text.first == "e" ? Int(text.dropFirst()) : nil
    }

    /// Whether a tombstone's event can be told from what a read shows.
    static func namesTombstones(_ resolver: any ConflictResolver) -> Bool {
        let dot = Dot(actor: Actor(node: NodeID("n0"), shard: 0, incarnation: 1), counter: 1)
        let stamp = WriteStamp(dot: dot, wall: WallTime(microseconds: 1))
        let body = try? resolver.body(of: VersionWrite(content: nil, basis: .nothing), over: nil, stamp: stamp)
        return body.flatMap { try? resolver.read($0).versions.first?.dot } == dot
    }

    /// The events whose versions a body shows, ascending.
    /// - Throws: ``LawViolation`` for a version that nobody wrote.
    func shown(_ body: ByteBuffer) throws -> [Int] {
        var numbers: [Int] = []
        for version in try resolver.read(body).versions {
            let number: Int?
            if let content = version.content {
                number = ResolverWorld.event(of: content.bytes)
            } else {
                number = version.dot.flatMap(oracle.number)
            }
            guard let number, number < oracle.events.count, (version.content == nil) == oracle.events[number].isDelete
            else {
                throw LawViolation(
                    kind: kind, law: "invents-nothing", finding: "it shows a version that nobody wrote", seed: seed)
            }
            numbers.append(number)
        }
        return numbers.sorted()
    }

    /// Notes which guarantees the versions shown break, given what went into the body.
    mutating func compare(_ holding: Holding) {
        let shown = holding.shown
        if shown.count > 1 { note(ResolverGuarantees.singleValue, "\(shown.count) versions at once") }
        compare(shown: shown, expected: oracle.maxima(of: holding.given), given: holding.given)
    }

    private mutating func compare(shown: [Int], expected: [Int], given: EventSet) {
        for lost in expected where !shown.contains(lost) {
            note(ResolverGuarantees.noFalseDominance, "write \(lost) is gone though no write that arrived saw it")
            if let kept = shown.first(where: { oracle.isConcurrent($0, lost) }) {
                note(ResolverGuarantees.keepsConcurrent, "write \(lost) is gone, concurrent write \(kept) is shown")
            }
        }
        for stale in shown where !expected.contains(stale) {
            let superseder = given.events.first { oracle.events[$0].history.contains(stale) }
            note(
                ResolverGuarantees.contextWins, "write \(stale) is shown though \(superseder ?? -1) saw and replaced it"
            )
            if let beside = shown.first(where: { $0 != stale && !oracle.isConcurrent($0, stale) }) {
                note(
                    ResolverGuarantees.noFalseConcurrency,
                    "writes \(stale) and \(beside) are siblings, one saw the other")
            }
        }
    }

    private mutating func note(_ guarantee: Guarantee, _ text: @autoclosure () -> String) {
        if findings.contains(where: { $0.guarantee == guarantee }) { return }
        findings.append(Finding(guarantee: guarantee, text: text()))
    }
}
