import Foundation
import NIOCore
import NIORuntime
import StatorCore
import Storage
import Testing

@Suite struct POSIXDiskTests {
    let disk = POSIXDisk()

    @Test func filesKeepWhatIsWritten() throws {
        try withTemporaryFolder { folder in
            try disk.createFolder(folder + "/deep/er")
            #expect(try disk.exists(folder + "/deep/er"))
            let file = try disk.open(folder + "/deep/er/b", creating: true)
            try file.write(ByteBuffer(string: "hello world"), at: 3)
            try file.sync()
            #expect(try file.size() == 14)
            #expect(try file.read(at: 3, count: 5) == ByteBuffer(string: "hello"))
            #expect(try file.read(at: 9, count: 100) == ByteBuffer(string: "world"))
            #expect(try file.read(at: 50, count: 1).readableBytes == 0)
            try file.truncate(to: 5)
            #expect(try file.size() == 5)
            file.close()
            file.close()
            try disk.rename(folder + "/deep/er/b", to: folder + "/deep/er/a")
            _ = try disk.open(folder + "/deep/er/Z", creating: true)
            try disk.syncFolder(folder + "/deep/er")
            #expect(try disk.list(folder + "/deep/er") == ["Z", "a"])
            #expect(try disk.list(folder + "/nowhere") == [])
            try disk.remove(folder + "/deep")
            try disk.remove(folder + "/deep")
            #expect(try !disk.exists(folder + "/deep"))
        }
    }

    @Test func failuresCarryTheSystemsNumberAndText() throws {
        try withTemporaryFolder { folder in
            let error = #expect(throws: DiskError.self) { _ = try disk.open(folder + "/none", creating: false) }
            #expect(error?.errorNumber == ENOENT)
            #expect(error?.reason == "No such file or directory")
            let closed = try disk.open(folder + "/file", creating: true)
            closed.close()
            #expect(throws: DiskError.self) { try closed.sync() }
            #expect(throws: DiskError.self) { try closed.write(ByteBuffer(string: "a"), at: 0) }
            #expect(throws: DiskError.self) { try disk.createFolder(folder + "/file/below") }
        }
    }

    @Test func aLockIsHeldOnce() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/lock"
            let held = try disk.lock(path)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "\(getpid())\n")
            let refusal = #expect(throws: DiskError.self) { _ = try disk.lock(path) }
            #expect(refusal?.errorNumber == EWOULDBLOCK)
            #expect(refusal?.reason == "process \(getpid()) holds it")
            held.release()
            held.release()
            #expect(try !disk.exists(path))
            let again = try disk.lock(path)
            #expect(throws: DiskError.self) { _ = try disk.lock(path) }
            again.release()
        }
    }

    @Test func aLockFileLeftBehindLocksNothing() throws {
        try withTemporaryFolder { folder in
            try "999999\n".write(toFile: folder + "/lock", atomically: false, encoding: .utf8)
            try disk.lock(folder + "/lock").release()
        }
    }

    @Test func theLogEngineWorksOnIt() throws {
        try withTemporaryFolder { folder in
            var engine = try openLog(disk, folder: folder + "/shard/log")
            for round in 0..<20 {
                for number in 0..<10 { try engine.put("key-\(number)", "value \(round) of \(number)") }
                try engine.makeDurable()
                _ = try engine.maintain(budget: .kibibytes(4))
            }
            try engine.remove("key-3")
            try engine.maintainFully()
            #expect(engine.statistics.merges > 0)
            try engine.close()
            engine = try openLog(disk, folder: folder + "/shard/log")
            for number in 0..<10 where number != 3 {
                #expect(try engine.body("key-\(number)") == "value 19 of \(number)")
            }
            #expect(try engine.body("key-3") == nil)
            #expect(engine.statistics.records == 9)
            try engine.close()
        }
    }
}
