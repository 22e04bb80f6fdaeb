internal import Checking
internal import NIOCore

extension NodeSet {
    /// Asks the current node for what the operation says, and notes times, node and outcome.
    mutating func carryOut(_ operation: inout HistoryOperation, timeout: TimeAmount, _ clock: HistoryClock) async {
        operation.node = address
        operation.start = clock.now
        let result = await ask(operation.request(timeout: timeout))
        operation.end = clock.now
        switch result {
        case .success(let answer): operation.conclude(answer)
        case .failure(let failure): operation.conclude(failure)
        }
    }
}
