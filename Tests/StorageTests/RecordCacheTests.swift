import NIOCore
import StatorCore
import Testing

@testable import Storage

@Suite struct RecordCacheTests {
    /// It may forget, but never shows anything else than what was kept last, and stays within its limit.
    @Test func showsWhatWasKeptLastOrNothing() {
        for seed in [1, 2, 3] as [UInt64] {
            var random = RandomGenerator(seed: seed)
            let cache = RecordCache(limit: .kibibytes(64))
            var model: [String: StoredRecord] = [:]
            var hits = 0
            for step in 0..<20_000 {
                let name = "k\(random.below(1000))"
                switch random.below(10) {
                case 0:
                    cache.forget(key(name), token: token(name))
                    model[name] = nil
                case 1...5:
                    let body = String(repeating: "x", count: random.chance(0.01) ? 3000 : random.below(200))
                    let record = named(name, "\(step)\(body)")
                    cache.keep(record)
                    model[name] = record
                default:
                    guard let found = cache.record(for: key(name), token: token(name)) else { continue }
                    hits += 1
                    #expect(found == model[name], "seed \(seed)")
                }
                #expect(cache.bytes <= 64 << 10, "seed \(seed)")
            }
            #expect(hits > 1000, "seed \(seed): \(hits) hits")
        }
    }

    @Test func whatIsUsedStays() {
        let cache = RecordCache(limit: .kibibytes(8))
        cache.keep(named("used", "body"))
        for number in 0..<1000 {
            cache.keep(named("k\(number)", "body"))
            _ = cache.record(for: key("used"), token: token("used"))
        }
        #expect(cache.record(for: key("used"), token: token("used")) != nil)
        #expect(cache.count < 150)
    }

    @Test func aRecordBeyondTheLimitIsNotKept() {
        let cache = RecordCache(limit: .kibibytes(1))
        cache.keep(named("a", String(repeating: "x", count: 5000)))
        #expect(cache.count == 0)
    }
}
