public import BackfillCore
import Foundation

/// The file in which a job keeps its checkpoint, as JSON that a person can read.
///
/// The last member, `checksum`, is the CRC-32 of everything before it: a file that was cut short, damaged or edited is
/// refused rather than trusted. Hold the job's `RunLock` while calling `save` or `remove`. All calls block their
/// thread.
public struct CheckpointFile: Sendable {
    public var path: String { file.path }
    private let file: AtomicFile

    public init(path: String) {
        self.init(path: path, calls: .live)
    }

    package init(path: String, calls: FileSystemCalls) {
        self.file = AtomicFile(path: path, calls: calls)
    }

    /// The stored document, or nil when there is no file.
    ///
    /// - Throws: `CheckpointError.damaged`, `.unknownVersion`, or `.system` when the file cannot be read.
    public func load() throws(CheckpointError) -> CheckpointDocument? {
        guard let bytes = try file.read() else { return nil }
        if bytes.isEmpty { throw .damaged(path: path, .empty) }
        // The version comes first: the checksum of another version may be made in another way.
        let version = try decode(Version.self, from: bytes) { _ in .notACheckpoint }.version
        guard version == CheckpointDocument.currentVersion else {
            throw .unknownVersion(path: path, version: version)
        }
        let text = bytes.dropLast(Self.trailerLength)
        guard bytes.elementsEqual(Self.seal(text)) else { throw .damaged(path: path, .wrongChecksum) }
        return try decode(CheckpointDocument.self, from: bytes) { .wrongShape(detail: Self.place(of: $0)) }
    }

    /// Puts the document in the place of the stored one and returns when it is on the disk.
    ///
    /// - Throws: `CheckpointError.system`; see `AtomicFile.replace(with:)` for what then stands in the file.
    public func save(_ document: CheckpointDocument) throws(CheckpointError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text: Data
        do {
            text = try encoder.encode(document)
        } catch {
            throw .unwritable(path: path, detail: String(describing: error))
        }
        try file.replace(with: Self.seal(text.dropLast(Self.closing.count)))
    }

    /// Sets the checkpoint aside as `<path>.previous`, in the place of an older one, for a job that starts over.
    ///
    /// - Returns: The path that it has now, or nil when there was none.
    /// - Throws: `CheckpointError.system`.
    @discardableResult
    public func remove() throws(CheckpointError) -> String? {
        try file.setAside()
    }

    /// What Foundation writes after the last member.
    private static let closing = Array("\n}".utf8)
    private static let trailerLength = trailer(for: []).count

    private struct Version: Decodable {
        var version: Int
    }

    /// The text of the document up to its last member, and the checksum as one member more.
    private static func seal(_ text: some Collection<UInt8>) -> [UInt8] {
        Array(text) + trailer(for: text)
    }

    private static func trailer(for text: some Collection<UInt8>) -> [UInt8] {
        Array(",\n  \"checksum\" : \"\(CRC32(of: text).hexadecimal)\"\n}\n".utf8)
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        damage: (any Error) -> CheckpointDamage
    ) throws(CheckpointError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .damaged(path: path, damage(error))
        }
    }

    private static func place(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return String(describing: error) }
        let context: DecodingError.Context
        var names: [String] = []
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        case .keyNotFound(let key, let found):
            context = found
            names = [key.stringValue]
        @unknown default:
            return String(describing: error)
        }
        return "see " + (context.codingPath.map(\.stringValue) + names).joined(separator: ".")
    }
}
