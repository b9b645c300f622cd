import BackfillCore
import Foundation
import TestSupport
import Testing

import Checkpoints

@Suite struct CheckpointFileTests {
    @Test func aMissingFileIsNoCheckpoint() throws {
        try withTemporaryFolder { folder throws in
            #expect(try CheckpointFile(path: folder + "/missing/job.json").load() == nil)
        }
    }

    @Test(arguments: 0..<200)
    func aDocumentComesBackAsItWas(seed: Int) throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/state/job.json", calls: .unsynced)
            let document: CheckpointDocument =
                switch seed {
                case 0: .sample
                case 1: .kafkaSample
                default: .random(seed: seed)
                }
            try file.save(document)
            #expect(try file.load() == document)
        }
    }

    @Test func aPersonCanReadIt() throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/job.json")
            try file.save(.sample)
            let lines = String(decoding: try contents(of: file.path), as: UTF8.self).split(separator: "\n")
            #expect(lines.first == "{")
            #expect(lines.contains("  \"attempts\" : 3,"))
            #expect(lines.contains("            \"path\" : \"/dumps/a/1.jsonl.zst\","))
            #expect(lines.dropLast().last?.hasPrefix("  \"checksum\" : \"") == true)
            #expect(lines.last == "}")
            #expect(try permissions(of: file.path) == 0o600)
        }
    }

    @Test func aPersonCanReadTheRangesOfTopics() throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/job.json")
            try file.save(.kafkaSample)
            let lines = String(decoding: try contents(of: file.path), as: UTF8.self).split(separator: "\n")
            #expect(lines.contains("          \"articles:0-3,7@earliest..latest\","))
            #expect(lines.contains("      \"position\" : 5"))
            #expect(lines.contains("          \"topic\" : \"articles\""))
        }
    }

    @Test func everyPrefixIsRefused() throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/job.json")
            try file.save(.sample)
            let whole = try contents(of: file.path)
            for length in whole.indices {
                try write(Array(whole[..<length]), to: file.path)
                let error = #expect(throws: CheckpointError.self, "\(length) bytes") { try file.load() }
                #expect(error?.exitStatus == .foreignCheckpoint)
                #expect(error?.description.contains("--restart") == true)
            }
        }
    }

    @Test func everyChangedByteIsRefused() throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/job.json")
            try file.save(.sample)
            let whole = try contents(of: file.path)
            for index in whole.indices {
                var changed = whole
                changed[index] ^= 1
                try write(changed, to: file.path)
                let error = #expect(throws: CheckpointError.self, "byte \(index)") { try file.load() }
                #expect(error?.exitStatus == .foreignCheckpoint)
            }
        }
    }

    @Test(
        arguments: [
            ("", SealedFileDamage.empty, "it is empty"),
            ("\0\0\0", .foreign, "it is cut short or no checkpoint at all"),
            ("hello", .foreign, "it is cut short or no checkpoint at all"),
            ("[]", .foreign, "it is cut short or no checkpoint at all"),
            ("{\"name\": \"something else\"}", .foreign, "it is cut short or no checkpoint at all"),
            ("{\"version\": 3}", .wrongChecksum, "it is cut short, or was changed after it was written"),
            ("{\"version\": 3}\n", .wrongChecksum, "it is cut short, or was changed after it was written"),
        ])
    func anythingElseIsRefused(text: String, damage: SealedFileDamage, words: String) throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/job.json"
            try write(Array(text.utf8), to: path)
            let error = #expect(throws: CheckpointError.damaged(path: path, damage)) {
                try CheckpointFile(path: path).load()
            }
            #expect(
                error?.description
                    == "the checkpoint \(path) is damaged: \(words); restore the file or start over with --restart")
        }
    }

    @Test func aHandEditedPositionIsRefused() throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/job.json")
            try file.save(.sample)
            let text = String(decoding: try contents(of: file.path), as: UTF8.self)
            let edited = text.replacingOccurrences(of: "\"attempts\" : 3", with: "\"attempts\" : 4")
            #expect(edited != text)
            try write(Array(edited.utf8), to: file.path)
            #expect(throws: CheckpointError.damaged(path: file.path, .wrongChecksum)) { try file.load() }
        }
    }

    @Test func anotherVersionIsNamed() throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/job.json")
            var document = CheckpointDocument.sample
            document.version = 1
            try file.save(document)
            let error = #expect(throws: CheckpointError.unknownVersion(path: file.path, version: 1)) {
                try file.load()
            }
            #expect(error?.exitStatus == .foreignCheckpoint)
            #expect(
                error?.description
                    == "the checkpoint \(file.path) has version 1 and this program knows version 3; use the release "
                    + "that wrote it or start over with --restart")
        }
    }

    @Test func intactTextWithoutTheMembersIsNamed() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/job.json"
            let text = "{\n  \"version\" : 3"
            let checksum = CRC32(of: Array(text.utf8)).hexadecimal
            try write(Array("\(text),\n  \"checksum\" : \"\(checksum)\"\n}\n".utf8), to: path)
            let error = #expect(throws: CheckpointError.damaged(path: path, .wrongShape(detail: "see job"))) {
                try CheckpointFile(path: path).load()
            }
            #expect(
                error?.description
                    == "the checkpoint \(path) is damaged: its members are not those of a checkpoint, see job; restore "
                    + "the file or start over with --restart")
        }
    }

    @Test func aFileThatCannotBeReadIsNoMissingFile() throws {
        try withTemporaryFolder { folder throws in
            let path = folder + "/job.json"
            try write([1], to: path)
            let faulty = FaultyCalls(.error(.inputOutput, atCall: 1))
            let error = #expect(throws: CheckpointError.system(.read, path: path, .inputOutput)) {
                try CheckpointFile(path: path, calls: faulty.calls(over: .live)).load()
            }
            #expect(error?.exitStatus == .failed)
        }
    }

    @Test func aCrashDuringSaveLeavesACheckpointThatLoads() throws {
        var call = 0
        var isFinished = false
        var next = CheckpointDocument.sample
        next.attempts += 1
        while !isFinished {
            let disk = SimulatedDisk()
            try CheckpointFile(path: "/s/job.json", calls: disk.calls).save(.sample)
            let dead = FaultyCalls(.crash(atCall: call))
            do {
                try CheckpointFile(path: "/s/job.json", calls: dead.calls(over: disk.calls)).save(next)
                isFinished = dead.names.count <= call
            } catch {
                #expect(error.exitStatus == .failed)
            }
            for outcome in disk.afterPowerFailure() {
                let found = try CheckpointFile(path: "/s/job.json", calls: outcome.calls).load()
                #expect(found == next || found == .sample && !isFinished)
            }
            call += 1
        }
    }

    @Test func startingOverKeepsTheOldOne() throws {
        try withTemporaryFolder { folder throws in
            let file = CheckpointFile(path: folder + "/job.json")
            #expect(try file.remove() == nil)
            try file.save(.sample)
            #expect(try file.remove() == file.path + ".previous")
            #expect(try file.load() == nil)
            #expect(try CheckpointFile(path: file.path + ".previous").load() == .sample)
            var later = CheckpointDocument.sample
            later.attempts = 9
            try file.save(later)
            try file.remove()
            #expect(try CheckpointFile(path: file.path + ".previous").load() == later)
            #expect(try names(in: folder) == ["job.json.previous"])
        }
    }

    @Test func theChecksumIsTheOneOfGzip() {
        #expect(CRC32(of: Array("123456789".utf8)).hexadecimal == "cbf43926")
        #expect(CRC32(of: []).hexadecimal == "00000000")
    }
}
