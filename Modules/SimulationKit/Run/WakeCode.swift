/// What a run asked to be woken for, packed into the number that the cluster carries.
enum WakeCode {
    /// A client goes on: it begins an operation, or gives up the one that it waits for.
    case client(Int, generation: UInt32)
    case faultBegins(Int)
    case faultEnds(Int)
    /// A fault of several steps takes the next one.
    case faultGoesOn(Int)
    /// A node that is down is started again.
    case start(Int)
    /// An operation of an open loop is due.
    case arrival
    /// It is time to look at what is measured.
    case look

    init(_ number: UInt64) {
        let index = Int(number >> 32 & 0xFF_FFFF)
        switch number >> 56 {
        case 0: self = .client(index, generation: UInt32(truncatingIfNeeded: number))
        case 1: self = .faultBegins(index)
        case 2: self = .faultEnds(index)
        case 3: self = .faultGoesOn(index)
        case 4: self = .start(index)
        case 5: self = .arrival
        default: self = .look
        }
    }

    var number: UInt64 {
        func packed(_ kind: UInt64, _ index: Int) -> UInt64 { kind << 56 | UInt64(index) << 32 }
        switch self {
        case .client(let index, let generation): return packed(0, index) | UInt64(generation)
        case .faultBegins(let index): return packed(1, index)
        case .faultEnds(let index): return packed(2, index)
        case .faultGoesOn(let index): return packed(3, index)
        case .start(let index): return packed(4, index)
        case .arrival: return packed(5, 0)
        case .look: return packed(6, 0)
        }
    }
}
