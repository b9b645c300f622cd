/// The names of one record's members, so that a second value for one of them is noticed.
struct MemberNames {
    /// So many names are compared one by one, which takes no memory of its own and for a few is the fastest way.
    private static let few = 32

    /// The first `count` are the record's; the others wait to be written over.
    private var names: [JSONScanner.RawString] = []
    private var count = 0
    /// All names, once there are more than a few.
    private var many: Set<[UInt8]> = []

    var isEmpty: Bool { count == 0 }

    mutating func removeAll() {
        count = 0
        if !many.isEmpty { many.removeAll() }
    }

    /// - Parameter bytes: the text in which all the names stand.
    /// - Returns: whether the name was not there yet.
    mutating func insert(_ name: JSONScanner.RawString, _ bytes: Span<UInt8>) -> Bool {
        guard count < Self.few else { return insertAmongMany(name, bytes) }
        for index in 0..<count where JSONScanner.isEqual(names[index], name, bytes) { return false }
        if count == names.count {
            names.append(name)
        } else {
            names[count] = name
        }
        count += 1
        return true
    }

    private mutating func insertAmongMany(_ name: JSONScanner.RawString, _ bytes: Span<UInt8>) -> Bool {
        if many.isEmpty {
            for name in names { many.insert(JSONScanner.resolved(name, of: bytes)) }
        }
        return many.insert(JSONScanner.resolved(name, of: bytes)).inserted
    }
}
