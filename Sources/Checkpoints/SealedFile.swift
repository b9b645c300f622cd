import Foundation

/// A document that states the version of its own form, as the member `version`.
package protocol SealedDocument: Codable {
    /// The only version that this program reads and writes.
    static var currentVersion: Int { get }
}

/// A file that holds one document, as JSON that a person can read.
///
/// The last member, `checksum`, is the CRC-32 of everything before it: a file that was cut short, damaged or edited is
/// refused rather than trusted. Only one process may write to the file at a time. All calls block their thread.
package struct SealedFile<Document: SealedDocument>: Sendable {
    package var path: String { file.path }
    private let file: AtomicFile

    package init(path: String, calls: FileSystemCalls) {
        self.file = AtomicFile(path: path, calls: calls)
    }

    /// The stored document, or nil when there is no file.
    package func load() throws(SealedFileError) -> Document? {
        guard let bytes = try perform({ () throws(CheckpointError) in try file.read() }) else { return nil }
        if bytes.isEmpty { throw .damaged(.empty) }
        // The version comes first: the checksum of another version may be made in another way.
        let version = try decode(Version.self, from: bytes) { _ in .foreign }.version
        guard version == Document.currentVersion else { throw .unknownVersion(version) }
        let text = bytes.dropLast(Self.trailerLength)
        guard bytes.elementsEqual(Self.seal(text)) else { throw .damaged(.wrongChecksum) }
        return try decode(Document.self, from: bytes) { .wrongShape(detail: Self.place(of: $0)) }
    }

    /// Puts the document in the place of the stored one and returns when it is on the disk; see
    /// `AtomicFile.replace(with:)` for what stands in the file after an error.
    package func save(_ document: Document) throws(SealedFileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text: Data
        do {
            text = try encoder.encode(document)
        } catch {
            throw .unwritable(detail: String(describing: error))
        }
        try perform { () throws(CheckpointError) in try file.replace(with: Self.seal(text.dropLast(Self.closing.count)))
        }
    }

    /// Renames the file to `<path>.previous`, in the place of an older one.
    ///
    /// - Returns: The path that it has now, or nil when there was none.
    package func setAside() throws(SealedFileError) -> String? {
        try perform { () throws(CheckpointError) in try file.setAside() }
    }

    private func perform<Value>(_ work: () throws(CheckpointError) -> Value) throws(SealedFileError) -> Value {
        do throws(CheckpointError) {
            return try work()
        } catch {
            throw .file(error)
        }
    }

    /// What Foundation writes after the last member.
    private static var closing: [UInt8] { Array("\n}".utf8) }
    private static var trailerLength: Int { trailer(for: []).count }

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
        damage: (any Error) -> SealedFileDamage
    ) throws(SealedFileError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .damaged(damage(error))
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
