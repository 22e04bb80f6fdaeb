package import ConflictResolution
package import NIOCore
package import StatorCore

/// One client operation on one key, as any gateway submits it and a coordinator may forward it. A copy is one reference.
package struct ClientRequest: Sendable {
    private final class Fields: Sendable {
        let key: Key
        let token: Token
        let operation: ClientOperation
        let options: RequestOptions

        init(key: Key, token: Token, operation: ClientOperation, options: RequestOptions) {
            self.key = key
            self.token = token
            self.operation = operation
            self.options = options
        }
    }

    private let fields: Fields

    package init(key: Key, token: Token, operation: ClientOperation, options: RequestOptions = RequestOptions()) {
        fields = Fields(key: key, token: token, operation: operation, options: options)
    }

    package var key: Key { fields.key }
    package var token: Token { fields.token }
    package var operation: ClientOperation { fields.operation }
    package var options: RequestOptions { fields.options }

    /// Whether what it writes depends on what is there: it is one step at the key's coordinator.
    package var isConditional: Bool {
        if case .update = operation { return true }
        return options.precondition != nil
    }

    /// Stands where none is.
    static let none = ClientRequest(
        key: Key(unchecked: ByteBuffer()), token: .minimum, operation: .get, options: RequestOptions())
}

extension ClientRequest: Equatable {
    package static func == (left: ClientRequest, right: ClientRequest) -> Bool {
        left.key == right.key && left.token == right.token && left.operation == right.operation
            && left.options == right.options
    }
}

package enum ClientOperation: Hashable, Sendable {
    case get
    /// A put, or a delete where the content is `nil`.
    case write(VersionWrite)
    /// A read-modify-write.
    case update(ValueUpdate)
    /// Where the key lives and what each replica holds of it.
    case explain
}

/// What one request asks for beyond the configured defaults; `nil` takes the default.
package struct RequestOptions: Hashable, Sendable {
    package var readQuorum: QuorumSize?
    package var writeQuorum: QuorumSize?
    package var timeout: Duration?
    package var isSloppy: Bool?
    package var precondition: Precondition?
    /// A client of single values: it is told no context and no causal metadata, and a read of one live version answers
    /// ``ClientResponse/value(_:)``.
    package var isPlain: Bool

    package init(
        readQuorum: QuorumSize? = nil, writeQuorum: QuorumSize? = nil, timeout: Duration? = nil,
        isSloppy: Bool? = nil, precondition: Precondition? = nil, isPlain: Bool = false
    ) {
        self.isPlain = isPlain
        self.readQuorum = readQuorum
        self.writeQuorum = writeQuorum
        self.timeout = timeout
        self.isSloppy = isSloppy
        self.precondition = precondition
    }
}

/// How many replicas must answer.
package enum QuorumSize: Hashable, Sendable {
    case number(Int)
    case quorum
    case all

    /// The number for N replicas.
    package func count(replicas: Int) -> Int {
        switch self {
        case .number(let number): number
        case .quorum: replicas / 2 + 1
        case .all: replicas
        }
    }
}

/// A check that the coordinator makes on what a quorum shows and what it holds itself, in one step with the write. Not
/// linearizable: while failures are being detected two nodes may take themselves for the coordinator.
package enum Precondition: Hashable, Sendable {
    /// No live version: `If-None-Match: *`.
    case absent
    /// The current context equals this one: `If-Match`.
    case context(ByteBuffer)
}
