public import StatorCore

/// Anti-entropy without an index: the initiator sends (token, key, digest) of every key in the range, page by page;
/// the other end merges each page with its own keys in (token, key) order and exchanges what differs.
///
/// The baseline that the others are measured against, and the choice where writes are many, differences everywhere and
/// sessions rare. A change costs nothing; a session costs about 40 bytes and one read at each end for every key stored,
/// whether or not anything differs. Memory: a page at each end of a session.
public final class FullScanSynchronizer: Synchronizer {
    public typealias Settings = FullScanSettings

    public static let kind = "full-scan"
    public static let summary =
        "Lists every key of the range to the other replica: no index, cost grows with the keys stored."
    public static let guarantees: Set<Guarantee> = []

    private let settings: FullScanSettings
    private let environment: SyncEnvironment
    private var asking: [SessionID: FullScanInitiator] = [:]
    private var answering: [SessionID: FullScanResponder] = [:]

    public init(settings: FullScanSettings, environment: SyncEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    /// Keeps nothing.
    public func recordsChanged(_ changes: [RecordChange]) {}

    public var indexStatistics: [SyncStatistic] {
        [
            SyncStatistic("sessionsInitiated", Double(asking.count)),
            SyncStatistic("sessionsAnswered", Double(answering.count)),
        ]
    }

    public var sessionsUnderWay: Int { asking.count + answering.count }

    public func handle(_ event: SyncEvent, outbox: inout Outbox<SyncEffect>) {
        switch event {
        case .start(let id, let peer, let range):
            guard asking[id] == nil else { return }
            let session = FullScanInitiator(id, peer: peer, range: range, pageKeys: settings.pageKeys)
            asking[id] = session
            session.proceed(&outbox)
        case .message(let id, let sender, let range, let bytes):
            let message = try? SessionMessage(decoding: bytes)
            if id.initiator == environment.node {
                guard let session = asking[id], session.peer == sender else { return }
                session.take(message, &outbox)
            } else {
                answer(id, sender, range, message, &outbox)
            }
        case .listed(let id, let listing, let entries, let next):
            asking[id]?.listed(listing, entries, next, &outbox)
            answering[id]?.listed(listing, entries, next, &outbox)
        case .abandoned(let id):
            asking[id] = nil
            answering[id] = nil
            return
        }
        forgetEnded(event.session)
    }

    private func answer(
        _ id: SessionID, _ sender: NodeID, _ range: TokenRange, _ message: SessionMessage?,
        _ outbox: inout Outbox<SyncEffect>
    ) {
        if let session = answering[id] {
            guard session.peer == sender else { return }
            session.take(message, &outbox)
        } else if let message, message.round == 1, case .page = message.body, id.initiator == sender,
            answering.count < SessionLimits.maximumAnswered
        {
            let session = FullScanResponder(id, peer: sender, range: range)
            answering[id] = session
            session.take(message, &outbox)
        } else {
            SessionLimits.refuse(id, sender, message, &outbox)
        }
    }

    private func forgetEnded(_ id: SessionID) {
        if let session = asking[id], session.hasEnded { asking[id] = nil }
        if let session = answering[id], session.hasEnded { answering[id] = nil }
    }
}
