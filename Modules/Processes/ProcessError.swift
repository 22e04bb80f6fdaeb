#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why a process could not be started, or a program not run to its end, in one sentence.
package struct ProcessError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// What the system says of its last failed call.
    static var reason: String { String(cString: strerror(errno)) }
}
