/// What coordinator and replica stand on: what all parts share, the work on keys, and the hints.
struct ShardBase {
    var context: ShardContext
    var keys: KeyWork
    var hints = HintedHandoff()
}
