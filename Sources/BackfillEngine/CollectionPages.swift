import BackfillCore

/// Reads rows of a collection back, as many at a time as fit an answer.
struct CollectionPages<Store: CollectionStore>: Sendable {
    /// Bytes of rows that a page aims at.
    private static var targetBytes: Int { 8 << 20 }
    private static var firstRows: Int { 1000 }

    let store: Store
    let retry: ServerRetry
    /// The primary key first.
    let fields: [FieldSchema]

    /// Hands on all rows in the order of their keys, page by page; the next page is asked for while `take` works.
    ///
    /// - Throws: `StoreError`, and what `take` throws.
    func forEach(_ take: @Sendable (_ page: [Column]) throws -> Void) async throws {
        var page = try await page(after: nil, rows: Self.firstRows)
        while let key = page.lastKey {
            let (columns, rows) = (page.columns, page.nextRows)
            async let next = self.page(after: key, rows: rows)
            try take(columns)
            page = try await next
        }
    }

    private func page(after key: PrimaryKey?, rows: Int) async throws(StoreError) -> Page {
        var rows = rows
        while true {
            do throws(StoreError) {
                let columns = try await query(.page(after: key, limit: rows))
                try requireOrder(columns[0], after: key)
                return Page(columns: columns, nextRows: Self.rows(toFit: columns) ?? rows)
            } catch .tooLarge(let text) {
                guard rows > 1 else { throw .tooLarge(text) }
                rows /= 2
            }
        }
    }

    /// Hands on the rows with these keys, some at a time.
    func forEach(
        of keys: [PrimaryKey], _ take: (_ asked: [PrimaryKey], _ rows: [Column]) -> Void
    ) async throws(StoreError) {
        var done = 0
        var rows = Self.firstRows
        while done < keys.count {
            let asked = Array(keys[done..<min(done + rows, keys.count)])
            do throws(StoreError) {
                let columns = try await query(.keys(asked))
                take(asked, columns)
                done += asked.count
                rows = min(Self.firstRows, Self.rows(toFit: columns) ?? rows)
            } catch .tooLarge(let text) {
                guard asked.count > 1 else { throw .tooLarge(text) }
                rows = asked.count / 2
            }
        }
    }

    private func query(_ selection: RowQuery.Selection) async throws(StoreError) -> [Column] {
        try await retry { () async throws(StoreError) in try await store.query(RowQuery(selection, fields: fields)) }
    }

    /// A server that gives pages in another order would leave rows out, and nobody would notice.
    private func requireOrder(_ keys: Column, after key: PrimaryKey?) throws(StoreError) {
        var previous = key
        for row in 0..<keys.count {
            let key = keys.key(ofRow: row)
            if let previous, key <= previous {
                throw .fatal("the server does not answer in the order of the keys: `\(key)` came after `\(previous)`")
            }
            previous = key
        }
    }

    /// nil where there are no rows to learn from.
    private static func rows(toFit columns: [Column]) -> Int? {
        guard columns[0].count > 0 else { return nil }
        let bytes = columns.reduce(0) { $0 + $1.bytesInMemory }
        return min(RowQuery.mostRows, max(1, targetBytes * columns[0].count / max(1, bytes)))
    }

    private struct Page: Sendable {
        var columns: [Column]
        var nextRows: Int

        /// The greatest key; nil where there are no rows.
        var lastKey: PrimaryKey? {
            columns[0].count == 0 ? nil : columns[0].key(ofRow: columns[0].count - 1)
        }
    }
}

extension Column {
    fileprivate var bytesInMemory: Int {
        8 * (integers.count + doubles.count + ends.count) + 4 * floats.count + bytes.count
    }
}
