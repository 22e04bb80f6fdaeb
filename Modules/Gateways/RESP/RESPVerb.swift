/// The commands that are understood, by their names in capitals.
enum RESPVerb: String, CaseIterable {
    case get = "GET"
    case set = "SET"
    case mget = "MGET"
    case mset = "MSET"
    case setnx = "SETNX"
    case setex = "SETEX"
    case psetex = "PSETEX"
    case getset = "GETSET"
    case getdel = "GETDEL"
    case getex = "GETEX"
    case append = "APPEND"
    case strlen = "STRLEN"
    case del = "DEL"
    case unlink = "UNLINK"
    case exists = "EXISTS"
    case touch = "TOUCH"
    case type = "TYPE"
    case incr = "INCR"
    case decr = "DECR"
    case incrby = "INCRBY"
    case decrby = "DECRBY"
    case incrbyfloat = "INCRBYFLOAT"
    case ttl = "TTL"
    case pttl = "PTTL"
    case expiretime = "EXPIRETIME"
    case pexpiretime = "PEXPIRETIME"
    case expire = "EXPIRE"
    case pexpire = "PEXPIRE"
    case expireat = "EXPIREAT"
    case pexpireat = "PEXPIREAT"
    case persist = "PERSIST"
    case ping = "PING"
    case echo = "ECHO"
    case hello = "HELLO"
    case auth = "AUTH"
    case select = "SELECT"
    case client = "CLIENT"
    case config = "CONFIG"
    case command = "COMMAND"
    case info = "INFO"
    case dbsize = "DBSIZE"
    case time = "TIME"
    case quit = "QUIT"
    case reset = "RESET"
    case flushall = "FLUSHALL"
    case flushdb = "FLUSHDB"
    case keys = "KEYS"
    case scan = "SCAN"
    case multi = "MULTI"
    case exec = "EXEC"
    case watch = "WATCH"
    case statorGet = "STATOR.GET"
    case statorPut = "STATOR.PUT"
    case statorDel = "STATOR.DEL"
    case statorRing = "STATOR.RING"

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    init?(bytes: UnsafeRawBufferPointer) {
        // Nearly all of them are one of two.
        if bytes.count == 3, bytes[1] & 0xDF == UInt8(ascii: "E"), bytes[2] & 0xDF == UInt8(ascii: "T") {
            if bytes[0] & 0xDF == UInt8(ascii: "G") {
                self = .get
                return
            }
            if bytes[0] & 0xDF == UInt8(ascii: "S") {
                self = .set
                return
            }
        }
        guard bytes.count <= 16, let verb = RESPVerb.byName[String(decoding: bytes, as: UTF8.self).uppercased()] else {
            return nil
        }
        self = verb
    }

    /// Whether a word that is no command begins a request of HTTP with a body, or is the name of the header that every
    /// request has: what Redis takes for a sign of cross-protocol scripting.
    static func isOfHTTP(_ word: UnsafeRawBufferPointer) -> Bool {
        guard word.count == 4 || word.count == 5 else { return false }
        return ["POST", "HOST:"].contains(String(decoding: word, as: UTF8.self).uppercased())
    }

    /// How many arguments it takes, its name among them.
    var argumentCounts: ClosedRange<Int> {
        switch self {
        case .get, .strlen, .type, .incr, .decr, .getdel, .ttl, .pttl, .expiretime, .pexpiretime, .persist, .echo,
            .select, .keys:
            2...2
        case .set: 3...10
        case .mget, .del, .unlink, .exists, .touch: 2...RESPLimits.maximumArguments
        case .mset: 3...RESPLimits.maximumArguments
        case .setnx, .getset, .append, .incrby, .decrby, .incrbyfloat: 3...3
        case .setex, .psetex: 4...4
        case .getex: 2...4
        case .expire, .pexpire, .expireat, .pexpireat: 3...4
        case .ping: 1...2
        case .hello: 1...8
        case .auth: 2...3
        case .client, .config: 2...RESPLimits.maximumArguments
        case .command, .info: 1...RESPLimits.maximumArguments
        case .dbsize, .time, .quit, .reset, .multi, .exec, .statorRing: 1...1
        case .flushall, .flushdb: 1...2
        case .scan: 2...12
        case .watch: 2...RESPLimits.maximumArguments
        case .statorGet: 2...6
        case .statorPut: 3...9
        case .statorDel: 2...8
        }
    }
}
