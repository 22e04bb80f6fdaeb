/// Many operations of one call. A window of them is under way at once, so that a batch of any size neither fills the
/// client nor fails for want of room. Confined to the client's event loop.
final class BatchRun {
    typealias Outcome = Result<Reply, StatorClientError>

    private let core: ClientCore
    private let requests: [Result<Request, StatorClientError>]
    private let firstID: UInt64
    private let window: Int
    private var outcomes: [Outcome?]
    private var next = 0
    private var inFlight = 0
    private var isPumping = false
    private var stopped: StatorClientError?
    private var completion: (([Outcome]) -> Void)?
    private var whenDone: () -> Void = {}

    /// - Parameter firstID: the first request's; the others' follow.
    init(
        _ requests: [Result<Request, StatorClientError>], firstID: UInt64, core: ClientCore,
        completion: @escaping ([Outcome]) -> Void
    ) {
        self.core = core
        self.requests = requests
        self.firstID = firstID
        self.completion = completion
        window = max(1, min(ClientLimits.batchWindow, core.configuration.maximumWaiting))
        outcomes = Array(repeating: nil, count: requests.count)
    }

    func begin(whenDone: @escaping () -> Void) {
        self.whenDone = whenDone
        pump()
    }

    func cancel() {
        stop(.cancelled(outcomeUnknown: false))
        for id in firstID..<firstID + UInt64(next) { core.cancel(id) }
        pump()
    }

    /// Nothing further is begun; what was not begun fails with this.
    func stop(_ error: StatorClientError) {
        if stopped == nil { stopped = error }
    }

    private func pump() {
        // Operations may end while they are begun.
        guard !isPumping else { return }
        isPumping = true
        while next < requests.count, stopped != nil || inFlight < window {
            let index = next
            next += 1
            beginOne(index)
        }
        isPumping = false
        guard inFlight == 0, next == requests.count, let completion else { return }
        self.completion = nil
        whenDone()
        completion(outcomes.map { $0 ?? .failure(.closed(outcomeUnknown: false)) })
    }

    private func beginOne(_ index: Int) {
        if let stopped {
            outcomes[index] = .failure(stopped)
            return
        }
        switch requests[index] {
        case .failure(let error): outcomes[index] = .failure(error)
        case .success(let request):
            inFlight += 1
            core.submit(request, id: firstID + UInt64(index)) { outcome in
                self.outcomes[index] = outcome
                self.inFlight -= 1
                self.pump()
            }
        }
    }
}
