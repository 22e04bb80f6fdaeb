package import StatorCore
internal import Workload

/// What requests ask for beyond the cluster's defaults, as shares: the `workload.requests` object. All are 0 by default.
///
/// With `swarm` a seed turns each kind on or off and draws its share up to the given one, as ``FaultSettings`` does with
/// faults; every eighth seed or so asks for nothing but the defaults.
package struct RequestSettings: StrategySettings, Hashable {
    package var isSwarm = true
    package var quorums = 0.0
    package var sloppiness = 0.0
    package var timeouts = 0.0
    package var conditions = 0.0
    package var rivals = 0.0
    package var damagedContexts = 0.0
    package var plain = 0.0
    package var blindDeletes = 0.0
    package var batches = 0.0
    package var batchKeys = 4
    package var longKeys = 0.0
    package var largeValues = 0.0
    package var largeValue: ByteCount = ByteCount(WorkloadSettings.maximumValueBytes)

    package init() {}

    package static var fields: [SettingField<RequestSettings>] {
        [
            .boolean("swarm", \.isSwarm, "whether each seed turns kinds of requests on or off and draws their shares"),
            .number("quorums", \.quorums, 0...1, "the share of requests that say `r` or `w`: a number, quorum or all"),
            .number("sloppiness", \.sloppiness, 0...1, "the share of requests that say whether fallbacks may stand in"),
            .number("timeouts", \.timeouts, 0...1, "the share of requests that allow less time than the default"),
            .number(
                "conditions", \.conditions, 0...1,
                "the share of writes with If-Match (some with a context that was used up) or If-None-Match"),
            .number(
                "rivals", \.rivals, 0...1,
                "the share of those that are sent two or three times at once, each with a value of its own"),
            .number(
                "damagedContexts", \.damagedContexts, 0...1,
                "the share of writes with a context that was changed, cut off or of another key"),
            .number("plain", \.plain, 0...1, "the share of steps without contexts, as RESP's GET, SET and DEL are"),
            .number("blindDeletes", \.blindDeletes, 0...1, "the share of deletes that do not read first"),
            .number("batches", \.batches, 0...1, "the share of steps that read and write several keys at once"),
            .integer("batchKeys", \.batchKeys, 2...100, "how many keys such a step has at most"),
            .number("longKeys", \.longKeys, 0...1, "the share of keys with long names, up to the limit"),
            .number("largeValues", \.largeValues, 0...1, "the share of writes with large values"),
            .bytes(
                "largeValueBytes", \.largeValue, 1024...WorkloadSettings.maximumValueBytes,
                "the largest of them; each power of two from 1 KiB is as likely"),
        ]
    }
}
