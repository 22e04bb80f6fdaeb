internal import Partitioning
internal import StatorCore

/// What a request asks for, or the settings where it says nothing.
extension ShardContext {
    func timeout(of request: ClientRequest) -> Duration {
        request.options.timeout ?? settings.requestTimeout
    }

    func isSloppy(_ request: ClientRequest) -> Bool {
        request.options.isSloppy ?? settings.isSloppy
    }

    func neededWrites(_ request: ClientRequest, _ list: PreferenceList) -> Int {
        let asked = request.options.writeQuorum ?? .number(settings.writeQuorum)
        return min(asked.count(replicas: list.replicaCount), list.replicaCount)
    }

    func neededReads(_ request: ClientRequest, _ list: PreferenceList) -> Int {
        let asked = request.options.readQuorum ?? .number(settings.readQuorum)
        return min(asked.count(replicas: list.replicaCount), list.replicaCount)
    }
}
