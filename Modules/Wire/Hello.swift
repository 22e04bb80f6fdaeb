package import NIOCore
package import StatorCore

/// What the dialling node says of itself.
package struct Hello: Hashable, Sendable {
    package var cluster: String
    package var node: NodeID
    /// Where the dialling node listens for peers.
    package var peerEndpoint: Endpoint
    package var generation: UInt64
    package var shards: Int
    /// The shard that will send on this connection; its receiver is the shard of the same index.
    package var shard: Int
    package var agreement: ClusterAgreement

    package init(
        cluster: String, node: NodeID, peerEndpoint: Endpoint, generation: UInt64, shards: Int, shard: Int,
        agreement: ClusterAgreement
    ) {
        self.cluster = cluster
        self.node = node
        self.peerEndpoint = peerEndpoint
        self.generation = generation
        self.shards = shards
        self.shard = shard
        self.agreement = agreement
    }

    /// What was read from a first frame.
    package enum Reading: Hashable, Sendable {
        case hello(Hello)
        /// The dialling node speaks this version; the rest of its bytes was not looked at.
        case otherVersion(UInt16)
    }

    /// Appends the payload of the first frame.
    package func encode(into buffer: inout ByteBuffer) {
        buffer.encode { write(into: &$0) }
    }

    private func write(into buffer: inout ByteWriter) {
        Handshake.writePreamble(into: &buffer)
        buffer.writeText(cluster)
        buffer.writeNodeID(node)
        buffer.writeText(peerEndpoint.host)
        buffer.writeInteger(UInt16(clamping: peerEndpoint.port))
        buffer.writeInteger(generation)
        buffer.writeNumber(shards, maximum: WireLimits.maximumShards)
        buffer.writeNumber(shard, maximum: WireLimits.maximumShards)
        agreement.encode(into: &buffer)
    }

    package static func decode(_ bytes: inout ByteBuffer) throws(CodecError) -> Reading {
        try bytes.decode { bytes throws(CodecError) in try read(&bytes) }
    }

    private static func read(_ bytes: inout ByteReader) throws(CodecError) -> Reading {
        let version = try Handshake.readPreamble(&bytes)
        guard version == Handshake.version else { return .otherVersion(version) }
        let hello = Hello(
            cluster: try bytes.readText("cluster's name", maximum: WireLimits.maximumClusterName),
            node: try bytes.readNodeID(),
            peerEndpoint: Endpoint(
                host: try bytes.readText("host", maximum: WireLimits.maximumHost),
                port: Int(try bytes.readFixed("port", as: UInt16.self))),
            generation: try bytes.readFixed("generation"),
            shards: try bytes.readCount("shards", maximum: WireLimits.maximumShards),
            shard: try bytes.readCount("shard", maximum: WireLimits.maximumShards),
            agreement: try ClusterAgreement.decode(&bytes))
        try bytes.expectEnd("handshake")
        return .hello(hello)
    }
}
