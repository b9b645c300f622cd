import BackfillCore
import RowDecoding

/// Reads one unit: decodes its chunks concurrently and hands them on in order.
struct UnitReader: Sendable {
    let decoder: ChunkDecoder
    /// Chunks that are decoded at the same time.
    let width: Int

    /// Reads until the unit's end, or until `isStopped`.
    ///
    /// - Parameters:
    ///   - onRead: called for every chunk as it comes from the source.
    ///   - route: called for every decoded chunk, in order; false stops the reading.
    /// - Returns: the unit's end if it was reached.
    /// - Throws: what the source throws, after everything before the fault was handed on, and what `route` throws.
    func read<Source: RecordSource & ~Copyable>(
        _ source: inout Source,
        isStopped: @Sendable () -> Bool,
        onRead: (SourceChunk) -> Void,
        route: (DecodedChunk) async throws -> Bool
    ) async throws -> SourcePosition? {
        try await withThrowingTaskGroup(of: (Int, DecodedChunk).self) { group in
            var decoded: [Int: DecodedChunk] = [:]
            var started = 0
            var routed = 0
            var isAtEnd = false
            var fault: (any Error)?
            while true {
                reading: while started - routed < width, !isAtEnd, fault == nil, !isStopped() {
                    do {
                        switch try await source.next() {
                        case .chunk(let chunk):
                            onRead(chunk)
                            let number = started
                            group.addTask { (number, decoder.decode(chunk)) }
                            started += 1
                        case .idle:
                            // What is decoded must not wait for what has not been sent yet.
                            if started > routed { break reading }
                        case .end:
                            isAtEnd = true
                        }
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
            return isAtEnd ? source.position : nil
        }
    }
}
