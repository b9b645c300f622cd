import BackfillCore
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

import Checkpoints

@Suite struct RunLockTests {
    @Test func theSecondRunLearnsWhoHoldsTheJob() throws {
        try withTemporaryFolder { folder throws in
            let checkpoint = folder + "/state/job.json"
            let lock = try RunLock(checkpoint: checkpoint, startedAt: "2026-01-01T00:00:00Z")
            let error = #expect(throws: CheckpointError.self) {
                try RunLock(checkpoint: checkpoint, startedAt: "2026-01-02T00:00:00Z").release()
            }
            #expect(
                error?.description.hasPrefix("another run (pid \(getpid()) since 2026-01-01T00:00:00Z on ") == true)
            #expect(
                error?.description.hasSuffix(
                    ") holds the job with the checkpoint \(checkpoint); wait for its end or stop it") == true)
            #expect(error?.exitStatus == .locked)
            #expect(error?.exitStatus.rawValue == 11)
            lock.release()
            try RunLock(checkpoint: checkpoint, startedAt: "2026-01-02T00:00:00Z").release()
            #expect(try names(in: folder + "/state") == ["job.json.lock"])
            #expect(try permissions(of: checkpoint + ".lock") == 0o600)
        }
    }

    @Test func anotherJobIsFree() throws {
        try withTemporaryFolder { folder throws in
            let first = try RunLock(checkpoint: folder + "/a.json", startedAt: "x")
            let second = try RunLock(checkpoint: folder + "/b.json", startedAt: "x")
            first.release()
            second.release()
        }
    }

    @Test(arguments: ["", "garbage", "pid 1 since", "pid 1\u{1B}[2J\n", "nonsense\n"])
    func aHolderThatCannotBeReadIsLeftOut(text: String) throws {
        try withTemporaryFolder { folder throws in
            let checkpoint = folder + "/job.json"
            let lock = try RunLock(checkpoint: checkpoint, startedAt: "x")
            // Written into the file, because a new file in its place would be free.
            let handle = try #require(FileHandle(forWritingAtPath: checkpoint + ".lock"))
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
            let error = #expect(throws: CheckpointError.locked(checkpoint: checkpoint, holder: nil)) {
                try RunLock(checkpoint: checkpoint, startedAt: "y").release()
            }
            #expect(
                error?.description
                    == "another run holds the job with the checkpoint \(checkpoint); wait for its end or stop it")
            lock.release()
        }
    }

    @Test func theLockEndsWithAProcessThatIsKilled() async throws {
        try await withTemporaryFolder { folder async throws in
            let checkpoint = folder + "/job.json"
            let child = Process()
            child.executableURL = URL(filePath: "/usr/bin/env")
            child.arguments = ["flock", "--no-fork", checkpoint + ".lock", "sleep", "600"]
            try child.run()
            defer { kill(child.processIdentifier, SIGKILL) }
            var isHeld = false
            while !isHeld {
                try #require(child.isRunning)
                do {
                    try RunLock(checkpoint: checkpoint, startedAt: "x").release()
                    try await Task.sleep(for: .milliseconds(10))
                } catch CheckpointError.locked {
                    isHeld = true
                }
            }
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
            try RunLock(checkpoint: checkpoint, startedAt: "x").release()
        }
    }

    @Test func noChildProcessInheritsIt() throws {
        try withTemporaryFolder { folder throws in
            let checkpoint = folder + "/job.json"
            let descriptors = Descriptors()
            var calls = FileSystemCalls.live
            calls.open = { (path, flags, mode) throws(SystemError) in
                let descriptor = try FileSystemCalls.live.open(path, flags, mode)
                descriptors.add(descriptor)
                return descriptor
            }
            let lock = try RunLock(checkpoint: checkpoint, startedAt: "x", calls: calls)
            #expect(descriptors.all.count == 1)
            for descriptor in descriptors.all {
                #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            }
            lock.release()
        }
    }

    private final class Descriptors: Sendable {
        private let list = Mutex<[Int32]>([])
        var all: [Int32] { list.withLock { $0 } }
        func add(_ descriptor: Int32) { list.withLock { $0.append(descriptor) } }
    }

    @Test(arguments: [ENOLCK, EIO, EROFS])
    func aLockThatCannotBeTakenIsAFailure(number: Int32) throws {
        try withTemporaryFolder { folder throws in
            let checkpoint = folder + "/job.json"
            for (call, operation) in [(0, FileOperation.lock), (1, .lock), (2, .write), (3, .write)] {
                let faulty = FaultyCalls(.error(SystemError(number: number), atCall: call))
                let error = #expect(
                    throws: CheckpointError.system(operation, path: checkpoint + ".lock", SystemError(number: number))
                ) {
                    try RunLock(checkpoint: checkpoint, startedAt: "x", calls: faulty.calls(over: .live)).release()
                }
                #expect(error?.exitStatus == .failed)
                // The failed attempt holds nothing.
                try RunLock(checkpoint: checkpoint, startedAt: "x").release()
            }
        }
    }
}
