import Glibc

/// A process that this process has started and not yet reaped, so that its number belongs to nobody else.
struct ChildProcess: Sendable {
    let number: pid_t

    init(_ number: pid_t) {
        self.number = number
    }

    /// Whether it has ended; its exit status stays for whoever reaps it.
    var hasEnded: Bool {
        var info = unsafe siginfo_t()
        // Unsafe: the call fills a C structure; its process number stays 0 while the child runs.
        let failed = unsafe waitid(P_PID, id_t(number), &info, WEXITED | WNOHANG | WNOWAIT) != 0
        let ended = unsafe info._sifields._sigchld.si_pid
        return failed || ended != 0
    }

    func kill() {
        Glibc.kill(number, SIGKILL)
    }
}
