import Membership
import Replication
import StatorCore
import Testing

@testable import Gateways

/// What a series of pictures tells.
@Suite struct StoryTests {
    private func time(_ second: Int) -> WallTime { WallTime(microseconds: Int64(second) * 1_000_000) }

    /// The texts of what is told after the first picture, each second's changes applied to the picture before.
    private func story(_ changes: [(inout NodeInspection) -> Void]) -> NodeStory {
        var story = NodeStory()
        var picture = FakeNode.healthyPicture()
        picture.shards[0].hintsWaiting = []
        story.observe(picture, at: time(0))
        for (index, change) in changes.enumerated() {
            change(&picture)
            story.observe(picture, at: time(index + 1))
        }
        return story
    }

    private func texts(_ story: NodeStory) -> [String] { story.events.dropFirst(2).map(\.text) }

    private func see(_ node: Int, _ liveness: Liveness) -> (inout NodeInspection) -> Void {
        { picture in
            let old = picture.members[node]
            picture.members[node] = MemberReport(
                member: old.member, liveness: liveness, generation: old.generation, heartbeat: old.heartbeat,
                phi: old.phi, lastHeard: old.lastHeard)
        }
    }

    @Test func itBeginsWithWhatIsWrong() {
        let events = story([]).events
        #expect(events.map(\.text) == ["started in epoch 3", "takes C for dead"])
        #expect(events.map(\.number) == [1, 2])
        #expect(events[1].about == NodeID("C"))
    }

    @Test func livenessIsToldWhenItChanges() {
        let story = story([see(1, .suspected), see(1, .suspected), see(1, .dead), see(1, .alive), see(2, .alive)])
        #expect(texts(story) == ["suspects B", "takes B for dead", "hears B again", "hears C again"])
        #expect(story.events.last?.time == time(5))
    }

    @Test func hintsAreOneEpisodeFromTheFirstToTheLast() {
        func wait(_ count: Int) -> (inout NodeInspection) -> Void {
            { picture in
                picture.shards[0].hintsWaiting =
                    count == 0 ? [] : [HintBacklog(target: NodeID("C"), count: count, bytes: count * 100)]
            }
        }
        func deliver(_ left: Int) -> (inout NodeInspection) -> Void {
            { picture in
                picture.shards[0].counters.hintsDelivered += 10
                wait(left)(&picture)
            }
        }
        let story = story([
            wait(3), wait(200), wait(341), wait(341), wait(341), wait(341), deliver(100), deliver(0), { _ in },
        ])
        #expect(
            texts(story) == [
                "begins to keep writes for C", "keeps writes for 341 keys of C", "handed over what it kept for C",
            ])
        #expect(story.events.last?.count == 341)
    }

    @Test func hintsThatExpireAreNotHandedOver() {
        let story = story([
            { $0.shards[0].hintsWaiting = [HintBacklog(target: NodeID("C"), count: 1, bytes: 1)] },
            { $0.shards[0].hintsWaiting = [] },
        ])
        #expect(texts(story) == ["begins to keep writes for C", "keeps nothing for C any more"])
    }

    @Test func countersAreToldOnceTheyRest() {
        let story = story([
            { $0.shards[0].counters.siblingsRead += 2 }, { $0.shards[0].counters.siblingsRead += 1 }, { _ in },
            { _ in }, { _ in },
        ])
        #expect(texts(story) == ["met siblings in 3 reads"])
        #expect(story.events.last?.count == 3)
    }

    @Test func whatGoesOnForLongIsToldMeanwhile() {
        let story = story(Array(repeating: { $0.shards[0].counters.quorumsUnmet += 1 }, count: 70))
        #expect(texts(story) == ["had no quorum for 30 requests", "had no quorum for 30 requests"])
    }

    @Test func membersComeAndGo() {
        func view(_ epoch: UInt64, _ members: [Member]) -> (inout NodeInspection) -> Void {
            { $0.view = View(epoch: Epoch(epoch), members: members) }
        }
        let three = ["A", "B", "C"].map { FakeNode.member($0) }
        let story = story([
            view(4, three + [FakeNode.member("D", .joining)]), view(5, three + [FakeNode.member("D")]),
            view(6, [three[0], FakeNode.member("B", .leaving), three[2], FakeNode.member("D")]),
            view(7, [three[0], three[2], FakeNode.member("D")]),
        ])
        #expect(
            texts(story) == [
                "epoch 4: D joins", "epoch 5: D is a member", "epoch 6: B leaves", "epoch 7: B is no member any more",
            ])
    }

    @Test func readinessAndFailure() {
        let story = story([
            { $0.notReadyReason = "shard 0 is recovering 90% of its ranges" },
            { $0.notReadyReason = "shard 0 is recovering 10% of its ranges" }, { $0.notReadyReason = nil },
            { $0.failure = "the disk failed" },
        ])
        #expect(
            texts(story) == [
                "does not serve: shard 0 is recovering 90% of its ranges", "serves", "the disk failed",
                "does not serve: it failed",
            ])
    }

    @Test func itIsBoundedAndNumbersGoOn() {
        var story = NodeStory()
        for number in 1...2000 { story.tell(.faults, time(number), "event \(number)") }
        #expect(story.events.count <= NodeStory.capacity)
        #expect(story.events.last?.number == 2000)
        #expect(story.end == 2001)
        #expect(story.events(since: 1999).map(\.text) == ["event 1999", "event 2000"])
        #expect(story.events(since: 5000).isEmpty)
    }
}
