/// Every command that a scenario may give.
enum ScenarioVerb: String, CaseIterable {
    case cluster
    case put
    case delete
    case get
    case concurrently
    case crash
    case stop
    case start
    case restart
    case wipe
    case pause
    case resume
    case partition
    case cut
    case heal
    case delay
    case loss
    case detection
    case clock
    case run
    case untilReady = "until-ready"
    case untilQuiet = "until-quiet"
    case untilSettled = "until-settled"
    case untilChange = "until-change"
    case ready
    case hints
    case replicas
    case explain
    case diverged
    case keys
    case counters
    case log
    case ring
    case members
    case join
    case leave
    case sync

    /// How it is written; ``ScenarioUsage`` reads it, so this is also what is checked.
    var usage: String {
        switch self {
        case .cluster:
            "cluster nodes=NUMBER|NAMES [outsiders=NAMES] [n=3] [r=2] [w=2] [sloppy=on|off] [hints=on|off] [read-repair=on|off] "
                + "[anti-entropy=on|off|TIME] [resolver=KIND] [sync=KIND] [transport=tcp|datagram] [set=PATH:VALUE]... [seed=NUMBER]"
        case .put: "put KEYS VALUES at=NODES [context=held|none|NAME] [if=absent|NAME] [w=QUORUM] [sloppy=on|off]"
        case .delete: "delete KEYS at=NODES [context=held|none|NAME] [if=absent|NAME] [w=QUORUM] [sloppy=on|off]"
        case .get: "get KEYS at=NODES [r=QUORUM] [sloppy=on|off] [as=NAME]"
        case .concurrently: "concurrently"
        case .crash: "crash NODES"
        case .stop: "stop NODES"
        case .start: "start NODES"
        case .restart: "restart NODES"
        case .wipe: "wipe NODES"
        case .pause: "pause NODES"
        case .resume: "resume NODES"
        case .partition: "partition NODES | NODES..."
        case .cut: "cut NODES -> NODES"
        case .heal: "heal"
        case .delay: "delay TIME..TIME"
        case .loss: "loss SHARE"
        case .detection: "detection TIME"
        case .clock: "clock NODE TIME"
        case .run: "run TIME"
        case .untilReady: "until-ready"
        case .untilQuiet: "until-quiet"
        case .untilSettled: "until-settled"
        case .untilChange: "until-change NODE TEXT"
        case .ready: "ready"
        case .hints: "hints"
        case .replicas: "replicas KEY"
        case .explain: "explain KEY [at=NODE]"
        case .diverged: "diverged"
        case .keys: "keys"
        case .counters: "counters NAMES... [at=NODES]"
        case .log: "log NODE [match=TEXT]"
        case .ring: "ring"
        case .members: "members at=NODES"
        case .join: "join NODE"
        case .leave: "leave NODE [at=NODE]"
        case .sync: "sync [at=NODES]"
        }
    }

    /// Whether it may stand under ``concurrently``.
    var isClientRequest: Bool {
        switch self {
        case .put, .delete, .get, .join, .leave: true
        default: false
        }
    }
}
