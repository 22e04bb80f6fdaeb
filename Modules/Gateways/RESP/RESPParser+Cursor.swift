extension RESPParser {
    /// Reads on in the present command's bytes.
    struct Cursor {
        var arguments: [Range<Int>] = []
        var position: Int
        /// Arguments still to come.
        var announced: Int
        var isWithin: Bool
        let maximum: Int

        init(position: Int, announced: Int, isWithin: Bool, maximum: Int) {
            self.position = position
            self.announced = announced
            self.isWithin = isWithin
            self.maximum = maximum
        }

        /// - Returns: whether the command is whole; otherwise `position` is where to go on with more bytes.
        mutating func advance(_ bytes: UnsafeRawBufferPointer) throws(RESPProtocolError) -> Bool {
            if !isWithin {
                guard bytes[0] == UInt8(ascii: "*") else { return try readInline(bytes) }
                guard let count = try number(bytes, from: 1) else { return false }
                guard count.value <= RESPLimits.maximumArguments else { throw .invalidCount }
                position = count.end
                // An empty or null array is no command, and no error.
                announced = max(0, count.value)
                isWithin = true
            }
            while announced > 0 {
                guard position < bytes.count else { return false }
                guard bytes[position] == UInt8(ascii: "$") else { throw .expectedBulk(found: bytes[position]) }
                guard let length = try number(bytes, from: position + 1) else { return false }
                guard length.value >= 0 else { throw .invalidBulkLength }
                guard length.value <= maximum - length.end else { throw .tooLarge(maximum: maximum) }
                let end = length.end + length.value
                guard end + 2 <= bytes.count else { return false }
                guard bytes[end] == UInt8(ascii: "\r"), bytes[end + 1] == UInt8(ascii: "\n") else {
                    throw .unterminatedBulk
                }
                arguments.append(length.end..<end)
                position = end + 2
                announced -= 1
            }
            return true
        }

        /// A decimal number up to the end of its line.
        private func number(
            _ bytes: UnsafeRawBufferPointer, from start: Int
        ) throws(RESPProtocolError) -> (value: Int, end: Int)? {
            // Most have one digit.
            if start + 2 < bytes.count, bytes[start + 1] == UInt8(ascii: "\r"), bytes[start + 2] == UInt8(ascii: "\n") {
                let digit = bytes[start] &- UInt8(ascii: "0")
                if digit <= 9 { return (Int(digit), start + 3) }
            }
            var index = start
            var value = 0
            var isNegative = false
            if index < bytes.count, bytes[index] == UInt8(ascii: "-") {
                isNegative = true
                index += 1
            }
            let digits = index
            while index < bytes.count {
                let digit = bytes[index] &- UInt8(ascii: "0")
                if digit > 9 { break }
                guard index - start < RESPLimits.maximumHeader else { throw .tooLongHeader }
                guard value < 1 << 48 else { throw .invalidCount }
                value = value &* 10 &+ Int(digit)
                index &+= 1
            }
            guard index + 1 < bytes.count else {
                guard bytes.count - start <= RESPLimits.maximumHeader else { throw .tooLongHeader }
                return nil
            }
            guard index > digits, bytes[index] == UInt8(ascii: "\r"), bytes[index + 1] == UInt8(ascii: "\n") else {
                throw .invalidCount
            }
            return (isNegative ? -value : value, index + 2)
        }

        /// Words of a line, which may be in quotes.
        private mutating func readInline(_ bytes: UnsafeRawBufferPointer) throws(RESPProtocolError) -> Bool {
            let limit = min(bytes.count, RESPLimits.maximumInline)
            guard let end = bytes[position..<limit].firstIndex(of: UInt8(ascii: "\n")) else {
                guard bytes.count <= RESPLimits.maximumInline else { throw .tooBigInline }
                position = limit
                return false
            }
            let line = end > 0 && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
            var index = 0
            while index < line {
                if bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") {
                    index += 1
                    continue
                }
                index = try readWord(bytes, from: index, to: line)
            }
            position = end + 1
            return true
        }

        /// A word in quotes is taken as it lies between them, without escapes: for a person's `ping`, not for data.
        private mutating func readWord(
            _ bytes: UnsafeRawBufferPointer, from start: Int, to line: Int
        ) throws(RESPProtocolError) -> Int {
            let quote = bytes[start]
            if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                guard let end = bytes[(start + 1)..<line].firstIndex(of: quote) else { throw .unbalancedQuotes }
                arguments.append((start + 1)..<end)
                return end + 1
            }
            var end = start
            while end < line, bytes[end] != UInt8(ascii: " "), bytes[end] != UInt8(ascii: "\t") { end += 1 }
            arguments.append(start..<end)
            return end
        }
    }
}
