import Glibc

/// A thread for work that blocks, which must not be done on the threads that run Swift's tasks.
struct WorkerThread: ~Copyable {
    private final class Start: Sendable {
        let work: @Sendable () -> Void

        init(_ work: @escaping @Sendable () -> Void) {
            self.work = work
        }
    }

    private let thread: pthread_t

    /// - Throws: `HTTPError.failed`.
    init(_ work: @escaping @Sendable () -> Void) throws(HTTPError) {
        // The thread takes over this count, or nobody when there is none.
        let start = unsafe Unmanaged.passRetained(Start(work))
        var thread = pthread_t()
        let error = unsafe pthread_create(
            &thread, nil,
            { address in
                guard let address = unsafe address else { return nil }
                // It is the address that was passed to `pthread_create`, and is taken over once.
                let start = unsafe Unmanaged<Start>.fromOpaque(address).takeRetainedValue()
                WorkerThread.blockBrokenPipeSignal()
                start.work()
                return nil
            }, start.toOpaque())
        guard error == 0 else {
            unsafe start.release()
            throw .failed("the system gives no thread (error \(error))")
        }
        self.thread = thread
    }

    /// Waits for the thread's end, and blocks for so long.
    consuming func join() {
        // Consuming, since the thread's number is valid until it is joined.
        _ = pthread_join(thread, nil)
    }

    /// Writing to a connection that the other side has closed is an error to libcurl, and must not end the program.
    private static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        // Both fill in or read the set that they are given, for the calling thread alone.
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
