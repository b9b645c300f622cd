import BackfillCore
import Checkpoints
import TestSupport
import Zstd

/// The files of a job that a crash may have left: checkpoints and reject files. The first byte chooses which.
struct CheckpointTarget: FuzzTarget {
    private static let path = "/job"

    func run(_ input: [UInt8]) {
        guard let choice = input.first else { return }
        let rest = Array(input.dropFirst())
        switch choice % 4 {
        case 0: loadCheckpoint(rest)
        case 1: loadCheckpoint(sealed(rest))
        case 2: scanRejects(rest)
        default: scanRejects(framed(rest))
        }
    }

    /// The text of a checkpoint up to its last member with the right checksum, which no fuzzer would come upon.
    private func sealed(_ text: [UInt8]) -> [UInt8] {
        text + Array(",\n  \"checksum\" : \"\(CRC32(of: text).hexadecimal)\"\n}\n".utf8)
    }

    /// Each part before a zero byte as a frame, and the last part as it is.
    private func framed(_ input: [UInt8]) -> [UInt8] {
        let parts = input.split(separator: 0, omittingEmptySubsequences: false)
        let frames = parts.dropLast().flatMap { part in (try? ZstdCompressor.frame(Array(part), level: 1)) ?? [] }
        return frames + (parts.last ?? [])
    }

    private func disk(with bytes: [UInt8]) -> SimulatedDisk {
        let disk = SimulatedDisk()
        do {
            try AtomicFile(path: Self.path, calls: disk.calls).replace(with: bytes)
        } catch {
            require(false, "\(error)")
        }
        return disk
    }

    private func loadCheckpoint(_ bytes: [UInt8]) {
        let file = CheckpointFile(path: Self.path, calls: disk(with: bytes).calls)
        let document: CheckpointDocument
        do throws(CheckpointError) {
            guard let loaded = try file.load() else { return require(false, "the file is there") }
            document = loaded
        } catch {
            require(error.exitStatus == .foreignCheckpoint, "what cannot be used has an exit code of its own: \(error)")
            return
        }
        do throws(CheckpointError) {
            try file.save(document)
            require(try file.load() == document, "a checkpoint comes back as it was")
        } catch {
            require(false, "a checkpoint that was loaded can be saved: \(error)")
        }
    }

    private func scanRejects(_ bytes: [UInt8]) {
        let calls = disk(with: bytes).calls
        let scan: RejectFileScan
        do throws(CheckpointError) {
            scan = try RejectFileScan(path: Self.path, calls: calls)
        } catch {
            return require(!error.description.isEmpty, "an error has words")
        }
        require(scan.length <= bytes.count && (scan.length == bytes.count) != scan.isTorn, "every byte has a meaning")
        require(scan.text.lines.count == scan.lines.count, "every line has a place")
        require(scan.text == scan.text.asWholeLines, "the text is whole lines")

        do throws(CheckpointError) {
            let file = try RejectFile(path: Self.path, counted: scan.lines.count, calls: calls) { _, _ in true }
            require(file.count == scan.lines.count, "every line counts")
            let mended = try RejectFileScan(path: Self.path, calls: calls)
            require(!mended.isTorn && mended.text == scan.text, "what a crash left is dropped, and nothing else")
        } catch {
            require(false, "a reject file that was scanned can be opened: \(error)")
        }
    }
}
