import Glibc

/// Lets the calling thread rest, which must not be one that runs Swift's tasks.
enum ThreadPause {
    static func sleep(for duration: Duration) {
        usleep(UInt32(clamping: Int64(duration / .microseconds(1))))
    }
}
