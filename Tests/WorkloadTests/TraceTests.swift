import Testing

@testable import Workload

private func failure(_ text: String) -> String {
    failure(Array(text.utf8))
}

private func failure(_ bytes: [UInt8]) -> String {
    do {
        _ = try TraceReader.read(bytes)
        return "none"
    } catch { return "\(error)" }
}

@Test func columnsMayComeInAnyOrderAndOthersArePassedOver() throws {
    let text = """
        value_bytes,key,node,time_us,operation
        10,a,n1,0,read
        20,b,n2,5,put
        0,a,,5,delete
        1048576,c,,31536000000000,insert

        """
    let trace = try TraceReader.read(Array(text.utf8))
    #expect(trace.keys == ["a", "b", "c"])
    #expect(trace.entries.map(\.kind) == [.read, .heldWrite, .delete, .insert])
    #expect(trace.entries.map(\.key) == [0, 1, 0, 2])
    #expect(trace.entries.map(\.valueBytes) == [10, 20, 0, 1 << 20])
    #expect(trace.entries.map(\.nanoseconds) == [0, 5000, 5000, 31_536_000_000_000_000])
    #expect(trace.hasTimes && trace.hasValueSizes)
    #expect(trace.nanoseconds == 31_536_000_000_000_000)
}

@Test func operationsHaveSynonyms() throws {
    let text = "operation,key\nread,k\nget,k\nwrite,k\nput,k\nupdate,k\ndelete,k\ninsert,k"
    let trace = try TraceReader.read(Array(text.utf8))
    let kinds: [WorkloadStep.Kind] = [.read, .read, .heldWrite, .heldWrite, .heldWrite, .delete, .insert]
    #expect(trace.entries.map(\.kind) == kinds)
    #expect(trace.entries.allSatisfy { $0.nanoseconds == nil && $0.valueBytes == nil })
    #expect(!trace.hasTimes && !trace.hasValueSizes && trace.nanoseconds == 0)
}

@Test func quotesFollowRFC4180() throws {
    let text =
        "\"operation\",key\r\nread,\"a,b\"\r\n\"get\",\"say \"\"hi\"\"\"\r\nread,\"two\nlines\"\r\nread,\"\"\"\"\r\n"
    let trace = try TraceReader.read(Array(text.utf8))
    #expect(trace.keys == ["a,b", "say \"hi\"", "two\nlines", "\""])
}

@Test func aByteOrderMarkIsPassedOver() throws {
    let trace = try TraceReader.read([0xEF, 0xBB, 0xBF] + Array("operation,key\nread,k".utf8))
    #expect(trace.entries.count == 1)
}

@Test func keysOfEqualTextButOtherBytesAreDistinct() throws {
    let trace = try TraceReader.read(Array("operation,key\nread,e\u{301}\nread,\u{E9}\n".utf8))
    #expect(trace.entries.map(\.key) == [0, 1])
    #expect(trace.keys.map { Array($0.utf8).count } == [3, 2])
}

@Test func badHeadersAreRefused() {
    #expect(failure("") == "line 1, column 1: found no column, expected a header with the column 'operation'")
    #expect(
        failure("operation,keys\nread,a")
            == "line 1, column 1: found the columns 'operation,keys', expected a header with the column 'key'")
    #expect(
        failure("operation,key,key\n")
            == "line 1, column 15: found the column 'key' again, expected each column once")
    #expect(
        failure("operation,key\n") == "line 2, column 1: found the end of the file, expected at least one operation")
    #expect(
        failure(String(repeating: ",", count: 200) + "\n")
            == "line 1, column 2: found another column without a name, expected each column once")
    let wide = (0..<101).map { "c\($0)" }.joined(separator: ",")
    #expect(failure(wide).hasSuffix("found another column, expected at most 100 columns"))
}

@Test func badRowsAreRefusedWhereTheyAre() {
    let header = "operation,key,time_us,value_bytes\n"
    let good = "read,a,5,1\n"
    func found(_ row: String) -> String { failure(header + good + row) }
    #expect(
        found("scan,a,6,1")
            == "line 3, column 1: found 'scan', expected an operation: "
            + "read or get, write, put or update, delete, or insert")
    #expect(found("read,,6,1") == "line 3, column 6: found a key of 0 bytes, expected 1 to 1024 bytes")
    #expect(found("read,\(String(repeating: "k", count: 1025)),6,1").contains("found a key of 1025 bytes"))
    #expect(
        found("read,a,4,1") == "line 3, column 8: found 4, expected at least the 5 of the row above")
    for time in ["", "-1", "+6", "6.5", "1e3", " 6", "99999999999999999999", "31536000000001"] {
        let shown = time.isEmpty ? "nothing" : "'\(time)'"
        #expect(
            found("read,a,\(time),1")
                == "line 3, column 8: found \(shown), expected whole microseconds, 0 to 31536000000000")
    }
    #expect(found("read,a,6,1048577") == "line 3, column 10: found '1048577', expected whole bytes, 0 to 1048576")
    #expect(found("read,a,6") == "line 3, column 8: found the last of 3 fields, expected 4 fields as in the header")
    #expect(found("read,a,6,1,2") == "line 3, column 12: found another field, expected 4 fields as in the header")
    #expect(found("\n") == "line 3, column 1: found the last of 1 fields, expected 4 fields as in the header")
}

@Test func badQuotesAreRefused() {
    #expect(
        failure("operation,key\nread,a\"b\n")
            == "line 2, column 7: found a quote within a field, expected quotes around a whole field, doubled within")
    #expect(
        failure("operation,key\nread,\"ab\"c\n")
            == "line 2, column 10: found 'c', expected a comma or the end of the line after a quoted field")
    #expect(
        failure("operation,key\nread,\"ab\nc\n")
            == "line 4, column 1: found the end of the file, expected a quote for that of line 2")
    #expect(failure("operation,key\nread,\"ab\"\r").hasPrefix("line 2, column 10: found '?'"))
}

@Test func keysThatAreNoUTF8AreRefused() {
    let bytes = Array("operation,key\nread,a".utf8) + [0xFF, 0x0A]
    #expect(
        failure(bytes).hasPrefix("line 2, column 6: found 'a") && failure(bytes).hasSuffix("expected a key in UTF-8"))
}

@Test func fieldsHaveALimit() {
    let long = String(repeating: "x", count: 65_537)
    #expect(failure("operation,key,note\nread,a,\(long)").hasSuffix("expected at most 65536 bytes in a field"))
    #expect(failure("operation,key,note\nread,a,\(long.dropLast())") == "none")
}
