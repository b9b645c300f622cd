/// What was to be done with a file when a system call failed.
public enum FileOperation: String, Sendable {
    case read
    case write
    case append = "append to"
    case lock
    case setAside = "set aside"

    /// Runs system calls and says of the one that fails what it was good for.
    package func perform<Value: ~Copyable>(
        on path: String,
        _ calls: () throws(SystemError) -> Value
    ) throws(CheckpointError) -> Value {
        do throws(SystemError) {
            return try calls()
        } catch {
            throw .system(self, path: path, error)
        }
    }
}
