import ConflictResolution
import NIOCore
import Replication
import StatorCore

extension MessageGenerator {
    mutating func clientRequest() -> ClientRequest {
        let operation: ClientOperation =
            switch random.below(4) {
            case 0: .get
            case 1: .update(update())
            case 2: .write(VersionWrite(content: maybe { $0.content() }, basis: basis()))
            default: .explain
            }
        return ClientRequest(key: key(), token: token(), operation: operation, options: options())
    }

    mutating func update() -> ValueUpdate {
        switch random.below(5) {
        case 0: .add(Int64(bitPattern: random.next()))
        case 1: .addFraction(Double(random.below(1000)) / 8)
        case 2: .append(bytes(50))
        case 3:
            .replace(
                content(), onlyIf: ValueUpdate.Presence.allCases[random.below(3)], tellsPrevious: flip())
        default: .take
        }
    }

    mutating func updateOutcome() -> UpdateOutcome {
        let results: [UpdateResult] = [.none, .integer(Int64(bitPattern: random.next())), .content(content())]
        return UpdateOutcome(node: node(), isWritten: flip(), result: results[random.below(3)])
    }

    mutating func updateRefusal() -> UpdateRefusal {
        let (one, other) = (random.below(1000), random.below(1000))
        let refusals: [UpdateRefusal] = [
            .notAnInteger, .notANumber, .overflow, .tooLong(found: one, maximum: other), .isJSON, .siblings(one),
        ]
        return refusals[random.below(refusals.count)]
    }

    mutating func basis() -> WriteBasis {
        [.held, .context(bytes(50)), .nothing][random.below(3)]
    }

    mutating func content() -> Content {
        Content(form: flip() ? .raw : .json, mediaType: flip() ? "" : "text/plain", bytes: bytes(300))
    }

    mutating func options() -> RequestOptions {
        RequestOptions(
            readQuorum: maybe { $0.quorum() }, writeQuorum: maybe { $0.quorum() },
            timeout: maybe { .nanoseconds(Int64($0.number() >> 1)) }, isSloppy: maybe { $0.flip() },
            precondition: maybe { $0.flip() ? .absent : .context($0.bytes(40)) })
    }

    mutating func quorum() -> QuorumSize {
        [.quorum, .all, .number(random.below(70000))][random.below(3)]
    }

    mutating func clientResponse() -> ClientResponse {
        switch random.below(6) {
        case 4: .updated(updateOutcome())
        case 0:
            .found(ReadResult(versions: list(4) { $0.version() }, context: bytes(60), causality: text()))
        case 1: .notFound(context: maybe { $0.bytes(60) })
        case 2: .stored(StoredOutcome(node: node(), isFirst: flip(), context: bytes(60)))
        case 3: .explained(explanation())
        default: .failed(clientError())
        }
    }

    mutating func version() -> Version {
        Version(
            content: maybe { $0.content() },
            dot: maybe {
                let actor = Actor(node: $0.node(), shard: UInt16($0.random.below(65536)), incarnation: $0.random.next())
                return Dot(actor: actor, counter: $0.number())
            },
            wall: maybe { $0.wall() })
    }

    mutating func clientError() -> ClientError {
        let (one, other) = (random.below(1000), random.below(1000))
        let errors: [ClientError] = [
            .quorumUnmet(answered: one, needed: other), .timedOut(answered: one, needed: other), .outcomeUnknown,
            .impossibleQuorum(asked: one, replicas: other), .overloaded,
            .tooManySiblings(found: one, maximum: other), .invalidContext(text()), .preconditionFailed,
            .unavailable(text()), .notUpdated(updateRefusal()), .cannotStore(text()),
            .recordTooLarge(found: one, maximum: other),
        ]
        return errors[random.below(errors.count)]
    }

    mutating func explanation() -> Explanation {
        Explanation(
            token: token(), range: range(), epoch: epoch(), coordinator: node(), preferenceList: list(6) { $0.node() },
            replicaCount: random.below(7), replicas: list(4) { $0.replicaExplanation() })
    }

    mutating func replicaExplanation() -> ReplicaExplanation {
        ReplicaExplanation(
            node: node(), hasAnswered: flip(), digest: maybe { Digest($0.random.next()) }, siblings: random.below(300),
            isTombstone: flip(), isRecovering: flip(), causality: text(), hintsFor: list(3) { $0.node() },
            lastRepair: maybe { $0.wall() })
    }
}
