/// One property of histories.
///
/// A checker is a value without state: the same history gives the same verdict. It must not trap on any history, and it
/// says in a measure or a rate how much it looked at, so that "nothing to check" never reads as "all is well".
package protocol HistoryChecker: Sendable {
    /// In kebab case, such as `lost-writes`.
    static var name: String { get }

    /// - Parameters:
    ///   - history: what the clients did.
    ///   - promises: decides ``Verdict/isPromised``.
    func check(_ history: IndexedHistory, _ promises: Promises) -> Verdict
}

extension HistoryChecker {
    package var name: String { Self.name }
}
