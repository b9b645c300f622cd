import BackfillCore
import Checkpoints
import DumpWriter
import Glibc
import TestSupport
import Testing

@Suite("A dump that is stopped and resumed")
struct ResumeTests {
    /// Two partitions; the first makes two files of several frames, with holes and lost messages.
    private func dump() -> TestDump {
        var random = SeededGenerator(seed: 42)
        let log = SampleLog(topic: "t", number: 0, ranges: [.init(start: 10, end: 19), .init(start: 30, end: 36)]) {
            offset in
            switch offset {
            case 11, 35: .absent
            case 15, 16: .lost
            default:
                .message(
                    key: [0xFF, UInt8(offset)], value: (0..<60).map { _ in UInt8(random.number(0x30...0x7A)) },
                    headers: [], timestamp: offset)
            }
        }
        let small = SampleLog(topic: "u", number: 3, ranges: [.init(start: 0, end: 2)]) { _ in
            .message(key: nil, value: [0x7B, 0x7D], headers: [], timestamp: nil)
        }
        var dump = TestDump(logs: [log, small])
        dump.sizes = DumpSizes(frame: 300, file: 500)
        // The manifest is then written after every frame.
        let clock = SteppingClock(step: .seconds(1))
        dump.now = { clock.now }
        return dump
    }

    /// The number of system calls of a run that nothing disturbs.
    private func callCount() throws -> Int {
        let counter = FaultyCalls()
        try dump().run(calls: counter.calls(over: SimulatedDisk().calls))
        return counter.names.count
    }

    /// Runs until the process dies at a call.
    private func die(atCall call: Int, on disk: SimulatedDisk) {
        let dead = FaultyCalls(.crash(atCall: call))
        do throws(DumpWriteError) {
            try dump().run(calls: dead.calls(over: disk.calls))
        } catch {
            #expect(error.exitStatus == .failed)
        }
    }

    @Test("after the process died at any call holds what an undisturbed one holds")
    func crash() throws {
        let dump = dump()
        let count = try callCount()
        #expect(count > 200)
        for call in 0..<count {
            let disk = SimulatedDisk()
            die(atCall: call, on: disk)
            try dump.run(calls: disk.calls)
            try dump.check(calls: disk.calls, "call \(call)")
        }
    }

    @Test("after the power failed at any call holds what an undisturbed one holds", arguments: 0..<8)
    func powerFailure(part: Int) throws {
        let dump = dump()
        for call in stride(from: part, to: try callCount(), by: 8) {
            let disk = SimulatedDisk()
            die(atCall: call, on: disk)
            for outcome in disk.afterPowerFailure() {
                try dump.run(calls: outcome.calls)
                try dump.check(calls: outcome.calls, "call \(call)")
            }
        }
    }

    @Test("again and again, with other chunks each time, holds what an undisturbed one holds", arguments: 0..<60)
    func manyCrashes(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        var dump = TestDump(logs: (0..<3).map { SampleLog(topic: "t", number: $0, using: &random) })
        let clock = SteppingClock(step: .milliseconds(random.number(1...600)))
        dump.now = { clock.now }
        dump.sizes = DumpSizes(frame: random.number(1...600), file: random.number(1...1500))
        var disk = SimulatedDisk()
        for _ in 0..<random.number(1...12) {
            dump.chunkSize = random.number(1...6)
            let dead = FaultyCalls(.crash(atCall: random.number(0...250)))
            do throws(DumpWriteError) {
                try dump.run(calls: dead.calls(over: disk.calls), flushes: random.oneIn(3))
            } catch {
                #expect(error.exitStatus == .failed, "seed \(seed)")
            }
            if random.oneIn(2), let outcome = disk.afterPowerFailure().randomElement(using: &random) { disk = outcome }
        }
        try dump.run(calls: disk.calls)
        try dump.check(calls: disk.calls, "seed \(seed)")
    }

    @Test("goes on after any call failed, and says what failed", arguments: [ENOSPC, EIO])
    func failures(number: Int32) throws {
        let dump = dump()
        var failed = 0
        for call in 0..<(try callCount()) {
            let disk = SimulatedDisk()
            let faulty = FaultyCalls(.error(SystemError(number: number), atCall: call))
            do throws(DumpWriteError) {
                try dump.run(calls: faulty.calls(over: disk.calls))
                // Only what was read or locked is closed without a word.
                #expect(faulty.names[call] == "close", "call \(call)")
            } catch {
                failed += 1
                #expect(error.exitStatus == .failed)
                #expect(error.description.contains(number == ENOSPC ? "free some space" : "check the disk"))
            }
            try dump.run(calls: disk.calls)
            try dump.check(calls: disk.calls, "call \(call)")
        }
        #expect(failed > 100)
    }

    @Test("says that the disk is full in one sentence, again and again, until it is resumed")
    func diskFull() throws {
        let disk = SimulatedDisk()
        var calls = disk.calls
        let write = calls.write
        let open = calls.open
        let path = "/d/dump/t-0-00000.jsonl.zst"
        let target = DescriptorOfPath(path)
        calls.open = { (path, flags, mode) throws(SystemError) in
            let descriptor = try open(path, flags, mode)
            target.note(descriptor, of: path)
            return descriptor
        }
        calls.write = { (descriptor, bytes, offset) throws(SystemError) in
            if target.matches(descriptor), offset > 100 { throw SystemError(number: ENOSPC) }
            return try write(descriptor, bytes, offset)
        }
        let dump = dump()
        let writer = try dump.open(calls: calls)
        var partition = try writer.openPartition(0)
        let chunks = dump.logs[0].chunks(from: 0, size: 3)
        var errors: [DumpWriteError] = []
        for chunk in chunks {
            do throws(DumpWriteError) {
                try partition.append(chunk)
            } catch {
                errors.append(error)
            }
        }
        do throws(DumpWriteError) {
            try partition.flush()
        } catch {
            errors.append(error)
        }
        #expect(errors.count > 2)
        #expect(Set(errors.map(\.description)).count == 1)
        #expect(
            errors.first?.description
                == "cannot append to \(path): No space left on device (error 28); free some space and run the same "
                + "command again")
        try dump.run(calls: disk.calls)
        try dump.check(calls: disk.calls)
    }

    @Test("keeps the ranges that were resolved first")
    func frozenRanges() throws {
        let disk = SimulatedDisk()
        let first = dump()
        _ = try first.open(calls: disk.calls)
        var later = first
        later.logs[0].ranges[1].end = 99
        let ranges = try later.open(calls: disk.calls).manifest.partitions[0].ranges
        #expect(ranges == first.logs[0].ranges)
    }

    @Test("does nothing when it is complete")
    func complete() throws {
        let disk = SimulatedDisk()
        let dump = dump()
        try dump.run(calls: disk.calls)
        let counter = FaultyCalls()
        try dump.run(calls: counter.calls(over: disk.calls))
        #expect(!counter.names.contains("rename"))
        try dump.check(calls: disk.calls)
    }
}
