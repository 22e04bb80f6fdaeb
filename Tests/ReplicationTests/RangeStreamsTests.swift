import StatorCore
import Testing

@testable import Replication

/// Range streams by themselves, over stores in memory: the test is the sources.
@Suite struct RangeStreamsTests {
    private static let lost = Doubt(.lost, "a test")

    private func page(
        _ records: [StoredRecord], doubt: Doubt.Cause? = nil, isFounder: Bool = false, folder: UInt64 = 1
    ) -> TransferPage {
        .records(records, next: nil, source: TransferSource(doubt: doubt, isFounder: isFounder, folder: folder))
    }

    private func receive(
        _ streams: inout RangeStreams, _ part: inout PartUnderTest, _ transfer: (to: NodeID, request: TransferRequest),
        _ page: TransferPage
    ) {
        streams.receive(transfer.request.request, page, from: transfer.to, &part.base.context, &part.base.keys)
    }

    /// Answers every transfer with an empty page.
    /// - Returns: by range who streamed it, and what was said to be complete.
    private func serveAll(
        _ streams: inout RangeStreams, _ part: inout PartUnderTest
    ) -> (sources: [TokenRange: [NodeID]], effects: PartEffects) {
        var sources: [TokenRange: [NodeID]] = [:]
        var done = PartEffects()
        var effects = part.effects()
        while true {
            done.hasRecovered = done.hasRecovered || effects.hasRecovered
            done.streamed += effects.streamed
            guard !effects.transfers.isEmpty else { return (sources, done) }
            for transfer in effects.transfers {
                sources[transfer.request.range, default: []].append(transfer.to)
                receive(&streams, &part, transfer, page([]))
            }
            effects = part.effects()
        }
    }

    @Test func aLostDiskIsRecoveredOnceEnoughWholeOwnersWereHeard() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        let token = part.token(part.key("k"))
        streams.plan(holding: [], &part.base.context)
        let isRecovering = part.base.context.isRecovering(token)
        #expect(isRecovering)
        let served = serveAll(&streams, &part)
        // N - W + 1 = 2 of them, for each range.
        let counts = Set(served.sources.values.map { Set($0).count })
        #expect(counts == [2])
        #expect(served.effects.hasRecovered && !streams.isInDoubt)
        let isStillRecovering = part.base.context.isRecovering(token)
        #expect(!isStillRecovering)
    }

    @Test func aSourceThatRefusesIsLeftAloneAndAnotherOneAsked() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        let first = try #require(part.effects().transfers.first)
        receive(&streams, &part, first, .refused(.overloaded))
        let timers = part.effects().timers
        #expect(timers == [.transfer])
        streams.advance(&part.base.context)
        let second = try #require(part.effects().transfers.first)
        #expect(second.to != first.to)
        streams.lose(second.to, &part.base.context)
        part.pass(ReplicationLimits.firstRetry * 2)
        streams.advance(&part.base.context)
        // Streams that had no source to ask have left their places to others.
        let served = serveAll(&streams, &part)
        #expect(served.sources[first.request.range] != nil)
    }

    /// A request may have asked for a W that is not the configured one: what a majority acknowledged is not missed.
    @Test(arguments: [1, 2, 3]) func aLostDiskIsNotWholeBeforeTheOthersWereHeard(writeQuorum: Int) throws {
        var part = try PartUnderTest(
            isOnDisk: false, #", "replication": {"n": 3, "r": 1, "w": \#(writeQuorum)}"#)
        for name in ["B", "C"] { part.base.context.peers.noteLink(NodeID(name), isUp: false) }
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        #expect(streams.isInDoubt, "nobody was heard")
        part.base.context.peers.noteLiveness(NodeID("C"), .dead)
        part.base.context.peers.noteLink(NodeID("B"), isUp: true)
        streams.advance(&part.base.context)
        let one = serveAll(&streams, &part)
        #expect(!one.sources.isEmpty && one.sources.values.allSatisfy { Set($0) == [NodeID("B")] })
        #expect(!one.effects.hasRecovered && streams.isInDoubt, "C may hold what the lost disk and C acknowledged")
        part.base.context.peers.noteLiveness(NodeID("C"), .alive)
        part.base.context.peers.noteLink(NodeID("C"), isUp: true)
        streams.advance(&part.base.context)
        let other = serveAll(&streams, &part)
        #expect(other.sources.values.allSatisfy { Set($0) == [NodeID("C")] })
        #expect(other.effects.hasRecovered && !streams.isInDoubt)
    }

    /// Where all owners are in doubt they hear one another at different times, and wait for nobody then.
    @Test func ownersThatAreAllInDoubtAreHeardOneAfterTheOther() throws {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.peers.noteLink(NodeID("C"), isUp: false)
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        for name in ["B", "C"] {
            part.base.context.peers.noteLink(NodeID(name), isUp: true)
            streams.advance(&part.base.context)
            var asked = part.effects().transfers
            while let transfer = asked.popLast() {
                // B is asked again, and refuses.
                let answer = transfer.to == NodeID(name) ? page([], doubt: .damaged, folder: 5) : .refused(.overloaded)
                receive(&streams, &part, transfer, answer)
                streams.advance(&part.base.context)
                asked += part.effects().transfers
            }
            #expect(streams.isInDoubt == (name == "B"), "\(name)")
            part.pass(.seconds(5))
        }
    }

    /// An owner in doubt may have lost nothing (a first start, a copied folder): however many are, the one that is away may hold
    /// what only it and the lost disk acknowledged.
    @Test(arguments: Doubt.Cause.allCases) func anOwnerInDoubtDoesNotStandForOneThatIsAway(_ cause: Doubt.Cause) throws
    {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.peers.noteLink(NodeID("C"), isUp: false)
        part.base.context.peers.noteLiveness(NodeID("C"), .dead)
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        #expect(!serveAll(&streams, &part, as: cause, isFounder: cause == .new) && streams.isInDoubt, "C was not heard")
        part.base.context.peers.noteLiveness(NodeID("C"), .alive)
        part.base.context.peers.noteLink(NodeID("C"), isUp: true)
        part.pass(ReplicationLimits.firstRetry * 2)
        streams.advance(&part.base.context)
        #expect(serveAll(&streams, &part, as: nil, isFounder: false) && !streams.isInDoubt)
    }

    /// Answers every transfer with an empty page of a source that says this of itself.
    private func serveAll(
        _ streams: inout RangeStreams, _ part: inout PartUnderTest, as doubt: Doubt.Cause?, isFounder: Bool,
        folder: UInt64 = 5
    ) -> Bool {
        var effects = part.effects()
        var hasRecovered = effects.hasRecovered
        while !effects.transfers.isEmpty {
            for transfer in effects.transfers {
                receive(&streams, &part, transfer, page([], doubt: doubt, isFounder: isFounder, folder: folder))
            }
            effects = part.effects()
            hasRecovered = hasRecovered || effects.hasRecovered
        }
        return hasRecovered
    }

    /// One of three nodes is missing at the first start of a cluster: the others have lost nothing.
    @Test(arguments: [Doubt.Cause.new, nil]) func aFoundingClusterWaitsForNoMissingMember(_ other: Doubt.Cause?) throws
    {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.peers.noteLink(NodeID("C"), isUp: false)
        var streams = RangeStreams(doubt: Doubt(.new, "a test"), folder: 1)
        streams.plan(holding: [], &part.base.context)
        #expect(serveAll(&streams, &part, as: other, isFounder: true) && !streams.isInDoubt)
    }

    /// The same disk, when somebody knows the node from before.
    @Test func anEmptyFolderOfANodeThatIsKnownIsALostDisk() throws {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.peers.noteLink(NodeID("C"), isUp: false)
        var streams = RangeStreams(doubt: Doubt(.new, "a test"), folder: 2)
        streams.plan(holding: [], &part.base.context)
        #expect(!serveAll(&streams, &part, as: nil, isFounder: false) && streams.isInDoubt, "C was not heard")
        part.base.context.peers.noteLink(NodeID("C"), isUp: true)
        part.pass(ReplicationLimits.firstRetry * 2)
        streams.advance(&part.base.context)
        #expect(serveAll(&streams, &part, as: nil, isFounder: false) && !streams.isInDoubt)
    }

    /// A source tells by the lives in which it has heard a node whether that one's empty folder is its first.
    @Test func aSourceKnowsWhoseDiskWasReplaced() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var streams = RangeStreams(doubt: Doubt(.new, "a test"), folder: 1)
        let gather = Gather(remaining: 0, purpose: .page(NodeID("B"), RequestID(1), next: nil))
        func said(_ streams: RangeStreams) throws -> TransferSource {
            var streams = streams
            streams.sendPage(gather, next: nil, RequestID(1), to: NodeID("B"), &part.base.context)
            guard case .transferPage(_, .records(_, _, let source))? = part.effects().sent.first?.message else {
                throw CodecError.invalid(what: "answer", found: "no page")
            }
            return source
        }
        streams.founding.hear(NodeID("B"), folder: 5, isFounder: true, isAnswer: true)
        #expect(try said(streams) == TransferSource(doubt: .new, isFounder: true, folder: 1))
        streams.founding.hear(NodeID("B"), folder: 6, isFounder: true, isAnswer: true)
        #expect(try said(streams) == TransferSource(doubt: .new, isFounder: false, folder: 1))
    }

    /// Merges of a page that was given up end after the next page has come: they are not of it.
    @Test func whatAnEarlierPageStillMergesDoesNotCompleteTheNextOne() throws {
        var part = try PartUnderTest()
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        let transfers = part.effects().transfers
        let first = try #require(transfers.first)
        func record(_ dot: UInt64) throws -> StoredRecord {
            for number in 0... {
                let found = try part.record("k\(number)", "v", dot: dot)
                if first.request.range.contains(found.token) { return found }
            }
            preconditionFailure("no key is in the range")
        }
        let mine = try record(1)
        receive(&streams, &part, first, page([mine]))
        #expect(part.effects().loads == 1, "it is being merged")
        streams.lose(first.to, &part.base.context)
        part.pass(ReplicationLimits.firstRetry * 2)
        streams.advance(&part.base.context)
        let second = try #require(part.effects().transfers.first { $0.request.range == first.request.range })
        receive(&streams, &part, second, page([try record(2)]))
        let id = try #require(streams.streams.first { $0.range == first.request.range }).id
        streams.finishStreamed(
            id, page: first.request.request, .changed(old: nil, new: mine), &part.base.context)
        let left = streams.streams.first { $0.id == id }
        #expect(left?.applying == 1 && left?.active != nil, "its own record is not durable yet")
    }

    @Test func aPageWithARecordThatCannotBeReadIsRefused() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var streams = RangeStreams(doubt: nil, folder: 1)
        var gather = Gather(remaining: 2, purpose: .page(NodeID("B"), RequestID(1), next: nil))
        gather.note(.held(try part.record("k", "v", dot: 1)))
        gather.note(.failed)
        streams.sendPage(gather, next: nil, RequestID(1), to: NodeID("B"), &part.base.context)
        guard case .transferPage(_, .refused)? = part.effects().sent.first?.message else {
            Issue.record("it passes for the whole of its range")
            return
        }
    }

    /// A source that refuses is asked ever more rarely.
    @Test func aSourceThatGoesOnRefusingIsAskedLessAndLess() throws {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.peers.noteLink(NodeID("C"), isUp: false)
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        var asked: [TokenRange: Int] = [:]
        for _ in 0..<600 {
            for transfer in part.effects().transfers {
                asked[transfer.request.range, default: 0] += 1
                receive(&streams, &part, transfer, .refused(.staleEpoch(Epoch(0))))
            }
            part.pass(.milliseconds(100))
            streams.advance(&part.base.context)
        }
        let most = try #require(asked.values.max())
        #expect((10...25).contains(most), "in a minute a source was asked \(most) times")
        streams.noteReached(NodeID("B"))
        streams.advance(&part.base.context)
        #expect(!part.effects().transfers.isEmpty, "it is back")
    }

    /// What a source in doubt holds is had once; asked again it only says whether it still is.
    @Test func aSourceThatIsStillInDoubtStreamsNothingTwice() throws {
        var part = try PartUnderTest(isOnDisk: false)
        part.base.context.peers.noteLink(NodeID("C"), isUp: false)
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        var pages: [TokenRange: Int] = [:]
        let source = TransferSource(doubt: .lost, isFounder: false, folder: 1)
        for _ in 0..<600 {
            for transfer in part.effects().transfers {
                pages[transfer.request.range, default: 0] += 1
                let isFirst = transfer.request.after == nil
                let next = isFirst ? ScanCursor(token: transfer.request.range.first, key: part.key("k")) : nil
                receive(&streams, &part, transfer, .records([], next: next, source: source))
            }
            part.pass(.milliseconds(100))
            streams.advance(&part.base.context)
        }
        let most = try #require(pages.values.max())
        #expect((3...26).contains(most), "two pages, then one each time that it is asked again: \(most)")
        #expect(streams.isInDoubt)
    }

    @Test func aPeerHasSoManyPagesMadeForItAtOnce() throws {
        var part = try PartUnderTest()
        var streams = RangeStreams(doubt: nil, folder: 1)
        func ask(_ number: Int, for peer: String, _ streams: inout RangeStreams, _ part: inout PartUnderTest) {
            let request = TransferRequest(
                request: RequestID(UInt64(number)), epoch: Epoch(1), range: part.base.context.shardRange, after: nil,
                folder: 1, isFounder: false)
            streams.receive(request, from: NodeID(peer), &part.base.context, &part.base.keys)
        }
        for number in 0..<100 { ask(number, for: "B", &streams, &part) }
        let effects = part.effects()
        #expect(effects.commands.count == ReplicationLimits.maximumPagesPerPeer)
        #expect(effects.sent.count == 100 - ReplicationLimits.maximumPagesPerPeer)
        #expect(part.base.context.counters.repairRefused == effects.sent.count)
        ask(200, for: "C", &streams, &part)
        #expect(part.effects().sent.isEmpty, "another peer has pages of its own")
        for number in 0..<ReplicationLimits.maximumPagesPerPeer {
            streams.failPage(RequestID(UInt64(number)), for: NodeID("B"), &part.base.context)
        }
        #expect(streams.pagesUnderWay == 1)
    }

    @Test func aPageOfALostSourceIsNotTaken() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var streams = RangeStreams(doubt: Self.lost, folder: 1)
        streams.plan(holding: [], &part.base.context)
        let first = try #require(part.effects().transfers.first)
        streams.lose(first.to, &part.base.context)
        receive(&streams, &part, first, page([try part.record("k", "v", dot: 1)]))
        #expect(part.base.context.counters.recordsStreamedIn == 0)
        #expect(part.base.context.probes[.streamPageLate] == 1)
    }

    @Test func aTransferOfAnotherEpochIsRefused() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var streams = RangeStreams(doubt: nil, folder: 1)
        let request = TransferRequest(
            request: RequestID(1), epoch: Epoch(2), range: part.base.context.shardRange, after: nil, folder: 1,
            isFounder: false)
        streams.receive(request, from: NodeID("B"), &part.base.context, &part.base.keys)
        guard case .transferPage(_, .refused(.staleEpoch(let mine)))? = part.effects().sent.first?.message else {
            Issue.record("it is served")
            return
        }
        #expect(mine == Epoch(1))
    }

    @Test func whatIsGainedIsReportedOnceAllOfItIsHere() throws {
        var part = try PartUnderTest(isOnDisk: false)
        var streams = RangeStreams(doubt: nil, folder: 1)
        let joining = part.state(
            epoch: 2, owners: ["B", "C", "D"], next: ["A", "B", "C"], statuses: ["A": .joining, "D": .leaving])
        _ = part.base.context.adopt(joining)
        streams.plan(holding: [], &part.base.context)
        #expect(part.base.context.streamedEpoch == nil)
        let served = serveAll(&streams, &part)
        let counts = Set(served.sources.values.map { Set($0).count })
        #expect(counts == [2], "N - W + 1 owners of each range")
        #expect(served.effects.streamed == [Epoch(2)])
    }
}
