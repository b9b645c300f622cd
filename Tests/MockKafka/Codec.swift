/// How a producer compresses batches.
package enum Codec: String, Sendable, CaseIterable {
    case none, gzip, snappy, lz4, zstd
}
