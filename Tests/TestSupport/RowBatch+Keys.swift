package import BackfillCore

extension RowBatch {
    /// The rows that the batch writes: key and version.
    package var upsertedRows: [(key: TestKey, version: Int64)] {
        upserts.map { reference in
            let columns = chunks[Int(reference.chunk)].columns
            return (columns[1].key(reference.row), columns[0].integers[Int(reference.row)])
        }
    }

    package var deletedKeys: [TestKey] {
        deletes.map { chunks[Int($0.chunk)].deletedKeys.key($0.row) }
    }

    /// Leaves in `state` what a store would hold afterwards.
    package func apply(to state: inout [TestKey: Int64]) {
        for row in upsertedRows { state[row.key] = row.version }
        for key in deletedKeys { state[key] = nil }
    }
}
