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
