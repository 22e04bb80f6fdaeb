#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output for data, standard error for everything else.
enum Terminal {
    static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32 = STDOUT_FILENO) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            // Who read it has gone: there is nobody to go on for.
            if count < 0, errno == EPIPE, descriptor == STDOUT_FILENO { exit(1) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    static func print(_ line: String) { write(Array((line + "\n").utf8)) }

    /// Progress and remarks.
    static func note(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }

    static func complain(_ message: String) { note("statorctl: \(message)") }

    static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    // MARK: Colour

    enum Colour: String {
        case red = "31", green = "32", yellow = "33", blue = "34", magenta = "35", cyan = "36"
    }

    /// Colours for people only: not where NO_COLOR is set (no-color.org) or the output is no terminal.
    static func coloured(_ text: String, _ colour: Colour?) -> String {
        guard let colour, usesColour else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    private static var usesColour: Bool {
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        return isOutputTerminal
    }
}

/// The system call, whose name ``Terminal/write(_:to:)`` hides.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
