internal import NIOCore
internal import StatorCore
internal import Workload

/// When a session does its next step.
///
/// In an open loop operations are due at times of their own. A free session takes the next one when it is due; where all
/// are busy it is taken as soon as one is free, and its latency counts from when it was due (Gil Tene, "How NOT to
/// measure latency", 2013, on coordinated omission; `wrk2` does the same). In a closed loop a session pauses after a step
/// so that all together make the rate asked for, evenly between nothing and twice the mean, as the simulator's clients do.
extension LoadDriver: NIOScheduledCallbackHandler {
    /// A session is free.
    func goOn(_ index: Int) {
        guard isWorking else { return }
        if isOpen {
            idle.append(index)
            return takeDue()
        }
        let mean = source == .filling ? 0 : plan.settings.thinkNanoseconds
        guard mean > 0 else { return beginOrRest(index) }
        let pause = Int64(sessions[index].random.fraction() * 2 * mean)
        eventLoop.scheduleTask(in: .nanoseconds(pause)) { self.beginOrRest(index) }
    }

    /// In a closed loop nothing is asked while all nodes rest.
    private func beginOrRest(_ index: Int) {
        guard isWorking else { return }
        let now = clock.now
        guard let end = nodes.endOfRest(at: now) else { return beginStep(index, intended: now, now: now) }
        eventLoop.scheduleTask(deadline: clock.deadline(end)) { self.beginOrRest(index) }
    }

    // MARK: Open loop

    /// Wakes up when the next arrival is due.
    func awaitDue() {
        guard isWorking, !isAwaitingDue, !idle.isEmpty else { return }
        guard let due = nextDue else {
            if idle.count == sessions.count { stop() }
            return
        }
        isAwaitingDue = true
        // Fails only where the loop has ended, and the load with it.
        _ = try? eventLoop.scheduleCallback(at: clock.deadline(due), handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        isAwaitingDue = false
        takeDue()
    }

    /// Gives arrivals that are due to free sessions, as many as there are of both.
    private func takeDue() {
        while isWorking, let due = nextDue, let index = idle.first {
            let now = clock.now
            guard due <= now else { break }
            nextDue = times.next().map { begin + $0 }
            takenCount += 1
            tally.took(intended: due, at: now)
            if nodes.endOfRest(at: now) == nil {
                idle.removeFirst()
                beginStep(index, intended: due, now: now)
            } else {
                tally.refused(due)
            }
        }
        awaitDue()
    }
}
