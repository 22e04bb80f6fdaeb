import Foundation

/// Cuts nodes off from one another with iptables: every node runs under a group of its own, and what one group sends to
/// another node's port is dropped without a word. The answers on such a connection go back by its own kernel state, but
/// nothing goes forth on it; both directions between two nodes are separate connections, so both are cut.
struct Firewall {
    private static let chain = "STATOR-E2E"
    private static let firstGroup = 61_000

    /// Whether this machine lets a test do so.
    static let isUsable: Bool = {
        guard geteuid() == 0, Binaries.system("setpriv") != nil, Binaries.system("iptables") != nil else {
            return false
        }
        let probe = ["-p", "tcp", "--dport", "1", "-m", "owner", "--gid-owner", "\(firstGroup)", "-j", "DROP"]
        guard run(["-A", "OUTPUT"] + probe) else { return false }
        return run(["-D", "OUTPUT"] + probe)
    }()

    /// Gives each node its group; before the nodes are started.
    static func prepare(_ cluster: Cluster) {
        guard let setpriv = Binaries.system("setpriv") else { return }
        for (index, node) in cluster.nodes.enumerated() {
            node.launcher = [setpriv, "--regid", "\(firstGroup + index)", "--clear-groups"]
        }
    }

    /// Splits the cluster in two until ``heal()``.
    static func split(_ cluster: Cluster, _ one: [String]) throws {
        heal()
        guard run(["-N", chain]), run(["-I", "OUTPUT", "-j", chain]) else {
            throw HarnessError("iptables has no chain")
        }
        for (index, sender) in cluster.nodes.enumerated() {
            for receiver in cluster.nodes where one.contains(sender.name) != one.contains(receiver.name) {
                let rule = [
                    "-A", chain, "-p", "tcp", "-d", "127.0.0.1", "--dport", "\(receiver.file.peerPort)", "-m", "owner",
                    "--gid-owner", "\(firstGroup + index)", "-j", "DROP",
                ]
                guard run(rule) else { throw HarnessError("iptables refuses \(rule)") }
            }
        }
    }

    static func heal() {
        _ = run(["-D", "OUTPUT", "-j", chain])
        _ = run(["-F", chain])
        _ = run(["-X", chain])
    }

    private static func run(_ arguments: [String]) -> Bool {
        guard let iptables = Binaries.system("iptables") else { return false }
        return (try? ChildProcess.run([iptables, "-w", "5"] + arguments, within: 20).status) == 0
    }
}
