extension SimulatedDisk {
    /// One spelling for each path: absolute, without empty parts and without a slash at its end. Costs no allocation
    /// where that is so already.
    static func normal(_ path: String) -> String {
        if isNormal(path) { return path }
        return "/" + path.split(separator: "/").joined(separator: "/")
    }

    private static func isNormal(_ path: String) -> Bool {
        let slash = UInt8(ascii: "/")
        var previous: UInt8?
        for byte in path.utf8 {
            if previous == nil ? byte != slash : byte == slash && previous == slash { return false }
            previous = byte
        }
        return previous != nil && (previous != slash || path.utf8.count == 1)
    }

    /// The folder of a path in its normal form.
    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// Whether a path is a folder or below it; both in their normal form.
    static func isInside(_ path: String, _ folder: String) -> Bool {
        guard folder != "/", path.utf8.count > folder.utf8.count else { return folder == "/" || path == folder }
        return path.utf8.starts(with: folder.utf8)
            && path.utf8[path.utf8.index(path.startIndex, offsetBy: folder.utf8.count)] == UInt8(ascii: "/")
    }
}
