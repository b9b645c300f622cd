// swift-tools-version: 6.2
import PackageDescription

/// CI sets this so that a warning fails the build; a user with a newer compiler is not punished for one.
let warningsAreErrors = Context.environment["MILVUS_BACKFILL_WARNINGS_AS_ERRORS"] == "1"

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .strictMemorySafety(),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

/// Set by Tests/fuzz.sh alone: builds the parsers with libFuzzer's and the address sanitizer's instrumentation, and the
/// program that feeds them. `swift build --sanitize` would instrument the other packages too, which makes them slow and
/// leads libFuzzer into them.
let isFuzzing = Context.environment["MILVUS_BACKFILL_FUZZING"] == "1"
let fuzzingFlags = ["-sanitize=fuzzer,address"]

let package = Package(
    name: "milvus-backfill",
    products: [
        .executable(name: "milvus-backfill", targets: ["milvus-backfill"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .target(name: "BackfillCore", swiftSettings: settings),
        .target(name: "Zstd", dependencies: ["CZstd"], swiftSettings: settings),
        .target(name: "RowDecoding", dependencies: ["BackfillCore"], swiftSettings: settings),
        .target(
            name: "DumpReader",
            dependencies: ["BackfillCore", "Zstd", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .target(name: "KafkaReader", dependencies: ["BackfillCore", "CRdKafka"], swiftSettings: settings),
        .target(
            name: "JobFiles",
            dependencies: ["BackfillCore", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(name: "Checkpoints", dependencies: ["BackfillCore", "Zstd"], swiftSettings: settings),
        .target(name: "Verification", dependencies: ["BackfillCore", "Checkpoints"], swiftSettings: settings),
        .target(name: "DumpWriter", dependencies: ["BackfillCore", "Checkpoints", "Zstd"], swiftSettings: settings),
        .target(name: "HTTPTransport", dependencies: ["CCurl"], swiftSettings: settings),
        .target(
            name: "Metrics", dependencies: ["BackfillCore", "Checkpoints", "HTTPTransport"], swiftSettings: settings),
        .target(
            name: "MilvusStore",
            dependencies: [
                "BackfillCore", "HTTPTransport",
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Protos"],
            swiftSettings: settings),
        .target(
            name: "EmbeddedMilvus",
            dependencies: [
                "BackfillCore",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "BackfillEngine",
            dependencies: [
                "BackfillCore", "RowDecoding", "DumpReader", "KafkaReader", "DumpWriter", "Checkpoints", "Verification",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "BackfillCommands",
            dependencies: [
                "BackfillCore", "BackfillEngine", "Checkpoints", "DumpWriter", "EmbeddedMilvus",
                "HTTPTransport", "JobFiles", "KafkaReader", "Metrics", "MilvusStore", "RowDecoding",
                "Verification", "Zstd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "milvus-backfill",
            dependencies: ["BackfillCommands", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),
        .testTarget(
            name: "JobFilesTests", dependencies: ["BackfillCore", "JobFiles", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "CheckpointsTests", dependencies: ["BackfillCore", "Checkpoints", "TestSupport", "Zstd"],
            swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["BackfillCore", "Checkpoints"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .systemLibrary(name: "CRdKafkaMock", path: "Tests/CRdKafkaMock", pkgConfig: "rdkafka"),
        .target(
            name: "MockKafka", dependencies: ["CRdKafkaMock"], path: "Tests/MockKafka", swiftSettings: settings),
        .testTarget(
            name: "KafkaReaderTests", dependencies: ["BackfillCore", "KafkaReader", "MockKafka", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "DumpWriterTests",
            dependencies: ["BackfillCore", "Checkpoints", "DumpReader", "DumpWriter", "TestSupport", "Zstd"],
            swiftSettings: settings),
        .testTarget(
            name: "VerificationTests", dependencies: ["BackfillCore", "TestSupport", "Verification"],
            swiftSettings: settings),
        .testTarget(name: "BackfillCoreTests", dependencies: ["BackfillCore", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "BackfillEngineTests",
            dependencies: [
                "BackfillCore", "BackfillEngine", "KafkaReader", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RowDecodingTests", dependencies: ["BackfillCore", "RowDecoding", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPTransportTests", dependencies: ["HTTPTransport", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "DocumentationTests", swiftSettings: settings),
        .testTarget(
            name: "MetricsTests", dependencies: ["BackfillCore", "Metrics", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "MilvusStoreTests",
            dependencies: [
                "BackfillCore", "MilvusStore", "RowDecoding", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings),
        .testTarget(name: "ZstdTests", dependencies: ["Zstd"], swiftSettings: settings),
        .testTarget(
            name: "DumpReaderTests", dependencies: ["BackfillCore", "DumpReader", "TestSupport", "Zstd"],
            swiftSettings: settings),
        .testTarget(
            name: "StoreConformanceTests",
            dependencies: ["BackfillCore", "MilvusStore", "RowDecoding"],
            swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "TestSupport", "Zstd",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["oracle.py", "searcher.py", "topics.py", "property"],
            swiftSettings: settings),
    ]
)

if isFuzzing {
    let instrumented: Set = ["BackfillCore", "Zstd", "RowDecoding", "DumpReader", "JobFiles", "Checkpoints"]
    for target in package.targets where instrumented.contains(target.name) {
        target.swiftSettings = settings + [.unsafeFlags(fuzzingFlags)]
    }
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "Fuzzing",
            dependencies: [
                "BackfillCore", "Checkpoints", "CLibFuzzer", "DumpReader", "JobFiles", "RowDecoding", "TestSupport",
                "Zstd",
            ],
            path: "Tests/Fuzzing/Targets",
            swiftSettings: settings + [.unsafeFlags(fuzzingFlags)],
            // The system's other linkers warn about every symbol of the sanitizer.
            linkerSettings: [.unsafeFlags(fuzzingFlags + ["-use-ld=lld"])]),
    ]
}
