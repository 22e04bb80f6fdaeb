extension WorkloadSettings {
    /// How a step's key is chosen. Keys are numbers from 0 on; ``WorkloadPlan`` tells which choices reach inserted
    /// keys.
    package enum KeyChoice: String, CaseIterable, Sendable {
        /// Every key is as likely, inserted ones too.
        case uniform
        /// Zipf's law with the exponent `theta`: the first key is the most popular, the second the next.
        case zipfian
        /// Nine of ten operations go to the first key.
        case hot
        /// Zipf's law with the exponent `theta`, the popular keys scattered over all of them.
        case scrambledZipfian = "scrambled-zipfian"
        /// What YCSB calls zipfian, to the bit and with its defects: see ``YCSBScrambledZipfian``.
        case ycsbCompat = "ycsb-compat"
        /// Zipf's law with the exponent `theta` over recency: the newest key is the most popular.
        case latest
        /// The first `hotSetFraction` of the keys get `hotOperationFraction` of the operations.
        case hotspot
    }

    /// When the next operation starts.
    package enum Loop: String, CaseIterable, Sendable {
        /// A client starts an operation after the one before was answered: a slow store is asked less.
        case closed
        /// Operations start at times drawn beforehand, whether or not the store keeps up; latency counts from then, so
        /// that a stall is seen by all that would have come in it (no coordinated omission).
        case open
    }

    /// How the start times of an open loop are spread.
    package enum ArrivalProcess: String, CaseIterable, Sendable {
        /// Exponential gaps, as of many independent users.
        case poisson
        /// Equal gaps.
        case fixed
    }

    /// How the size of a written value is drawn.
    package enum ValueSizes: String, CaseIterable, Sendable {
        /// Always `valueBytes`.
        case constant
        /// Each size from `valueMinimumBytes` to `valueBytes` is as likely.
        case uniform
        /// The median is `valueBytes`, the standard deviation of the logarithm `valueSigma`; sizes outside of
        /// `valueMinimumBytes` ... 1 MiB become the nearer end.
        case logNormal = "log-normal"
        /// Zipf's law with the exponent 0.99 from `valueMinimumBytes`, the most frequent, to `valueBytes`, as YCSB's
        /// `fieldlengthdistribution=zipfian`.
        case zipfian
    }
}
