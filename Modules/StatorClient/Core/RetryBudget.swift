/// A bucket of tokens that retries are paid from, so that they never multiply an overload: where most operations fail,
/// retries soon stop, and come back as successes refill it. The retry quota of the AWS SDKs works so.
struct RetryBudget {
    /// Thousandths, so that ten successes of 0.1 make exactly one token.
    private static let unit = 1000

    private let capacity: Int
    private let perSuccess: Int
    private var held: Int

    /// Full.
    /// - Parameters:
    ///   - tokens: the most that it holds; a retry costs one.
    ///   - tokensPerSuccess: to a thousandth.
    init(tokens: Int, tokensPerSuccess: Double) {
        capacity = tokens * RetryBudget.unit
        perSuccess = Int((tokensPerSuccess * Double(RetryBudget.unit)).rounded())
        held = capacity
    }

    var tokens: Double { Double(held) / Double(RetryBudget.unit) }

    /// Pays for one retry.
    /// - Returns: false where there is less than one token.
    mutating func withdraw() -> Bool {
        guard held >= RetryBudget.unit else { return false }
        held -= RetryBudget.unit
        return true
    }

    mutating func deposit() {
        held = min(capacity, held + perSuccess)
    }
}
