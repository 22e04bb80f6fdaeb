package import StatorCore

extension SimulatedDisk {
    /// A write of at least one byte while a probability of damage is set.
    func writeDamaged(_ bytes: UnsafeRawBufferPointer, at offset: Int, _ inode: Inode) {
        if isDue(faults.lostWrites) {
            faultCounters.lostWrites += 1
            inode.file.extend(to: offset + bytes.count)
        } else if isDue(faults.misdirectedWrites) {
            if let (victim, start) = wrongPlace(for: offset, of: inode) {
                faultCounters.misdirectedWrites += 1
                victim.file.damage(with: bytes, at: start)
            } else {
                faultCounters.lostWrites += 1
            }
            inode.file.extend(to: offset + bytes.count)
        } else {
            inode.file.write(bytes, at: offset)
            if isDue(faults.flippedWrites) {
                faultCounters.flippedWrites += 1
                inode.file.flipBit(random.below(8), at: offset + random.below(bytes.count))
            }
        }
    }

    private func isDue(_ probability: Double) -> Bool {
        probability > 0 && random.chance(probability)
    }

    /// Half of the misdirected writes stay in their file, half go to another; of those again half to the same offset,
    /// where a file of the same format is hurt worst. All other offsets are alike.
    private func wrongPlace(for offset: Int, of inode: Inode) -> (Inode, Int)? {
        if random.chance(0.5) {
            let others = filesToDamage().filter { $0.inode !== inode && $0.inode.file.size > 0 }
            if !others.isEmpty {
                let victim = others[random.below(others.count)].inode
                if offset < victim.file.size, random.chance(0.5) { return (victim, offset) }
                return (victim, random.below(victim.file.size))
            }
        }
        guard inode.file.size > 0 else { return nil }
        let start = random.below(inode.file.size)
        if start != offset { return (inode, start) }
        return inode.file.size > 1 ? (inode, (start + 1) % inode.file.size) : nil
    }

    /// The files that faults with a probability concern, by path.
    private func filesToDamage() -> [(path: String, inode: Inode)] {
        entries.keys.sorted().compactMap { path in
            guard isFaultProne(path), let inode = entries[path] else { return nil }
            return (path, inode)
        }
    }

    /// Bit rot: flips so many bits, all different and each alike, of the files below a folder, durably. Fewer where the
    /// files have fewer.
    /// - Parameter random: of the caller; the disk's own is not drawn from.
    /// - Returns: what was flipped, in the order in which it was drawn.
    @discardableResult
    package func rot(bits: Int, under folder: String, using random: inout RandomGenerator) -> [RottenBit] {
        let files = filesInside(folder)
        let bytes = files.reduce(0) { $0 + $1.inode.file.size }
        var rotten: [RottenBit] = []
        while rotten.count < min(bits, 8 * bytes) {
            let place = random.below(8 * bytes)
            var offset = place / 8
            var file = 0
            while offset >= files[file].inode.file.size {
                offset -= files[file].inode.file.size
                file += 1
            }
            let bit = RottenBit(path: files[file].path, offset: offset, bit: place % 8)
            guard !rotten.contains(bit) else { continue }
            files[file].inode.file.flipBit(bit.bit, at: offset)
            rotten.append(bit)
        }
        faultCounters.rottenBits += rotten.count
        return rotten
    }

    /// A file is gone, cut short or overwritten in the middle, durably; sometimes the hints of all segments are gone as
    /// well, so that a start reads the segments.
    /// - Parameters:
    ///   - prefix: of the paths of the files that it may happen to.
    ///   - random: of the caller; the disk's own is not drawn from.
    /// - Returns: what happened, or `nil` where there is no such file.
    package func damageFile(under prefix: String, using random: inout RandomGenerator) -> String? {
        let files = entries.keys.sorted().filter { $0.hasPrefix(prefix) && !$0.hasSuffix(".hint") }
        guard !files.isEmpty else { return nil }
        let path = files[random.below(files.count)]
        let size = entries[path]?.file.size ?? 0
        faultCounters.damagedFiles += 1
        if random.chance(0.5) {
            for hint in entries.keys.sorted() where hint.hasPrefix(prefix) && hint.hasSuffix(".hint") { lose(hint) }
        }
        switch random.below(3) {
        case 0:
            lose(path)
            return "\(path) is gone"
        case 1:
            let left = size == 0 ? 0 : random.below(size)
            entries[path]?.file.replaceAll(with: Array(entries[path]?.file.bytes.prefix(left) ?? []))
            recount()
            return "\(path) is cut short to \(left) of \(size) bytes"
        default:
            guard size > 0 else { return "\(path) is empty, and left as it is" }
            let start = random.below(size)
            let count = 1 + random.below(min(512, size - start))
            let noise = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            noise.withUnsafeBytes { entries[path]?.file.damage(with: $0, at: start) }
            return "\(count) bytes of \(path) at \(start) are overwritten"
        }
    }

    /// A file is gone, durably and behind every program's back.
    private func lose(_ path: String) {
        entries.removeValue(forKey: path)?.names = 0
        durableEntries[path] = nil
        pendingChanges.removeAll { $0.added == path || $0.removed == path }
        recount()
    }

    private func filesInside(_ folder: String) -> [(path: String, inode: Inode)] {
        let folder = SimulatedDisk.normal(folder)
        return entries.keys.sorted().compactMap { path in
            guard SimulatedDisk.isInside(path, folder), let inode = entries[path] else { return nil }
            return (path, inode)
        }
    }

    /// Bit rot: flips one bit of a file, durably. Nothing happens beyond its end.
    package func flipBit(_ path: String, offset: Int, bit: Int = 0) {
        guard let inode = entries[SimulatedDisk.normal(path)], offset >= 0, offset < inode.file.size else { return }
        inode.file.flipBit(bit, at: offset)
        faultCounters.rottenBits += 1
    }
}

/// A bit that rot flipped.
package struct RottenBit: Hashable, Sendable {
    package let path: String
    package let offset: Int
    /// 0 is the lowest.
    package let bit: Int
}
