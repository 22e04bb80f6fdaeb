import NIOCore
import StatorCore
import Testing

@testable import StatorClient

@Suite struct RetryBudgetTests {
    @Test func retriesStopWhenTheTokensAreSpent() {
        var budget = RetryBudget(tokens: 2, tokensPerSuccess: 0.1)
        let paid = (0..<3).map { _ in budget.withdraw() }
        #expect(paid == [true, true, false])
    }

    @Test func tenSuccessesPayForOneRetry() {
        var budget = RetryBudget(tokens: 1, tokensPerSuccess: 0.1)
        let first = budget.withdraw()
        for _ in 0..<9 { budget.deposit() }
        let afterNine = budget.withdraw()
        budget.deposit()
        let afterTen = budget.withdraw()
        #expect([first, afterNine, afterTen] == [true, false, true])
    }

    @Test func successesFillItUpToItsCapacityOnly() {
        var budget = RetryBudget(tokens: 3, tokensPerSuccess: 1)
        for _ in 0..<100 { budget.deposit() }
        #expect(budget.tokens == 3)
    }

    @Test func withoutTokensNothingIsRetried() {
        var budget = RetryBudget(tokens: 0, tokensPerSuccess: 1)
        budget.deposit()
        let isPaid = budget.withdraw()
        #expect(!isPaid)
    }
}

@Suite struct BackoffTests {
    @Test func pausesDoubleUpToTheCap() {
        var generator = RandomSequence(seed: 1)
        let backoff = Backoff(first: .milliseconds(10), cap: .milliseconds(100), leastShare: 0.5)
        for (failures, most) in [(1, 10), (2, 20), (3, 40), (4, 80), (5, 100), (1000, 100)] as [(Int, Int64)] {
            for _ in 0..<200 {
                let pause = backoff.pause(after: failures, using: &generator)
                #expect(pause <= .milliseconds(most))
                #expect(pause >= .microseconds(most * 500))
            }
        }
    }

    @Test func hugePausesDoNotOverflow() {
        var generator = RandomSequence(seed: 2)
        let backoff = Backoff(first: .hours(24), cap: .hours(24), leastShare: 1)
        let pause = backoff.pause(after: .max, using: &generator)
        #expect(pause == .hours(24))
    }
}

@Suite struct CommandTests {
    private func text(_ command: Command, timeout: Int64? = nil) -> String {
        var bytes = ByteBuffer()
        command.encode(timeoutMilliseconds: timeout, into: &bytes)
        return String(buffer: bytes)
    }

    private func expected(_ words: String...) -> String { RESP.array(words.map(RESP.bulk)) }

    @Test func commandsAreWrittenWithTheirOptions() throws {
        let key = try Key("k")
        let value = ByteBuffer(string: "a\r\nb")
        let context = Context(bytes: Array("c c".utf8))
        #expect(text(.ping) == expected("PING"))
        #expect(text(.ring) == expected("STATOR.RING"))
        #expect(text(.get(key, readQuorum: nil)) == expected("STATOR.GET", "k"))
        #expect(
            text(.get(key, readQuorum: .quorum), timeout: 70)
                == expected("STATOR.GET", "k", "R", "quorum", "TIMEOUT", "70"))
        #expect(
            text(.put(key, value, context: nil, writeQuorum: nil)) == expected("STATOR.PUT", "k", "a\r\nb"))
        #expect(
            text(.put(key, value, context: .neverWritten, writeQuorum: 2))
                == expected("STATOR.PUT", "k", "a\r\nb", "CONTEXT", "NONE", "W", "2"))
        #expect(
            text(.delete(key, context: context, writeQuorum: .all), timeout: 1)
                == expected("STATOR.DEL", "k", "CONTEXT", "c c", "W", "all", "TIMEOUT", "1"))
    }
}

@Suite struct AddressTests {
    @Test(arguments: [
        ("a:1", "a", 1), ("a", "a", 6400), ("10.0.0.7:65535", "10.0.0.7", 65_535), ("[::1]:7", "::1", 7),
        ("[::1]", "::1", 6400),
    ])
    func addressesAreRead(text: String, host: String, port: Int) {
        #expect(NodeAddress(text) == NodeAddress(host: host, port: port))
    }

    @Test(arguments: [
        "", ":1", "a:", "a:0", "a:65536", "a:b", "a:1:2", "[::1", "[]:1", "[::1]x", "http://a:1", "a b:1",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(NodeAddress(text) == nil)
    }
}

@Suite struct AttemptFailureTests {
    @Test(arguments: [
        ("OVERLOADED too much", "overloaded", false, true), ("UNAVAILABLE leaving", "unavailable", false, true),
        ("NOQUORUM need 2 got 1", "quorumNotMet", true, true),
        ("TIMEOUT need 2 got 1 in time: so", "quorumTimedOut", true, true),
        ("UNKNOWN outcome: so", "outcomeUnknown", true, true), ("SIBLINGS 101", "rejected", false, false),
        ("BADCONTEXT so", "rejected", false, false), ("ERR syntax error", "rejected", false, false),
        ("NEWCODE so", "outcomeUnknown", true, false), ("", "outcomeUnknown", true, false),
    ])
    func errorsOfWritesSayWhetherSomethingWasDone(line: String, name: String, isUnknown: Bool, isRetriable: Bool) {
        let node = NodeAddress(host: "a")
        let failure = AttemptFailure(line: line, from: node, isWrite: true)
        #expect(failure.error.name == name)
        #expect(failure.error.isOutcomeUnknown == isUnknown)
        #expect((failure.remedy == .retry) == isRetriable)
        #expect(!AttemptFailure(line: line, from: node, isWrite: false).error.isOutcomeUnknown)
    }

    @Test func quorumsAreReadWhateverFollowsThem() {
        let failure = AttemptFailure(
            line: "NOQUORUM need 2 got 1: the write may surface all the same", from: NodeAddress(host: "a"),
            isWrite: true)
        #expect(failure.error == .quorumNotMet(needed: 2, got: 1, outcomeUnknown: true))
    }
}

@Suite struct ConfigurationTests {
    @Test func whatIsOutOfRangeIsRefused() async {
        #expect(throws: Never.self) { try ClientConfiguration().validate() }
        let changes: [@Sendable (inout ClientConfiguration) -> Void] = [
            { $0.timeout = .zero }, { $0.timeout = .seconds(601) }, { $0.maximumConnectionsPerNode = 0 },
            { $0.maximumInFlightPerConnection = 1025 }, { $0.retryTokensPerSuccess = .nan },
            { $0.retryTokensPerSuccess = 1.1 }, { $0.maximumReplyBytes = 1 }, { $0.silenceLimit = .seconds(-1) },
        ]
        for change in changes {
            var configuration = ClientConfiguration()
            change(&configuration)
            #expect(throws: StatorClientError.self) { try configuration.validate() }
        }
        #expect(await failure { try await StoreClient.connect(seeds: []) }?.name == "invalidArgument")
        #expect(await failure { try await StoreClient.connect(seeds: ["a:b"]) }?.name == "invalidArgument")
    }
}
