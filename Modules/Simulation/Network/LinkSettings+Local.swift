internal import StatorCore

extension LinkSettings {
    /// One building: short, uneven delays; nothing is lost. What a cluster has that says nothing else.
    package static var local: LinkSettings {
        LinkSettings(latency: .uniform(.microseconds(100)...(.milliseconds(2))))
    }
}

/// What tests set in one line, for all links.
extension SimulatedNetwork {
    package var loss: Double {
        get { extraLoss }
        set { extraLoss = newValue }
    }

    package var duplication: Double {
        get { extraDuplication }
        set { extraDuplication = newValue }
    }

    /// Gives all links an even delay between these bounds.
    package mutating func setDelay(_ delay: ClosedRange<Duration>) {
        var link = settings.links[0][0]
        link.latency = .uniform(delay)
        for node in 0..<nodes { override(node: node, with: link) }
    }
}
