import BackfillCore
import MilvusStore
import Testing

/// What a server lacks follows from what it says that it is.
@Suite struct ServerVersionTests {
    @Test(arguments: [
        ("v2.3.5-lite", "Milvus 2.3.5"), ("2.4.15", "Milvus 2.4.15"), ("v2.6.0-rc1", "Milvus 2.6.0"),
        ("milvus_lite-3.2.2", "Milvus Lite 3.2.2"), ("", "Milvus"), ("unknown", "Milvus"),
        ("milvus_lite", "Milvus Lite"),
    ])
    func theNameIsTheServersOwn(text: String, name: String) {
        #expect(ServerVersion(text).limits.name == name)
    }

    @Test func olderServersLackMore() {
        let versions = ["v2.2.16", "v2.3.5-lite", "v2.4.0", "v2.5.27", "v2.6.0", "v2.10.1", "v3.0.1", "unknown"]
        let limits = versions.map { ServerVersion($0).limits }
        for (older, newer) in zip(limits, limits.dropFirst()) {
            #expect(
                older.missing.isSuperset(of: newer.missing) && older.missingTypes.isSuperset(of: newer.missingTypes))
        }
        #expect(limits[1].missingTypes.isSuperset(of: ["Float16Vector", "SparseFloatVector", "Geometry"]))
        #expect(limits[1].missing.isSuperset(of: [.nullableFields, .absentValues, .severalVectorFields, .jsonArrays]))
        #expect(limits[2].missing == [.nullableFields, .absentValues, .functions])
        #expect(limits[3].missing == [] && limits[3].missingTypes == ["Int8Vector", "Geometry", "Timestamptz"])
        for newest in limits[4...] { #expect(newest.missing == [] && newest.missingTypes == []) }
    }

    @Test func milvusLiteIsNoOlderMilvus() {
        let limits = ServerVersion("milvus_lite-3.2.2").limits
        #expect(ServerVersion("milvus_lite-3.2.2").isLite && !ServerVersion("v2.3.5-lite").isLite)
        #expect(limits.missingTypes == ["BinaryVector", "Float16Vector", "BFloat16Vector", "Int8Vector"])
        #expect(!limits.missing.contains(.nullableFields) && !limits.missing.contains(.absentValues))
    }
}
