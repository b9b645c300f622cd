/// What is read together from a source.
public enum SourceChunk: Sendable {
    case lines(LineChunk)
    case messages(MessageChunk)
}

/// The next thing that a source has.
public enum SourceStep: Sendable {
    case chunk(SourceChunk)
    /// Nothing has arrived for a moment; more may come.
    case idle
    case end
}

/// Reads one unit from a position to its end. One task at a time uses it.
public protocol RecordSource: ~Copyable {
    /// Where the next chunk begins; at the end of the unit the position behind it.
    var position: SourcePosition { get }

    /// The next records, in order, each once. Returns within a moment even if none arrive.
    mutating func next() async throws -> SourceStep
}
