import Foundation

/// Compares the rows of a collection with those that have to be there.
enum RowComparison {
    /// What differs, one line a key.
    static func differences(
        between rows: [String: NSDictionary], and expected: [String: NSDictionary]
    ) -> [String] {
        let unexpected = Set(rows.keys).subtracting(expected.keys).map { "unexpected key \($0)" }
        let others = expected.compactMap { key, row in
            guard let found = rows[key] else { return "missing key \(key)" }
            return found == row ? nil : "key \(key): \(found) in place of \(row)"
        }
        return (unexpected + others).sorted()
    }
}
