import ArgumentParser

/// Administers a Stator cluster and reads and writes its keys over HTTP.
@main
struct Statorctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statorctl",
        abstract: "Reads, writes and administers a Stator cluster.",
        discussion: """
            Data goes to standard output, everything else to standard error.

            EXIT STATUS
              0   done
              1   failed (refused, unhealthy, an outcome that is unknown, concurrent versions)
              2   key not found
              3   quorum not met
              4   no node could be reached
              64  usage
              78  a configuration is wrong

            COMPLETION
              statorctl --generate-completion-script bash > /etc/bash_completion.d/statorctl
              (zsh and fish likewise)

            EXAMPLES
              statorctl put greeting hello
              statorctl put user:1 '{"name":"Ada"}' --json-value
              statorctl get greeting
              statorctl get greeting -r all --json
              statorctl status --node http://127.0.0.1:5000,http://127.0.0.1:5001
              STATOR_NODES=http://10.0.0.1:5000 statorctl ring
            """,
        version: "0.1.0",
        subcommands: [
            Get.self, Put.self, Delete.self, Explain.self, Status.self, Top.self, Events.self, Ring.self, Members.self,
            Stats.self, Hints.self, Repair.self, Config.self, Sync.self, Join.self, Leave.self, LocalCluster.self,
        ])
}
