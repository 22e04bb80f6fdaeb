import StatorCore
import Testing

@testable import Workload

// The golden text is what PyPI's hdrhistogram 0.10.8 writes for the same values, made to store instead of compress.
private let golden =
    "HISTFAAAAEN4AQE4AMf/HISTEwAAABAAAAAAAAAAAwAAAAAAAAPoAAADRjC4oAA/8AAAAAAAAAIE6yYGzwfYBKFvAq/cAQLg1Aq0"

private let goldenValues: [(Int64, Int)] = [
    (100, 1), (1000, 2), (1_500_000, 3), (2_000_000, 300), (250_000_000, 1), (3_600_000_000_000, 1),
]

private func recorded(_ values: [(Int64, Int)]) -> LatencyHistogram {
    var histogram = LatencyHistogram()
    for (value, count) in values { histogram.record(value, count: count) }
    return histogram
}

@Test func encodedTextIsThatOfOtherHdrHistogramTools() throws {
    #expect(recorded(goldenValues).encoded == golden)
    #expect(try LatencyHistogram(encoded: golden) == recorded(goldenValues))
    // What the Python library reads from it, in milliseconds.
    let decoded = try LatencyHistogram(encoded: golden)
    #expect(decoded.percentile(50) == 2.000895)
    #expect(decoded.percentile(99.9) == 3_601_330.077695)
    #expect(abs((decoded.meanMilliseconds ?? 0) - 11_691.918739116882) < 1e-6)
}

@Test func whatWasWrittenIsReadAgain() throws {
    for seed in 0..<12 {
        var random = RandomGenerator(seed: UInt64(seed))
        var histogram = LatencyHistogram()
        for _ in 0..<random.below(300) {
            let value = Int64(truncatingIfNeeded: random.next() >> UInt64(random.below(64)))
            histogram.record(value, count: random.below(1 << random.below(37)))
        }
        let text = histogram.encoded
        let decoded = try LatencyHistogram(encoded: text)
        #expect(decoded == histogram)
        #expect(decoded.encoded == text)
        #expect(decoded.clipped == histogram.clipped && decoded.percentile(37) == histogram.percentile(37))
    }
}

@Test func theFullestHistogramTakesSeveralBlocksAndFitsTheLimit() throws {
    var full = LatencyHistogram()
    for index in 0..<HistogramLayout.count {
        full.record(Int64(HistogramLayout.nanoseconds(at: index)), count: 1 << 33)
    }
    #expect(full.recorded.count == HistogramLayout.count)
    #expect(full.encoded.utf8.count > 150_000 && full.encoded.utf8.count < LatencyHistogram.maximumEncodedLength)
    #expect(try LatencyHistogram(encoded: full.encoded) == full)
}

@Test func layoutIsThatOfTheHistogram() {
    for index in 0..<HistogramLayout.count {
        let value = HistogramLayout.nanoseconds(at: index)
        #expect(HistogramLayout.index(of: value) == index)
        if index > 0 { #expect(HistogramLayout.index(of: value - 1) == index - 1) }
    }
}

@Test func checksumIsAdler32() {
    // The example of RFC 1950's Wikipedia article.
    #expect(LatencyHistogram.adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
}

// MARK: Hostile texts

private func failure(_ text: String) -> HistogramFormatError? {
    do {
        _ = try LatencyHistogram(encoded: text)
        return nil
    } catch { return error }
}

/// A text as ours around counts of choice, with right lengths and checksum.
private func text(counts: [UInt8], payload change: (inout [UInt8]) -> Void = { _ in }) -> String {
    var payload = LatencyHistogram.header(countBytes: counts.count) + counts
    change(&payload)
    let length = UInt8(payload.count)
    let checksum = LatencyHistogram.adler32(payload)
    var stream: [UInt8] = [0x78, 0x01, 1, length, 0, ~length, 0xFF] + payload
    stream += (0..<4).reversed().map { UInt8(truncatingIfNeeded: checksum >> UInt32(8 * $0)) }
    return base64([0x1C, 0x84, 0x93, 0x14, 0, 0, 0, UInt8(stream.count)] + stream)
}

private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    var bits = 0
    var held = 0
    for byte in bytes {
        (held, bits) = (held << 8 | Int(byte), bits + 8)
        while bits >= 6 {
            bits -= 6
            text.append(alphabet[held >> bits & 63])
        }
    }
    if bits > 0 { text.append(alphabet[held << (6 - bits) & 63]) }
    while text.count % 4 != 0 { text.append("=") }
    return text
}

@Test func aTextAroundGoodCountsIsRead() throws {
    #expect(try LatencyHistogram(encoded: text(counts: [2])) == recorded([(0, 1)]))
}

@Test func hostileCountsAreRefused() {
    let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
    for counts: [UInt8] in [
        // A run of zeros beyond the ranges: minus 2^55 and minus 24206; the ranges are 24205.
        huge, [0x9B, 0xFA, 0x02, 2],
        // A count of 2^54, and counts that make more than 2^48 together.
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40],
        Array(repeating: [254, 255, 255, 255, 255, 255, 63], count: 9).flatMap(\.self),
        // Nine bytes, and an end within a count.
        huge.dropLast() + [0xFF, 0x01], [2, 0x80],
    ] {
        switch failure(text(counts: counts)) {
        case .unexpected(what: "counts", _, _), .truncated(what: "counts"): break
        case let other: Issue.record("\(counts): \(String(describing: other))")
        }
    }
    // Padded numbers, a run of one zero, two runs, zeros at the end, nothing at all.
    for counts: [UInt8] in [[0x82, 0], [1, 2], [3, 3, 2], [2, 0], [2, 3], []] {
        #expect(failure(text(counts: counts)) == .notCanonical, "\(counts)")
    }
}

@Test func otherHeadersAreRefused() {
    for (offset, what) in [
        (0, "payload's cookie"), (4, "length of counts"), (11, "normalizing index offset"), (15, "significant digits"),
        (20, "lowest value"), (31, "highest value"), (33, "ratio"),
    ] {
        guard case .unexpected(what: what, _, _) = failure(text(counts: [2]) { $0[offset] ^= 1 }) else {
            Issue.record("\(what) is taken")
            continue
        }
    }
    #expect(failure(text(counts: [2]) { $0.removeLast($0.count - 30) }) != nil)
}

@Test func changedTextsAreRefusedAndNeverTrap() {
    let characters = Array(golden)
    for index in characters.indices {
        for other in ["A", "/", "x", "=", "ä"] where String(characters[index]) != other {
            var changed = characters
            changed[index] = Character(other)
            #expect(failure(String(changed)) != nil)
        }
        #expect(failure(String(characters[..<index])) != nil)
        #expect(failure(String(characters[index...]) + "AAAA") != nil)
    }
    #expect(failure("") == .truncated(what: "cookie"))
    #expect(failure(golden + "AAAA") != nil)
    #expect(failure("not base64") == .notBase64)
    let long = String(repeating: "A", count: 400_000)
    #expect(failure(long) == .tooLong(found: 400_000, maximum: LatencyHistogram.maximumEncodedLength))
}

@Test func compressedTextsOfOthersAreRefusedByName() {
    // The golden histogram as the Python library writes it when left alone.
    let compressed = "HISTFAAAADJ4nJNpmSzMwMAgwAABzFDqBRC7GexYwGD/ASLCxPJaje08+w2WhflM6+8wMgEA4NQKtA=="
    guard case .unexpected(what: "zlib header", found: "0x789c", expected: "0x7801") = failure(compressed) else {
        Issue.record("\(String(describing: failure(compressed)))")
        return
    }
}

@Test func randomBytesAreRefused() {
    var random = RandomGenerator(seed: 30)
    for _ in 0..<1000 {
        var bytes: [UInt8] = [0x1C, 0x84, 0x93, 0x14, 0, 0, 0, 0, 0x78, 0x01]
        bytes += (0..<random.below(90)).map { _ in UInt8(random.below(4) * random.below(86)) }
        bytes[7] = UInt8(bytes.count - 8)
        #expect(failure(base64(bytes)) != nil)
    }
}
