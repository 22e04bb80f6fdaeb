import Testing

/// Real `stator-node` processes on this machine, spoken to over real sockets. One test at a time: each starts a cluster
/// of its own, and they would only slow one another down.
@Suite(.serialized) struct EndToEnd {}
