#if canImport(Glibc)
    @preconcurrency internal import Glibc
#elseif canImport(Darwin)
    @preconcurrency internal import Darwin
#endif

/// Starts programs, by `posix_spawn`.
enum Spawning {
    /// Signals that a program finds as the system sets them, whatever this process does with them: one that inherits
    /// an ignored SIGTERM could not be asked to end.
    private static let restored = [
        SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU,
    ]

    /// Starts a program in a process group of its own, so that Ctrl-C at the terminal does not reach it. It inherits
    /// the environment and, besides its three streams, no open file.
    /// - Parameters:
    ///   - program: a path.
    ///   - arguments: without the program's name.
    ///   - folder: its working folder; this process's where `nil`.
    /// - Returns: the number of the process, which is that of its group too.
    static func start(
        _ program: String, _ arguments: [String], folder: String?, input: Int32, output: Int32, errors: Int32
    ) throws(LocalError) -> pid_t {
        #if canImport(Glibc)
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #else
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        var flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        #if canImport(Glibc)
            posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        #else
            flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #endif
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in restored { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let words = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        let failure = posix_spawn(&pid, program, &actions, &attributes, words + [nil], environ)
        guard failure == 0 else { throw .notStarted(program: program, reason: String(cString: strerror(failure))) }
        return pid
    }
}
