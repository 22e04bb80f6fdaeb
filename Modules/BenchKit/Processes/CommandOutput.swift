#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a program wrote and how it ended.
package struct CommandOutput: Sendable {
    package let end: ProcessEnd
    package let output: [UInt8]
    package let errors: [UInt8]

    package init(end: ProcessEnd, output: [UInt8], errors: [UInt8]) {
        self.end = end
        self.output = output
        self.errors = errors
    }

    /// The output as text, without the white space at its end.
    package var text: String { Self.trimmed(output) }
    /// The errors as text, without the white space at their end.
    package var errorText: String { Self.trimmed(errors) }

    private static func trimmed(_ bytes: [UInt8]) -> String {
        let end = bytes.lastIndex { !" \n\r\t".utf8.contains($0) }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// Runs a program to its end. Holds up the thread meanwhile: meant for short ones, like `git`.
    ///
    /// It is killed, with what it started, where it takes too long or writes too much.
    /// - Parameters:
    ///   - command: the program, a path or a name to be found in PATH, and its arguments.
    ///   - limit: how long it may take.
    ///   - input: what it reads from standard input.
    ///   - folder: its working folder; this process's where `nil`.
    ///   - maximum: how many bytes of output, and how many of errors, it may write.
    /// - Throws: ``LocalError`` where it is not found, cannot be started, takes too long or writes too much. Ending with
    ///   another status than 0 is no error here.
    package static func run(
        _ command: [String], within limit: Duration = .seconds(30), input: [UInt8] = [], folder: String? = nil,
        maximum: Int = 4 << 20
    ) throws(LocalError) -> CommandOutput {
        precondition(!command.isEmpty, "a command names a program")
        let deadline = ContinuousClock.now + limit
        // The input stands in a file, so that a program that does not read it holds nobody up.
        guard let source = OwnedDescriptor.unnamedFile(holding: input), let output = OwnedDescriptor.pipe(),
            let errors = OwnedDescriptor.pipe()
        else { throw .notStarted(program: command[0], reason: LocalFiles.reason) }
        let process = try ChildProcess(
            command, folder: folder, input: source.number, output: output.second.number, errors: errors.second.number)
        var streams = OutputStreams(output: output.takeFirst(), errors: errors.takeFirst(), maximum: maximum)
        let isWhole = streams.collect(until: deadline)
        if isWhole, let end = process.holdUntilEnd(before: deadline) {
            return CommandOutput(end: end, output: streams.bytes[0], errors: streams.bytes[1])
        }
        // It has not been reaped before this, so that its group's number is still its own.
        process.signalGroup(SIGKILL)
        _ = process.holdUntilEnd(before: ContinuousClock.now + .seconds(5))
        let text = command.joined(separator: " ")
        throw streams.isTooMuch ? .tooMuchOutput(command: text, maximum: maximum) : .tooLong(command: text, limit: limit)
    }
}

/// The reading ends of a program's output and errors.
private struct OutputStreams: ~Copyable {
    private let output: OwnedDescriptor
    private let errors: OwnedDescriptor
    private let maximum: Int
    private var isOpen = [true, true]
    private(set) var bytes: [[UInt8]] = [[], []]

    init(output: consuming OwnedDescriptor, errors: consuming OwnedDescriptor, maximum: Int) {
        self.output = output
        self.errors = errors
        self.maximum = maximum
    }

    var isTooMuch: Bool { bytes.contains { $0.count > maximum } }

    /// Reads both side by side, so that neither fills up while the other is waited for.
    /// - Returns: false where they have not ended by the deadline, or bring too much.
    mutating func collect(until deadline: ContinuousClock.Instant) -> Bool {
        while isOpen.contains(true) {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return false }
            // A negative number is passed over.
            var waited = [output.number, errors.number].enumerated().map { index, number in
                pollfd(fd: isOpen[index] ? number : -1, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&waited, 2, Int32(min(left / .milliseconds(1) + 1, 1000))) > 0 else { continue }
            for index in 0..<2 where waited[index].revents != 0 {
                let found = (index == 0 ? output.read(1 << 16) : errors.read(1 << 16)) ?? []
                bytes[index] += found
                isOpen[index] = !found.isEmpty
            }
            if isTooMuch { return false }
        }
        return true
    }
}
