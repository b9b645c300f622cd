package import BackfillCore

/// One operation on one key; the version tells one upsert of the key from another.
package struct TestOperation: Equatable, Sendable {
    package var key: TestKey
    /// nil: a delete.
    package var version: Int64?
    package var size: Int

    package init(key: TestKey, version: Int64?, size: Int) {
        self.key = key
        self.version = version
        self.size = size
    }
}

extension DecodedChunk {
    /// A chunk of these operations over two columns, the key and a version.
    ///
    /// - Parameter hash: what stands for the decoder's hash; a bad one makes keys collide.
    package static func of(_ operations: [TestOperation], lanes: Int = 1, hash: KeyHash) -> DecodedChunk {
        let type: FieldType
        if case .text = operations.first?.key { type = .varChar(maxLength: 100) } else { type = .int64 }
        let keyField = FieldSchema(name: "id", type: type, isPrimaryKey: true)
        var keys = Column(field: keyField)
        var versions = Column(field: FieldSchema(name: "version", type: .int64))
        var deletedKeys = Column(field: keyField)
        var rows: [RowOperation] = []
        var laneRows = [[Int32]](repeating: [], count: lanes)
        for (index, operation) in operations.enumerated() {
            let keyHash = hash.value(operation.key)
            if let version = operation.version {
                versions.append(version)
                keys.append(operation.key)
                rows.append(
                    RowOperation(
                        keyHash: keyHash, row: keys.count - 1, size: operation.size, isDelete: false,
                        record: Int64(index)))
            } else {
                deletedKeys.append(operation.key)
                rows.append(
                    RowOperation(
                        keyHash: keyHash, row: deletedKeys.count - 1, size: operation.size, isDelete: true,
                        record: Int64(index)))
            }
            laneRows[Int(keyHash % UInt64(lanes))].append(Int32(index))
        }
        return DecodedChunk(
            columns: [versions, keys], keyColumn: 1, deletedKeys: deletedKeys, operations: rows, lanes: laneRows,
            rejects: [], counts: RecordCounts(), start: .line(.start(ofFile: 0)),
            end: .line(.start(ofFile: 1)))
    }
}

extension Column {
    fileprivate mutating func append(_ key: TestKey) {
        switch key {
        case .integer(let value): append(value)
        case .text(let text):
            bytes.append(contentsOf: text.utf8)
            closeRow()
        }
    }

    package func key(_ row: Int32) -> TestKey {
        guard layout == .bytes else { return .integer(integers[Int(row)]) }
        return .text(String(decoding: bytes[byteRange(Int(row))], as: UTF8.self))
    }
}
