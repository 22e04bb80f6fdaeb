/// Limits that more than one module keeps.
public enum Limits {
    /// The largest record body, in bytes: 100 siblings of a default-sized value would not fit, and are refused earlier.
    public static let maximumRecordBody = 64 << 20
    /// The longest key that a store is given, in bytes: the name of a hint is its target's length and name, then a client's key.
    public static let maximumStoredKey = 1 + NodeID.maximumLength + Key.maximumLength
    /// Client writes that would leave a key with more siblings than this are refused; repair never is.
    public static let maximumSiblings = 100
}
