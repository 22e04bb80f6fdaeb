import NIOCore
import Replication
import StatorCore

/// Where a key lives and what each node holds of it.
extension ByteWriter {
    mutating func writeExplanation(_ explanation: Explanation) {
        writeToken(explanation.token)
        writeTokenRange(explanation.range)
        writeEpoch(explanation.epoch)
        writeNodeID(explanation.coordinator)
        writeNodes(explanation.preferenceList)
        writeNumber(explanation.replicaCount)
        writeVarint(UInt64(explanation.replicas.count))
        for replica in explanation.replicas { writeReplicaExplanation(replica) }
    }

    /// Flags: 1 answered, 2 tombstone, 4 recovering, 8 digest present, 16 last repair present.
    mutating func writeReplicaExplanation(_ explanation: ReplicaExplanation) {
        writeNodeID(explanation.node)
        var flags: UInt8 = 0
        if explanation.hasAnswered { flags |= 1 }
        if explanation.isTombstone { flags |= 2 }
        if explanation.isRecovering { flags |= 4 }
        if explanation.digest != nil { flags |= 8 }
        if explanation.lastRepair != nil { flags |= 16 }
        writeInteger(flags)
        if let digest = explanation.digest { writeInteger(digest.value) }
        if let lastRepair = explanation.lastRepair { writeInteger(lastRepair.microseconds) }
        writeNumber(explanation.siblings)
        writeSentence(explanation.causality, maximum: WireLimits.maximumCausality)
        writeNodes(explanation.hintsFor)
    }
}

extension ByteReader {
    mutating func readExplanation() throws(CodecError) -> Explanation {
        let token = try readToken()
        let range = try readTokenRange()
        let epoch = try readEpoch()
        let coordinator = try readNodeID("coordinator")
        let preferenceList = try readNodes("preference list")
        let replicaCount = try readNumber("replicas")
        let count = try readListCount("explanations", maximum: WireLimits.maximumNodes, minimumSize: 6)
        var replicas: [ReplicaExplanation] = []
        for _ in 0..<count { replicas.append(try readReplicaExplanation()) }
        return Explanation(
            token: token, range: range, epoch: epoch, coordinator: coordinator, preferenceList: preferenceList,
            replicaCount: replicaCount, replicas: replicas)
    }

    mutating func readReplicaExplanation() throws(CodecError) -> ReplicaExplanation {
        let node = try readNodeID("explained node")
        let flags = try readFixed("explanation's flags", as: UInt8.self)
        guard flags < 32 else { throw .invalid(what: "explanation's flags", found: "\(flags)") }
        var explanation = ReplicaExplanation(node: node, hasAnswered: flags & 1 != 0)
        explanation.isTombstone = flags & 2 != 0
        explanation.isRecovering = flags & 4 != 0
        if flags & 8 != 0 { explanation.digest = Digest(try readFixed("digest", as: UInt64.self)) }
        if flags & 16 != 0 { explanation.lastRepair = WallTime(microseconds: try readFixed("last repair")) }
        explanation.siblings = try readNumber("siblings")
        explanation.causality = try readText("causality", maximum: WireLimits.maximumCausality)
        explanation.hintsFor = try readNodes("hint targets")
        return explanation
    }
}
