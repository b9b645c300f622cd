import BackfillCore
import DumpReader
import RowDecoding

/// Reads one unit: decodes its chunks concurrently and hands them on in order.
struct UnitReader: Sendable {
    let unit: Int
    let files: [CheckpointDocument.SourceFile]
    let position: DumpPosition
    let decoder: ChunkDecoder
    /// Chunks that are decoded at the same time.
    let width: Int

    /// Reads until the unit's end, or until `isStopped`.
    ///
    /// - Parameters:
    ///   - onRead: called for every chunk as it comes from the disk.
    ///   - route: called for every decoded chunk, in order; false stops the reading.
    /// - Returns: the unit's end if it was reached.
    /// - Throws: `DumpError` after everything before the fault was handed on, and what `route` throws.
    func read(
        isStopped: @Sendable () -> Bool,
        onRead: (LineChunk) -> Void,
        route: (DecodedChunk) async throws -> Bool
    ) async throws -> DumpPosition? {
        try await withThrowingTaskGroup(of: (Int, DecodedChunk).self) { group in
            var reader = DumpReader(files: files, from: position)
            var decoded: [Int: DecodedChunk] = [:]
            var started = 0
            var routed = 0
            var isAtEnd = false
            var fault: DumpError?
            while true {
                while started - routed < width, !isAtEnd, fault == nil, !isStopped() {
                    do throws(DumpError) {
                        guard let chunk = try reader.nextChunk() else {
                            isAtEnd = true
                            break
                        }
                        onRead(chunk)
                        let number = started
                        group.addTask { (number, decoder.decode(chunk)) }
                        started += 1
                    } catch {
                        fault = error
                    }
                }
                guard started > routed, let (number, chunk) = try await group.next() else { break }
                decoded[number] = chunk
                while let next = decoded.removeValue(forKey: routed) {
                    guard try await route(next) else {
                        group.cancelAll()
                        return nil
                    }
                    routed += 1
                }
            }
            if let fault { throw fault }
            return isAtEnd ? reader.position : nil
        }
    }
}
