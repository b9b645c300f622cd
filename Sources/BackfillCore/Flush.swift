/// What a server calls a flush that it was asked for.
public struct Flush: Sendable, Equatable {
    /// The segments that it closes.
    public var segments: [Int64]
    /// Everything that was acknowledged before this moment of the server's is part of it.
    public var timestamp: UInt64

    public init(segments: [Int64] = [], timestamp: UInt64 = 0) {
        self.segments = segments
        self.timestamp = timestamp
    }
}
