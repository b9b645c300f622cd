import Glibc

/// What this process has used so far, without its children.
struct ProcessUsage {
    /// User and system time, in seconds.
    let cpuSeconds: Double
    /// The most memory that was resident at one time, in bytes.
    let peakResidentBytes: Int

    init() {
        var usage = rusage()
        // Unsafe: a C call that fills the structure given to it; it cannot fail for the own process.
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        peakResidentBytes = usage.ru_maxrss * 1024
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}
