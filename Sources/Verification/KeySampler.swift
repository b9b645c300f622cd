public import BackfillCore

/// Draws keys from a stream whose length nobody knows, each with the same chance however often it comes, and keeps a value
/// for each.
///
/// A key is drawn while its hash lies below a threshold. When more are drawn than there is room for, the threshold is
/// halved, and those above it are let go: what stays is what would have been drawn with the lower one from the beginning.
/// So the same threshold draws from another stream the keys that correspond.
public struct KeySampler<Value: Sendable>: Sendable {
    private let hash: SeededHash
    private let capacity: Int
    /// How often the threshold was halved: of so many powers of two one key is drawn.
    public private(set) var halvings: Int
    public private(set) var values: [PrimaryKey: Value] = [:]

    /// - Parameters:
    ///   - capacity: the most keys that are kept. About half as many at least are, where there are so many.
    ///   - halvings: how often the threshold is halved from the beginning.
    public init(seed: UInt64, capacity: Int, halvings: Int = 0) {
        precondition(capacity > 0, "A sample has keys.")
        self.hash = SeededHash(seed: seed)
        self.capacity = capacity
        self.halvings = halvings
    }

    public func draws(_ key: PrimaryKey) -> Bool {
        halvings == 0 || hash(key).leadingZeroBitCount >= halvings
    }

    /// Whether every key was drawn.
    public var isWhole: Bool { halvings == 0 }

    /// About how many keys there are, from how many were drawn.
    public var estimatedKeys: Int { values.count << halvings }

    /// Changes the value of a key if it is drawn.
    public mutating func draw(_ key: PrimaryKey, initially value: Value, _ change: (inout Value) -> Void = { _ in }) {
        guard draws(key) else { return }
        change(&values[key, default: value])
        while values.count > capacity, halvings < UInt64.bitWidth {
            halvings += 1
            values = values.filter { draws($0.key) }
        }
    }
}
