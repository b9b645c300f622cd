import CLibFuzzer

/// Gives one parser the inputs of libFuzzer, until the time is over or one of them breaks a promise.
///
/// usage: Fuzzing TARGET [options and corpus of libFuzzer]
@main
enum Fuzzing {
    /// What `Tests/fuzz.sh` calls the parsers.
    private static let targets: [String: @Sendable () throws -> any FuzzTarget] = [
        "record": { try RecordTarget() }, "message": { try MessageTarget() }, "dump": { try DumpTarget() },
        "checkpoint": { CheckpointTarget() }, "job": { try JobTarget() },
    ]

    /// Set once, before libFuzzer begins; its callback takes no context, and calls from one thread only.
    private nonisolated(unsafe) static var target: (any FuzzTarget)?

    static func main() throws {
        guard CommandLine.argc > 1, let make = targets[CommandLine.arguments[1]] else {
            print("usage: Fuzzing \(targets.keys.sorted().joined(separator: "|")) [options and corpus of libFuzzer]")
            return
        }
        unsafe target = try make()
        // The target's name stands where libFuzzer expects that of the program, and passes over it.
        var count = CommandLine.argc - 1
        // The process's own arguments live as long as it does.
        var arguments = unsafe CommandLine.unsafeArgv.advanced(by: 1)
        _ = unsafe withUnsafeMutablePointer(to: &arguments) { pointer in
            unsafe pointer.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1)
            {
                unsafe LLVMFuzzerRunDriver(&count, $0) { bytes, length in
                    // libFuzzer lends `length` bytes for the call; they are copied.
                    let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: length))
                    unsafe Fuzzing.target?.run(input)
                    return 0
                }
            }
        }
    }
}
