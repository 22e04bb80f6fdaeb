/// Which part of a run its story tells.
package enum StoryFilter: Sendable, Hashable {
    case key(String)
    case node(String)
    case everything

    /// `key:NAME`, `node:NAME` or `all`.
    package init?(_ text: String) {
        if text == "all" {
            self = .everything
        } else if text.hasPrefix("key:"), text.count > 4 {
            self = .key(String(text.dropFirst(4)))
        } else if text.hasPrefix("node:"), text.count > 5 {
            self = .node(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }
}
