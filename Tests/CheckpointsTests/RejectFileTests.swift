import BackfillCore
import Foundation
import Glibc
import TestSupport
import Testing
import Zstd

import Checkpoints

@Suite struct RejectFileTests {
    /// A line's place as the program meets it, with all that a position in a dump says.
    private func place(file: Int, line: Int) -> SourcePosition {
        .line(DumpPosition(file: file, frame: 3, frameOffset: 77, textOffset: line * 40, line: line))
    }

    private func reject(_ line: Int, unit: Int = 0, file: Int = 0, payload: String? = "{\"id\":1}") -> Reject {
        Reject(
            unit: unit, position: place(file: file, line: line), topic: "articles", partition: 0, offset: Int64(line),
            payload: payload.map { Array($0.utf8) }, reason: "no vector")
    }

    private func reject(offset: Int64, unit: Int) -> Reject {
        Reject(
            unit: unit, position: .offset(offset), topic: "articles", partition: unit, offset: offset,
            timestamp: 1_767_225_600_000,
            headers: [MessageHeader(name: "a", value: [0xFF]), MessageHeader(name: "b", value: nil)],
            key: [0, 0, 0, 0, 0, 0, 0, 0x80], payload: Array("{}".utf8), reason: "no vector")
    }

    private func text(_ reject: Reject) -> String {
        String(decoding: RejectLine(reject).bytes, as: UTF8.self)
    }

    private func lines(of path: String) throws -> [String] {
        String(decoding: try zstdText(of: path), as: UTF8.self).split(separator: "\n").map { $0 + "\n" }
    }

    // MARK: Rounds

    @Test func theFilesOfEarlierRoundsStayAndAreFoundByPartition() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/a.rejects.jsonl.zst"
            for round in 0..<3 {
                var file = try RejectFile(path: path, counted: 0) { _, _ in false }
                // What was unit 1 is unit 2 once another partition has come before it.
                try file.append([reject(offset: Int64(round), unit: round)])
                let renamed = try RejectFile.putAway(path: path)
                #expect(renamed == folder + "/a.rejects-\(round + 1).jsonl.zst")
            }
            #expect(try RejectFile.putAway(path: path) == nil)
            let places = try RejectFile.places(ofEarlierRounds: path)
            #expect(places.map(\.partition) == [0, 1, 2])
            #expect(places.map(\.position) == [.offset(0), .offset(1), .offset(2)])
            #expect(places.allSatisfy { $0.topic == "articles" })
        }
    }

    @Test func aFileThatWasTakenAwayLeavesAHoleAmongThoseOfEarlierRounds() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/a.rejects.jsonl.zst"
            func keepOne(inRound round: Int) throws {
                var file = try RejectFile(path: path, counted: 0) { _, _ in false }
                try file.append([reject(offset: Int64(round), unit: 0)])
            }
            for round in 1...10 {
                try keepOne(inRound: round)
                try RejectFile.putAway(path: path)
            }
            for name in ["a.rejects-0", "a.rejects--3", "a.rejects-04", "a.rejects-x", "b.rejects-77"] {
                try write([], to: "\(folder)/\(name).jsonl.zst")
            }
            for round in [1, 4] { try FileManager.default.removeItem(atPath: "\(folder)/a.rejects-\(round).jsonl.zst") }
            let places = try RejectFile.places(ofEarlierRounds: path)
            #expect(places.map(\.position) == [2, 3, 5, 6, 7, 8, 9, 10].map { .offset($0) })
            try keepOne(inRound: 11)
            #expect(try RejectFile.putAway(path: path) == folder + "/a.rejects-11.jsonl.zst")
            try keepOne(inRound: 12)
            #expect(try RejectFile.setAside(path: path) == path + ".previous")
            #expect(try RejectFile.places(ofEarlierRounds: path).isEmpty)
            let kept = try names(in: folder).filter { $0.hasSuffix(".previous") }
            #expect(kept.count == 10 && kept.contains("a.rejects-11.jsonl.zst.previous"), "\(kept)")
        }
    }

    @Test func rejectsOfAnotherJobAreNeitherTakenNorDropped() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1), reject(2, unit: 1), reject(3, unit: 1)])
            let before = try contents(of: path)
            for (counted, found) in [(0, 3), (1, 3), (2, 1), (3, 1)] {
                #expect(throws: CheckpointError.rejectFile(path: path, .otherCount(found: found, counted: counted))) {
                    _ = try RejectFile(path: path, counted: counted) { unit, _ in unit == 0 ? true : nil }
                }
            }
            #expect(try contents(of: path) == before)
        }
    }

    // MARK: Lines

    @Test func aLineHasTheMembersOfKcatAndTheError() {
        var reject = reject(17)
        reject.timestamp = 1_767_225_600_000
        reject.key = Array("k\"1".utf8)
        reject.reason = "field \"vector\": 3 elements instead of 4"
        #expect(
            text(reject)
                == #"{"topic":"articles","partition":0,"offset":17,"tstype":"create","ts":1767225600000,"key":"k\"1","#
                + #""payload":"{\"id\":1}","error":{"reason":"field \"vector\": 3 elements instead of 4","#
                + #""unit":0,"file":0,"line":17}}"# + "\n")
    }

    @Test func whatIsNotKnownIsLeftOutOrNull() {
        #expect(
            text(reject(1, unit: 2, file: 3, payload: nil))
                == #"{"topic":"articles","partition":0,"offset":1,"key":null,"payload":null,"#
                + #""error":{"reason":"no vector","unit":2,"file":3,"line":1}}"# + "\n")
    }

    @Test func aRejectedMessageHasItsOffsetAndItsExactBytes() {
        #expect(
            text(reject(offset: 1 << 53 + 1, unit: 2))
                == #"{"topic":"articles","partition":2,"offset":9007199254740993,"tstype":"create","#
                + #""ts":1767225600000,"headers":["a","\#u{FFFD}","b",null],"headers_base64":["YQ==","/w==","Yg==",null],"#
                + #""key":"\u0000\u0000\u0000\u0000\u0000\u0000\u0000\#u{FFFD}","key_base64":"AAAAAAAAAIA=","#
                + #""payload":"{}","error":{"reason":"no vector","unit":2,"offset":9007199254740993}}"# + "\n")
    }

    @Test func aReasonThatIsNoPlainTextComesBack() throws {
        struct Line: Decodable {
            struct Fault: Decodable { var reason: String }
            var error: Fault
        }
        var reject = reject(1)
        reject.reason = "field \"a\\b\": é\n\u{1}"
        #expect(try JSONDecoder().decode(Line.self, from: Data(RejectLine(reject).bytes)).error.reason == reject.reason)
    }

    // MARK: Appending

    @Test func eachAppendIsOneFrame() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/state/rejects.jsonl.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([])
            #expect(!FileManager.default.fileExists(atPath: path))
            try file.append([reject(1), reject(2)])
            try file.append([reject(3)])
            let count = file.count
            #expect(count == 3)
            #expect(try lines(of: path) == [1, 2, 3].map { text(reject($0)) })
            let frames =
                try ZstdCompressor.frame(Array((text(reject(1)) + text(reject(2))).utf8))
                + ZstdCompressor.frame(Array(text(reject(3)).utf8))
            #expect(try contents(of: path) == frames)
            #expect(try permissions(of: path) == 0o600)
        }
    }

    @Test func anAppendReturnsAfterTheSync() throws {
        try withTemporaryFolder { folder throws in
            let counter = FaultyCalls()
            let calls = counter.calls(over: .live)
            var file = try RejectFile(path: folder + "/r.zst", counted: 0, calls: calls) { _, _ in false }
            try file.append([reject(1)])
            #expect(counter.names.suffix(8) == ["open", "write", "sync", "close", "rename", "open", "sync", "close"])
            try file.append([reject(2)])
            #expect(counter.names.suffix(5) == ["open", "size", "write", "sync", "close"])
        }
    }

    @Test(arguments: [ENOSPC, EIO, EROFS])
    func aFailedAppendDoesNotCountAndTheNextOneTakesItsPlace(number: Int32) throws {
        // The second call to write finds the disk full after the first one filled it.
        for (call, name) in ["open", "size", "write", "write"].enumerated() {
            try withTemporaryFolder { folder throws in
                let path = folder + "/r.zst"
                let faulty = FaultyCalls()
                var disk = FileSystemCalls.live
                disk.write = { (descriptor, bytes, offset) throws(SystemError) in
                    try FileSystemCalls.live.write(descriptor, bytes.prefix(20), offset)
                }
                let calls = faulty.calls(over: disk)
                var file = try RejectFile(path: path, counted: 0, calls: calls) { _, _ in false }
                try file.append([reject(1)])
                faulty.restart(.error(SystemError(number: number), atCall: call))
                do throws(CheckpointError) {
                    try file.append([reject(2, payload: String(repeating: "x2", count: 500))])
                    Issue.record("call \(call) did not fail")
                } catch {
                    #expect(error == .system(.append, path: path, SystemError(number: number)))
                    #expect(faulty.names.last == "close" || faulty.names.last == name)
                }
                faulty.restart(.never)
                try file.append([reject(3)])
                let count = file.count
                #expect(count == 2)
                #expect(try lines(of: path) == [1, 3].map { text(reject($0)) })
            }
        }
    }

    @Test func aFirstAppendThatFailsCanBeRepeated() throws {
        for call in 0..<7 {
            try withTemporaryFolder { folder throws in
                let path = folder + "/r.zst"
                let faulty = FaultyCalls()
                let calls = faulty.calls(over: .live)
                var file = try RejectFile(path: path, counted: 0, calls: calls) { _, _ in false }
                faulty.restart(.error(SystemError(number: ENOSPC), atCall: call))
                do throws(CheckpointError) {
                    try file.append([reject(1)])
                    Issue.record("call \(call) did not fail")
                } catch {
                    #expect(error.exitStatus == .failed)
                }
                faulty.restart(.never)
                try file.append([reject(2)])
                #expect(try lines(of: path) == [text(reject(2))])
            }
        }
    }

    @Test func aPowerFailureLeavesEveryRejectThatWasAcknowledged() throws {
        let path = "/s/r.zst"
        for call in 0..<40 {
            let disk = SimulatedDisk()
            let dead = FaultyCalls(.crash(atCall: call))
            var acknowledged = 0
            do throws(CheckpointError) {
                var file = try RejectFile(path: path, counted: 0, calls: dead.calls(over: disk.calls)) { _, _ in
                    false
                }
                for line in 1...4 {
                    try file.append([reject(line)])
                    acknowledged = line
                }
            } catch {
                #expect(error.exitStatus == .failed)
            }
            for outcome in disk.afterPowerFailure() {
                let resumed = try RejectFile(path: path, counted: acknowledged, calls: outcome.calls) {
                    $1 <= place(file: 0, line: acknowledged)
                }
                let count = resumed.count
                #expect(count == acknowledged, "call \(call)")
            }
        }
    }

    @Test func aFileThatSomethingElseChangesDuringTheRunIsNoticed() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try write([1, 2, 3], to: path)
            do throws(CheckpointError) {
                try file.append([reject(1)])
                Issue.record("the other file was replaced")
            } catch {
                #expect(error == .rejectFile(path: path, .changed(size: 3, expected: 0)))
            }
        }
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1)])
            let size = try contents(of: path).count
            try write(contents(of: path) + [0], to: path)
            do throws(CheckpointError) {
                try file.append([reject(2)])
                Issue.record("the other bytes were written over")
            } catch {
                #expect(error == .rejectFile(path: path, .changed(size: size + 1, expected: size)))
                #expect(error.exitStatus == .failed)
            }
        }
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1)])
            let size = try contents(of: path).count
            try FileManager.default.removeItem(atPath: path)
            do throws(CheckpointError) {
                try file.append([reject(2)])
                Issue.record("the file was created again without its first rejects")
            } catch {
                #expect(error == .rejectFile(path: path, .changed(size: nil, expected: size)))
                #expect(
                    error.description
                        == "the reject file \(path) was taken away during the run; restore it and run the same command "
                        + "again")
            }
        }
    }

    // MARK: Resuming

    @Test func onlyTheRejectsBeforeTheCheckpointStay() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1), reject(9)])
            try file.append([reject(2, unit: 1, file: 3), reject(5, unit: 1, file: 4)])
            let before = try contents(of: path)
            let same = try RejectFile(path: path, counted: 4) { _, _ in true }
            let kept = same.count
            #expect(kept == 4)
            #expect(try contents(of: path) == before)
            var resumed = try RejectFile(path: path, counted: 2) { unit, position in
                position < (unit == 0 ? place(file: 0, line: 9) : place(file: 4, line: 1))
            }
            let count = resumed.count
            #expect(count == 2)
            #expect(try lines(of: path) == [text(reject(1)), text(reject(2, unit: 1, file: 3))])
            try resumed.append([reject(9)])
            #expect(
                try lines(of: path) == [text(reject(1)), text(reject(2, unit: 1, file: 3)), text(reject(9))])
            #expect(try names(in: folder) == ["r.zst"])
            _ = try RejectFile(path: path, counted: 0) { _, _ in false }
            #expect(try names(in: folder) == [])
        }
    }

    @Test func onlyTheRejectedMessagesBeforeTheCheckpointStay() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(offset: 5, unit: 0), reject(offset: 1 << 60, unit: 1)])
            try file.append([reject(offset: 6, unit: 0), reject(offset: 1 << 60 + 1, unit: 1)])
            let resumed = try RejectFile(path: path, counted: 2) { unit, position in
                position < .offset(unit == 0 ? 6 : 1 << 60 + 1)
            }
            let count = resumed.count
            #expect(count == 2)
            #expect(try lines(of: path) == [text(reject(offset: 5, unit: 0)), text(reject(offset: 1 << 60, unit: 1))])
        }
    }

    @Test(arguments: 0..<4)
    func aFileTornAtAnyByteOfItsLastAppendLosesThatAppendAlone(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0, calls: .unsynced) { _, _ in false }
            var written: [Reject] = []
            var sizes: [Int] = []
            for _ in 0..<Int.random(in: 2...4, using: &generator) {
                let part = (0..<Int.random(in: 1...3, using: &generator)).map { index in
                    var reject = reject(written.count + index + 1)
                    reject.payload = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                    return reject
                }
                sizes.append(try AtomicFile(path: path).size() ?? 0)
                try file.append(part)
                written += part
            }
            let whole = try contents(of: path)
            let good = try #require(sizes.last)
            try write(Array(whole[..<good]), to: path)
            let settled = try RejectFileScan(path: path, calls: .live).lines.count
            for cut in good..<whole.count {
                let torn = Array(whole[..<cut])
                let zeros = torn + [UInt8](repeating: 0, count: whole.count - cut)
                // A last byte of the checksum that is zero anyway is not torn.
                for bytes in [torn, zeros] where bytes != whole {
                    try write(bytes, to: path)
                    var resumed = try RejectFile(path: path, counted: settled, calls: .unsynced) { _, position in
                        position <= place(file: 0, line: settled)
                    }
                    let count = resumed.count
                    #expect(count == settled, "seed \(seed), cut at \(cut)")
                    try resumed.append([reject(1000)])
                    #expect(
                        try RejectFileScan(path: path, calls: .live).text
                            == written[..<settled].flatMap { RejectLine($0).bytes } + RejectLine(reject(1000)).bytes,
                        "seed \(seed), cut at \(cut)")
                }
            }
        }
    }

    @Test func damageBeforeTheLastAppendIsRefused() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1)])
            let first = try contents(of: path).count
            try file.append([reject(2)])
            let second = try contents(of: path).count
            try file.append([reject(3)])
            let whole = try contents(of: path)
            var harmless = 0
            for index in 0..<second {
                var damaged = whole
                damaged[index] ^= 0x10
                try write(damaged, to: path)
                do throws(CheckpointError) {
                    _ = try RejectFile(path: path, counted: 3) { _, _ in true }.count
                    // A few bits mean nothing; the checksum shows that the text is the same.
                    #expect(
                        try RejectFileScan(path: path, calls: .live).text
                            == [1, 2, 3].flatMap { RejectLine(reject($0)).bytes })
                    harmless += 1
                } catch {
                    #expect(
                        error == .rejectFile(path: path, index < first ? .foreignBytes : .damaged(offset: first)),
                        "byte \(index)")
                    #expect(error.exitStatus == .foreignCheckpoint)
                }
                #expect(try contents(of: path) == damaged)
            }
            #expect(harmless < second / 10)
        }
    }

    @Test func aDamagedLastAppendThatTheCheckpointCountsIsRefused() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1)])
            try file.append([reject(2)])
            let torn = try contents(of: path).dropLast()
            try write(Array(torn), to: path)
            let error = #expect(throws: CheckpointError.rejectFile(path: path, .otherCount(found: 1, counted: 2))) {
                _ = try RejectFile(path: path, counted: 2) { _, _ in true }.count
            }
            #expect(
                error?.description
                    == "the reject file \(path) holds another number of rejects of the finished part of the job than "
                    + "the checkpoint counts (1, not 2); restore it, or start over with --restart")
            #expect(try contents(of: path) == Array(torn))
        }
    }

    @Test func aFileMendedByHandIsRefusedAndLeftAlone() throws {
        let good = text(reject(1))
        let mended = "{\"topic\":\"articles\",\"partition\":0,\"offset\":2,\"key\":null,\"payload\":\"{}\"}\n"
        let cases: [(bytes: [UInt8], damage: RejectFileDamage)] = [
            (Array(good.utf8), .foreignBytes),
            (Array("\u{28}".utf8), .foreignBytes),
            ([0, 0, 0, 0], .foreignBytes),
            (try ZstdCompressor.frame(Array((good + mended).utf8)), .foreignLine(2)),
            (try ZstdCompressor.frame(Array((good + good.dropLast()).utf8)), .foreignLine(2)),
            (try ZstdCompressor.frame(Array("hello\n".utf8)), .foreignLine(1)),
            (try ZstdCompressor.frame(Array((good + "\n").utf8)), .foreignLine(2)),
            (try ZstdCompressor.frame(Array(good.utf8)).dropLast(), .foreignBytes),
            ([0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 7], .foreignBytes),
            (try ZstdCompressor.frame(Array(good.utf8)) + Array("more\n".utf8), .damaged(offset: 0)),
        ]
        for (bytes, damage) in cases {
            try withTemporaryFolder { folder throws in
                let path = folder + "/r.zst"
                try write(bytes, to: path)
                var expected = damage
                if case .damaged = damage { expected = .damaged(offset: bytes.count - 5) }
                let error = #expect(throws: CheckpointError.rejectFile(path: path, expected)) {
                    _ = try RejectFile(path: path, counted: 1) { _, _ in true }.count
                }
                #expect(error?.exitStatus == .foreignCheckpoint)
                #expect(try contents(of: path) == bytes)
            }
        }
        #expect(
            CheckpointError.rejectFile(path: "r.zst", .foreignLine(2)).description
                == "the reject file r.zst was mended by hand or written by something else: line 2 has no `error` "
                + "member with a position; move it away, or set record.onReject.path to another path")
    }

    @Test func aForeignFrameIsKnownByItsFirstLine() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/dump.jsonl.zst"
            var generator = SeededGenerator(seed: 1)
            let lines = (0..<100_000).map { _ in "{\"id\":\(UInt64.random(in: 0 ... .max, using: &generator))}\n" }
            try write(ZstdCompressor.frame(Array(lines.joined().utf8)), to: path)
            let counter = FaultyCalls()
            #expect(throws: CheckpointError.rejectFile(path: path, .foreignLine(1))) {
                _ = try RejectFile(path: path, counted: 0, calls: counter.calls(over: .live)) { _, _ in true }.count
            }
            #expect(counter.names.filter { $0 == "read" }.count < 20)
        }
    }

    @Test func anEmptyFileHoldsNothing() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            try write([], to: path)
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1)])
            #expect(try lines(of: path) == [text(reject(1))])
        }
    }

    @Test func aLineLongerThanAnyBufferComesBack() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            var generator = SeededGenerator(seed: 7)
            let long = reject(
                1,
                payload: (0..<300_000).map { _ in
                    String(Int.random(in: 0..<10, using: &generator))
                }.joined())
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([long, reject(2)])
            try file.append([long])
            let resumed = try RejectFile(path: path, counted: 2) { _, position in
                position <= place(file: 0, line: 1)
            }
            let count = resumed.count
            #expect(count == 2)
            #expect(try lines(of: path) == [text(long), text(long)])
        }
    }

    @Test func startingOverKeepsTheOldFile() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/r.zst"
            #expect(try RejectFile.setAside(path: path) == nil)
            var file = try RejectFile(path: path, counted: 0) { _, _ in false }
            try file.append([reject(1)])
            let first = try contents(of: path)
            try file.append([reject(2)])
            try file.append([reject(3)])
            var damaged = try contents(of: path)
            damaged[first.count + 12] ^= 0x10
            try write(damaged, to: path)
            #expect(try RejectFile.setAside(path: path) == path + ".previous")
            #expect(try contents(of: path + ".previous") == damaged)
            #expect(try names(in: folder) == ["r.zst.previous"])
            try write(Array("something else\n".utf8), to: path)
            #expect(throws: CheckpointError.rejectFile(path: path, .foreignBytes)) {
                try RejectFile.setAside(path: path)
            }
        }
    }
}
