/// The meaning of the process' exit code. The numbers are part of the program's interface.
public enum ExitStatus: Int32, Sendable {
    /// Everything in the source is settled.
    case done = 0
    /// Failed; run the same command again to resume.
    case failed = 1
    /// Done, and some records stand in the reject file.
    case doneWithRejects = 3
    /// Source and collection differ.
    case differences = 4
    /// Another run holds the job's lock.
    case locked = 11
    /// The checkpoint belongs to another job, source or collection, or is damaged.
    case foreignCheckpoint = 12
    /// The command line is wrong.
    case usage = 64
    /// The job file is wrong.
    case badJobFile = 65
    /// A server stayed unavailable; run the same command again to resume.
    case temporarilyUnavailable = 75
    /// Stopped by SIGINT; run the same command again to resume.
    case interrupted = 130
    /// Stopped by SIGTERM; run the same command again to resume.
    case terminated = 143
}

/// An error meant for the person who runs the job: one sentence that says what happened, where, and what to do.
public protocol UserFacingError: Error, CustomStringConvertible {
    /// The exit code with which this error ends the process.
    var exitStatus: ExitStatus { get }
}
