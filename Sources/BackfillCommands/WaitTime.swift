import ArgumentParser
import JobFiles

/// A length of time on the command line, written as in a job file.
struct WaitTime: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(jobFileText: argument) else { return nil }
        self.duration = duration
    }
}
