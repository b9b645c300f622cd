package import BackfillCore

/// What a server says that it is.
package struct ServerVersion: Sendable {
    /// Milvus Lite is a program of its own that speaks the same protocol.
    package let isLite: Bool
    private let number: String
    /// The one that a job starts itself, before it has said more.
    package static let embedded = ServerVersion("milvus_lite")

    private let release: (major: Int, minor: Int)?

    /// - Parameter text: the answer to GetVersion: `v2.3.5-lite`, `milvus_lite-3.2.2`, `2.5.4`.
    package init(_ text: String) {
        isLite = text.hasPrefix("milvus_lite")
        let digits = text.drop { !$0.isASCII || !$0.isNumber }
        number = String(digits.prefix { $0.isASCII && ($0.isNumber || $0 == ".") })
        let parts = number.split(separator: ".").compactMap { Int($0) }
        release = parts.count >= 2 ? (parts[0], parts[1]) : nil
    }

    package var limits: ServerLimits {
        if isLite {
            return ServerLimits(
                name: number.isEmpty ? "Milvus Lite" : "Milvus Lite \(number)",
                missing: [
                    .jsonScalars, .emptySparseVectors, .nullSparseVectors, .nullVectorsReadBack, .anyGeometry, .shards,
                    .consistencyLevels, .partitionCounts,
                ],
                missingTypes: ["BinaryVector", "Float16Vector", "BFloat16Vector", "Int8Vector"])
        }
        var limits = ServerLimits(name: number.isEmpty ? "Milvus" : "Milvus \(number)")
        // The releases are those in whose notes Milvus names the feature. What 2.3.5 lacks was measured: among others it
        // drops the mark of a nullable field without a word, and crashes on loading a type that it does not know.
        if isBefore(2, 4) {
            limits.missing.formUnion([.severalVectorFields, .jsonArrays, .jsonScalars])
            limits.missingTypes.formUnion(["Float16Vector", "BFloat16Vector", "SparseFloatVector"])
        }
        if isBefore(2, 5) {
            limits.missing.formUnion([.nullableFields, .absentValues, .functions])
        }
        if isBefore(2, 6) {
            limits.missingTypes.formUnion(["Int8Vector", "Geometry", "Timestamptz"])
        }
        return limits
    }

    private func isBefore(_ major: Int, _ minor: Int) -> Bool {
        guard let release else { return false }
        return release < (major, minor)
    }
}
