import BackfillCore
import Foundation
import Glibc
import TestSupport
import Testing

import Checkpoints

@Suite struct AtomicFileTests {
    let old = Array("the old content\n".utf8)
    let new = Array("the new content, which is longer\n".utf8)

    @Test func replacesTheContentAndLeavesNothingElse() throws {
        try withTemporaryFolder { folder throws in
            let file = AtomicFile(path: folder + "/file")
            #expect(try file.read() == nil)
            try file.replace(with: old)
            #expect(try file.read() == old)
            try file.replace(with: new)
            #expect(try file.read() == new)
            try file.replace(with: [])
            #expect(try file.read() == [])
            #expect(try names(in: folder) == ["file"])
            #expect(try permissions(of: folder + "/file") == 0o600)
        }
    }

    @Test func createsMissingFolders() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/a/b//c/file"
            try AtomicFile(path: path).replace(with: new)
            #expect(try contents(of: path) == new)
            #expect(try permissions(of: folder + "/a/b") == 0o755)
        }
    }

    @Test(arguments: [
        ("file", "."), ("/file", "/"), ("a//file", "a"), ("//file", "/"), ("/a/b/file", "/a/b"), ("a/\u{301}x", "a"),
    ])
    func findsTheFolder(path: String, folder: String) {
        #expect(Folder(of: path, calls: .live).path == folder)
    }

    @Test func replacesTheTemporaryOfARunThatWasKilledUnderTheSameNumber() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/file"
            try write(old, to: "\(path).\(getpid()).tmp")
            try AtomicFile(path: path).replace(with: new)
            #expect(try names(in: folder) == ["file"])
            #expect(try contents(of: path) == new)
        }
    }

    /// The calls of a replacement that nothing disturbs, in the folder `state`, which may be missing.
    private func callNames(folderExists: Bool) throws -> [String] {
        try withTemporaryFolder { folder throws in
            if folderExists {
                try FileManager.default.createDirectory(atPath: folder + "/s", withIntermediateDirectories: true)
            }
            let counter = FaultyCalls()
            try AtomicFile(path: folder + "/s/file", calls: counter.calls(over: .live)).replace(with: new)
            return counter.names
        }
    }

    @Test func syncsTheFileBeforeItIsRenamedAndTheFolderAfterwards() throws {
        #expect(
            try callNames(folderExists: true)
                == ["open", "write", "sync", "close", "rename", "open", "sync", "close"])
        #expect(
            try callNames(folderExists: false)
                == ["open", "makeFolder", "open", "sync", "close"]
                + ["open", "write", "sync", "close", "rename", "open", "sync", "close"])
    }

    @Test(arguments: [ENOSPC, EIO, EROFS, EDQUOT])
    func aFailureAtAnyCallLeavesTheOldContentAndNoTemporary(number: Int32) throws {
        let calls = try callNames(folderExists: true)
        let rename = try #require(calls.firstIndex(of: "rename"))
        // The descriptor of the folder was only read from: closing it reveals nothing.
        for call in calls.indices.dropLast() {
            try withTemporaryFolder { folder throws in
                let path = folder + "/s/file"
                try AtomicFile(path: path).replace(with: old)
                let faulty = FaultyCalls(.error(SystemError(number: number), atCall: call))
                let error = #expect(throws: CheckpointError.self) {
                    try AtomicFile(path: path, calls: faulty.calls(over: .live)).replace(with: new)
                }
                #expect(error == .system(.write, path: path, SystemError(number: number)))
                #expect(error?.exitStatus == .failed)
                #expect(try contents(of: path) == (call <= rename ? old : new), "\(calls[call]) \(call)")
                #expect(try names(in: folder + "/s") == ["file"])
            }
        }
    }

    @Test func aFailureWhileFoldersAreMadeLeavesNoFile() throws {
        let calls = try callNames(folderExists: false)
        let rename = try #require(calls.firstIndex(of: "rename"))
        for call in 1...rename where call != 4 {
            try withTemporaryFolder { folder throws in
                let path = folder + "/s/file"
                let faulty = FaultyCalls(.error(SystemError(number: ENOSPC), atCall: call))
                #expect(throws: CheckpointError.system(.write, path: path, SystemError(number: ENOSPC))) {
                    try AtomicFile(path: path, calls: faulty.calls(over: .live)).replace(with: new)
                }
                #expect(try AtomicFile(path: path).read() == nil)
                try AtomicFile(path: path).replace(with: new)
                #expect(try names(in: folder + "/s") == ["file"])
            }
        }
    }

    @Test func aCrashAtAnyCallLeavesTheOldOrTheNewContent() throws {
        for call in try callNames(folderExists: true).indices {
            try withTemporaryFolder { folder throws in
                let path = folder + "/s/file"
                try AtomicFile(path: path).replace(with: old)
                let dead = FaultyCalls(.crash(atCall: call))
                do throws(CheckpointError) {
                    try AtomicFile(path: path, calls: dead.calls(over: .live)).replace(with: new)
                } catch {
                    #expect(error.exitStatus == .failed)
                }
                let found = try contents(of: path)
                #expect(found == old || found == new)
                // The next run is not hindered by what the dead one left.
                try AtomicFile(path: path).replace(with: new)
                #expect(try names(in: folder + "/s") == ["file"])
            }
        }
    }

    @Test(arguments: [true, false])
    func aPowerFailureAtAnyCallLeavesTheOldOrTheNewContent(hasOld: Bool) throws {
        let path = "/a/b/file"
        var isFinished = false
        var call = 0
        while !isFinished {
            let disk = SimulatedDisk()
            if hasOld { try AtomicFile(path: path, calls: disk.calls).replace(with: old) }
            let dead = FaultyCalls(.crash(atCall: call))
            do {
                try AtomicFile(path: path, calls: dead.calls(over: disk.calls)).replace(with: new)
                isFinished = dead.names.count <= call
            } catch {
                #expect(error.exitStatus == .failed)
            }
            for outcome in disk.afterPowerFailure() {
                let found = try AtomicFile(path: path, calls: outcome.calls).read()
                if isFinished {
                    #expect(found == new)
                } else {
                    #expect(found == new || found == (hasOld ? old : nil), "call \(call)")
                }
            }
            call += 1
        }
        #expect(call > 8)
    }

    @Test func shortAndInterruptedCallsAreContinued() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/file"
            for call in 0..<20 {
                let faulty = FaultyCalls(.error(.interrupted, atCall: call))
                var calls = faulty.calls(over: .live)
                let write = calls.write
                calls.write = { (descriptor, bytes, offset) throws(SystemError) in
                    try write(descriptor, bytes.prefix(3), offset)
                }
                let content = new + [UInt8(call)]
                do {
                    try AtomicFile(path: path, calls: calls).replace(with: content)
                    #expect(try contents(of: path) == content)
                } catch {
                    // No signal interrupts this one.
                    #expect(faulty.names[call] == "rename")
                }
            }
        }
    }

    @Test func aWriteThatWritesNothingEndsInAnError() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/file"
            var calls = FileSystemCalls.live
            calls.write = { (_, _, _) throws(SystemError) in 0 }
            #expect(throws: CheckpointError.system(.write, path: path, .inputOutput)) {
                try AtomicFile(path: path, calls: calls).replace(with: new)
            }
            #expect(try names(in: folder) == [])
        }
    }

    @Test func aFolderThatCannotBeSyncedIsNoFailure() throws {
        try withTemporaryFolder { folder throws in
            var calls = FileSystemCalls.live
            calls.sync = { (descriptor) throws(SystemError) in
                let isFolder = try FileSystemCalls.live.size(descriptor) != new.count
                if isFolder { throw .invalid }
            }
            try AtomicFile(path: folder + "/file", calls: calls).replace(with: new)
            #expect(try contents(of: folder + "/file") == new)
        }
    }

    @Test func aPathBelowAFileIsRefused() throws {
        try withTemporaryFolder { folder throws in
            try write(old, to: folder + "/file")
            #expect(throws: CheckpointError.system(.write, path: folder + "/file/x", SystemError(number: ENOTDIR))) {
                try AtomicFile(path: folder + "/file/x").replace(with: new)
            }
        }
    }

    @Test func theMessageSaysWhatWhereAndWhatToDo() {
        let error = CheckpointError.system(.write, path: "state/job.json", SystemError(number: ENOSPC))
        #expect(
            error.description
                == "cannot write state/job.json: No space left on device (error 28); free some space and run the same "
                + "command again")
    }
}
