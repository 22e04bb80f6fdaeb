import NIOCore
import Replication
import StatorCore

/// Carries client requests from one event loop to the shards on others, and their answers back: all of a turn at once,
/// so that a turn costs one hop each way for each pair of loops however many requests it brings.
///
/// Confined to its loop, but for ``deliver(_:)``.
final class Courier: @unchecked Sendable {
    struct Request: Sendable {
        let request: ClientRequest
        let sink: any ReplySink
        let tag: UInt64
    }

    struct Answer: Sendable {
        let sink: any ReplySink
        let tag: UInt64
        let response: ClientResponse
    }

    let eventLoop: any EventLoop
    private let shards: [ShardDriver]
    /// By shard.
    private var outgoing: [[Request]]
    private var isPlanned = false

    init(eventLoop: any EventLoop, shards: [ShardDriver]) {
        self.eventLoop = eventLoop
        self.shards = shards
        outgoing = Array(repeating: [], count: shards.count)
    }

    func send(_ request: ClientRequest, toShard shard: Int, sink: any ReplySink, tag: UInt64) {
        eventLoop.assertInEventLoop()
        outgoing[shard].append(Request(request: request, sink: sink, tag: tag))
        guard !isPlanned else { return }
        isPlanned = true
        eventLoop.execute { self.leave() }
    }

    private func leave() {
        isPlanned = false
        for shard in outgoing.indices where !outgoing[shard].isEmpty {
            var batch: [Request] = []
            swap(&batch, &outgoing[shard])
            let driver = shards[shard]
            let carried = batch
            driver.eventLoop.execute {
                for item in carried {
                    driver.submit(item.request, .courier(self, item.sink, tag: item.tag))
                }
            }
        }
    }

    /// Called on a shard's loop, at the end of its turn.
    func deliver(_ answers: [Answer]) {
        eventLoop.execute {
            for answer in answers { answer.sink.answer(answer.tag, answer.response) }
        }
    }
}
