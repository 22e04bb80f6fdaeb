internal import Checking
internal import NIOCore

/// How one store is spoken to: requests to bytes, bytes to answers. Answers come in the order of the requests.
protocol StoreDialect: Sendable {
    /// Appends the request that carries the operation out.
    ///
    /// - Parameters:
    ///   - node: the place of the node that is asked.
    ///   - valueBytes: the size that a written value is filled up to.
    func encode(_ operation: HistoryOperation, node: Int, valueBytes: Int, into buffer: inout ByteBuffer)

    /// Takes the next answer off the buffer; `nil` where it is not there whole, and the buffer is left as it is then.
    ///
    /// - Throws: where the bytes are no answer: nothing that follows can be read.
    func decode(_ buffer: inout ByteBuffer) throws(AnswerFormatError) -> StoreAnswer?
}

/// What a server sent cannot be read.
struct AnswerFormatError: Error, Hashable, CustomStringConvertible {
    let found: String
    let expected: String

    var description: String { "the answer has \(found), expected \(expected)" }
}
