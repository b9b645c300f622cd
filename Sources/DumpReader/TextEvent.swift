/// What one step of reading a file led to.
enum TextEvent {
    /// More text may follow in the same frame.
    case text
    /// A frame with text in it ended, and its checksum was right.
    case endOfFrame
    case endOfFile
}
