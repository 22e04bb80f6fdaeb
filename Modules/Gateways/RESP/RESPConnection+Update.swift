import ConflictResolution
import NIOCore
import Replication
import StatorCore

/// Commands that change a value by what it is: the key's coordinator evaluates them.
extension RESPConnection {
    func beginUpdate(
        _ verb: RESPVerb, presence: ValueUpdate.Presence = .any, wantsPrevious: Bool = false
    ) -> Bool {
        guard let update = update(verb, presence, wantsPrevious: verb == .getset || wantsPrevious) else { return true }
        guard let (key, token) = key(at: 1) else { return true }
        guard isFree(token, writes: true) else { return false }
        let isTold = verb == .set && !wantsPrevious
        submit(
            ClientRequest(key: key, token: token, operation: .update(update), options: RequestOptions(isPlain: true)),
            .updated(verb == .getdel ? .delete : .put, tellsWritten: isTold))
        return true
    }

    /// - Returns: `nil` where an error was answered.
    private func update(
        _ verb: RESPVerb, _ presence: ValueUpdate.Presence, wantsPrevious: Bool
    ) -> ValueUpdate? {
        switch verb {
        case .incr: return .add(1)
        case .decr: return .add(-1)
        case .incrby, .decrby:
            guard let amount = Int64(parser.text(2)), amount > Int64.min else {
                replyError("ERR value is not an integer or out of range")
                return nil
            }
            return .add(verb == .incrby ? amount : -amount)
        case .incrbyfloat:
            guard let amount = Double(parser.text(2)), amount.isFinite else {
                replyError("ERR value is not a valid float")
                return nil
            }
            return .addFraction(amount)
        case .append: return content(at: 2).map { .append($0.bytes) }
        case .getdel: return .take
        default: return content(at: 2).map { .replace($0, onlyIf: presence, tellsPrevious: wantsPrevious) }
        }
    }
}
