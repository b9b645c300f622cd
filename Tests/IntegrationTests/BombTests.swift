import Foundation
import Testing

/// Dumps that are small on disk and enormous inside.
@Suite(.serialized) struct BombTests {
    /// Writes a zstd file of many times one byte, without ever holding it.
    private func writeBomb(_ place: borrowing Workplace, _ byte: String, size: Int) async throws {
        let script = #"tr '\0' "$1" </dev/zero | head -c "$2" | zstd -q -o "$3""#
        _ = try await Command.output(
            of: "/usr/bin/env", ["bash", "-c", script, "bomb", byte, "\(size)", place.path("bomb.jsonl.zst")])
        let attributes = try FileManager.default.attributesOfItem(atPath: place.path("bomb.jsonl.zst"))
        #expect(attributes[.size] as? Int ?? .max < 1 << 20)
    }

    private func report(
        _ place: borrowing Workplace, _ byte: String, size: Int
    ) async throws -> (Int32, NSDictionary) {
        try await writeBomb(place, byte, size: size)
        try await Oracle(uri: TestEnvironment.lite()).create("bombs", People.schema)
        try place.writeJob(paths: ["bomb.jsonl.zst"], uri: TestEnvironment.lite(), collection: "bombs")
        return try await place.report()
    }

    @Test func aLineWithoutEndIsRefusedAtTheLimit() async throws {
        let place = try Workplace()
        let (code, report) = try await report(place, "[", size: 2 << 30)
        #expect(code == 1)
        #expect((report["error"] as? String)?.contains("longer than 67108864 bytes") == true, "\(report)")
        #expect(report["peakRSSBytes"] as? Int ?? .max < 400 << 20, "\(report)")
    }

    @Test func linesWithoutEndArePassedOverInBoundedMemory() async throws {
        let place = try Workplace()
        let (code, report) = try await report(place, #"\n"#, size: 512 << 20)
        #expect(code == 0, "\(report)")
        #expect(report["rowsRead"] as? Int == 0)
        #expect(report["peakRSSBytes"] as? Int ?? .max < 400 << 20, "\(report)")
    }
}
