import Foundation
import JobFiles
import TestSupport

/// A job file, then, each behind a zero byte, the values of `--set`, `--range`, `--from` and `--starting-offsets`.
struct JobTarget: FuzzTarget {
    private static let secret = "an-environment's-secret"

    private let path = FileManager.default.temporaryDirectory.appending(path: "job.yaml").path(percentEncoded: false)

    init() throws {
        try write([], to: path)
    }

    func run(_ input: [UInt8]) {
        let parts = input.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)
        let flags = parts.dropFirst().map { String(decoding: $0, as: UTF8.self) }
        do {
            try write(Array(parts[0]), to: path)
        } catch {
            return require(false, "\(error)")
        }
        let ranges = RangeOverrides(
            ranges: flags.count > 1 ? [flags[1]] : [], from: flags.count > 2 ? flags[2] : nil,
            startingOffsets: flags.count > 3 ? flags[3] : nil)
        do throws(JobFileError) {
            _ = try JobFile.load(
                path: path, overrides: Array(flags.prefix(1)), ranges: ranges, environment: ["TOKEN": Self.secret])
        } catch {
            require(!error.description.isEmpty, "an error has words")
            require(!error.description.contains(Self.secret), "no diagnostic tells a secret")
        }
    }
}
