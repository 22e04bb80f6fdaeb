package import Storage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension DiskError {
    /// A failed system call, with the system's text for the number.
    package init(operation: String, path: String, number: Int32) {
        var text = [CChar](repeating: 0, count: 256)
        let reason = systemText(number, &text)
        self.init(operation: operation, path: path, errorNumber: number, reason: reason)
    }
}

/// The text of an error number: `strerror` itself is not safe between threads.
private func systemText(_ number: Int32, _ text: inout [CChar]) -> String {
    guard strerror_r(number, &text, text.count) == 0 else { return "error \(number)" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Makes a call until no signal interrupts it.
/// - Throws: ``DiskError`` where the call returns -1.
@discardableResult
func checked<Result: SignedInteger>(_ operation: String, _ path: String, _ call: () -> Result) throws(DiskError)
    -> Result
{
    while true {
        let result = call()
        if result != -1 { return result }
        let number = errno
        if number != EINTR { throw DiskError(operation: operation, path: path, number: number) }
    }
}

// The names below are methods of the types that call them; these reach the C library past those.

func openFile(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o640) }

func closeFile(_ descriptor: Int32) { _ = close(descriptor) }

func renameFile(_ path: String, _ newPath: String) -> Int32 { rename(path, newPath) }

func truncateFile(_ descriptor: Int32, _ size: Int) -> Int32 { ftruncate(descriptor, off_t(size)) }

/// Makes a file's bytes durable: on Darwin down to the medium, which fsync alone does not promise there.
func syncFile(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
        return fcntl(descriptor, F_FULLFSYNC)
    #else
        return fdatasync(descriptor)
    #endif
}
