import BackfillCore

/// Looks up how new the stored rows of a batch's keys are.
struct StoredVersions: Sendable {
    let versions: RowVersions
    /// The collection's primary key.
    let key: FieldSchema
    let store: any CollectionStore

    /// The batch without the rows that are older than the stored ones, as those are now.
    func leavingOutOlder(_ batch: RowBatch) async throws(StoreError) -> RowBatch {
        let keys = batch.upsertedKeys
        var stored: [PrimaryKey: RowVersion] = [:]
        for start in stride(from: 0, to: keys.count, by: RowQuery.mostRows) {
            try await read(keys[start..<min(start + RowQuery.mostRows, keys.count)], into: &stored)
        }
        return batch.leavingOutOlder(than: stored)
    }

    private func read(
        _ keys: ArraySlice<PrimaryKey>, into stored: inout [PrimaryKey: RowVersion]
    ) async throws(StoreError) {
        let columns: [Column]
        do throws(StoreError) {
            columns = try await store.query(RowQuery(.keys(Array(keys)), fields: [key, versions.field]))
        } catch .tooLarge where keys.count > 1 {
            let middle = keys.startIndex + keys.count / 2
            try await read(keys[..<middle], into: &stored)
            try await read(keys[middle...], into: &stored)
            return
        } catch .tooLarge(let words), .refusedRows(let words) {
            // The batch's rows are not to be blamed for an answer to a question.
            throw .fatal("the stored rows cannot be compared with the records: \(words)")
        } catch .unexpected(let words) {
            // No rows were sent that it could mean.
            throw .transient(words)
        }
        for row in 0..<columns[0].count {
            guard let version = versions.version(ofRow: row, in: columns[1]) else {
                throw .fatal(
                    "the server tells a value of field `\(versions.field.name)` that cannot be compared, for the key "
                        + "\(columns[0].key(ofRow: row))")
            }
            // Where a key stands in several partitions, the newest row counts.
            let name = columns[0].key(ofRow: row)
            stored[name] = max(version, stored[name] ?? .none)
        }
    }
}
